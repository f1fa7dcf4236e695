import { blobSettings, imageConnection, queueFunction, resNetSettings } from 'contract.bicep'

@description('Name of the app.')
param name string

@description('Name of the plan.')
param planName string

@description('Name of the service in azure.yaml that this app runs.')
param serviceName string

@description('Identity that the app runs as.')
param identityName string

@description('The host\'s storage account.')
param hostStorageName string

@description('Container of the host\'s account that holds the deployment package.')
param packageContainer string

@description('Storage account of the images.')
param imageStorageName string

@description('Container that images are uploaded to.')
param imagesContainer string

@description('Container that results are written to; empty: beside the images.')
param resultsContainer string

@description('Queue of images to classify.')
param workQueue string

@description('Application Insights component.')
param insightsName string

@description('Memory of an instance, which decides its cores.')
param instanceMemoryMB (2048 | 4096)

@description('Largest number of instances.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

@description('Requests at once on an instance, above which the platform adds one.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int

@description('Blobs at once on an instance: those of events, and again those of the work queue.')
@minValue(1)
@maxValue(100)
param blobConcurrency int

@description('Instances kept running for HTTP.')
@minValue(0)
param alwaysReadyHttp int

@description('Instances kept running for blobs.')
@minValue(0)
param alwaysReadyBlob int

@description('Instances kept running for the work queue.')
@minValue(0)
param alwaysReadyQueue int

@description('Origins of other web pages that may call the app.')
param corsOrigins string[]

@description('Settings of section ResNet.')
param resNet resNetSettings

@description('Settings of section Blobs.')
param blobs blobSettings

@description('Region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Cores of an instance, by its memory.')
var cores = instanceMemoryMB == 4096 ? 2 : 1

@description('Groups of functions with instances kept running.')
var alwaysReady = filter(
  [
    { name: 'http', instanceCount: alwaysReadyHttp }
    { name: 'blob', instanceCount: alwaysReadyBlob }
    { name: 'function:${queueFunction}', instanceCount: alwaysReadyQueue }
  ],
  group => group.instanceCount > 0
)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource imageStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: imageStorageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': serviceName })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Event Grid calls the app's webhook from the public internet: behind a private endpoint no event would arrive.
    publicNetworkAccess: 'Enabled'
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      cors: { allowedOrigins: corsOrigins }
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
  }

  // Deployment takes an Entra token; the user name and password that a site also has are switched off.
  resource basicAuthentication 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  // No FUNCTIONS_WORKER_RUNTIME: on Flex Consumption functionAppConfig.runtime says it, and the setting is refused.
  // What comes first in the union can be overridden by the parameters; connections and containers cannot.
  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        ResNet__MaxConcurrency: string(cores)
        Blobs__SweepSchedule: '0 0 3 * * *'
        Blobs__SweepMinimumAge: '00:10:00'
      },
      toObject(items(resNet), setting => 'ResNet__${setting.key}', setting => string(setting.value)),
      toObject(items(blobs), setting => 'Blobs__${setting.key}', setting => string(setting.value)),
      empty(resultsContainer) ? {} : { Blobs__ResultsContainer: resultsContainer },
      {
        Blobs__ImagesContainer: imagesContainer
        Blobs__WorkQueue: workQueue

        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identity.properties.clientId
        AzureWebJobsStorage__blobServiceUri: hostStorage.properties.primaryEndpoints.blob
        AzureWebJobsStorage__queueServiceUri: hostStorage.properties.primaryEndpoints.queue
        AzureWebJobsStorage__tableServiceUri: hostStorage.properties.primaryEndpoints.table

        // The queues are for the walks, the images that they find, and what was given up.
        '${imageConnection}__credential': 'managedidentity'
        '${imageConnection}__clientId': identity.properties.clientId
        '${imageConnection}__blobServiceUri': imageStorage.properties.primaryEndpoints.blob
        '${imageConnection}__queueServiceUri': imageStorage.properties.primaryEndpoints.queue

        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'

        // functionAppConfig.triggers knows http alone. The platform's scale decision for blobs reads this too.
        AzureFunctionsJobHost__extensions__blobs__maxDegreeOfParallelism: string(blobConcurrency)

        // At once: a batch, and as many as the threshold says. The platform wants an instance for so many messages.
        AzureFunctionsJobHost__extensions__queues__batchSize: string(blobConcurrency - blobConcurrency / 2)
        AzureFunctionsJobHost__extensions__queues__newBatchThreshold: string(blobConcurrency / 2)
      }
    )
  }
}

@description('Address of the app.')
output endpoint string = 'https://${app.properties.defaultHostName}'
