targetScope = 'subscription'

import { blobSettings, resNetSettings } from 'app/contract.bicep'

@description('Name of the environment. Resources are named by a hash of it, the subscription and the region.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region. Flex Consumption is not in all of them: `az functionapp list-flexconsumption-locations`.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Resource group to make; empty: rg- and the name of the environment.')
param resourceGroupName string = ''

@description('Memory of an instance in MB: 2048 has one core, 4096 has two. The 512 of Flex Consumption is left out: a quarter of a core, and too small for a 64-megapixel picture.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('Largest number of instances, HTTP and blobs together: the ceiling on cost. 250 cores are a subscription\'s quota in a region, unless raised.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Requests at once on an instance, above which the platform adds one; 0: four a core. A picture keeps a core busy for about 40 ms, so four wait for each other a little, which is far less than a new instance takes to start.')
@minValue(0)
@maxValue(1000)
param httpConcurrency int = 0

@description('Blobs at once on an instance, those of events and again those of the work queue; 0: two a core, so that one is computed while the other is read and written.')
@minValue(0)
@maxValue(100)
param blobConcurrency int = 0

@description('Instances kept running for HTTP, so that no request waits for one to start.')
@minValue(0)
param alwaysReadyHttp int = 0

@description('Instances kept running for blobs.')
@minValue(0)
param alwaysReadyBlob int = 0

@description('Instances kept running for the work queue.')
@minValue(0)
param alwaysReadyQueue int = 0

@description('Origins of other web pages that may call the app, such as https://example.org. The app\'s own page needs none.')
param corsOrigins string[] = []

@description('Container that images are uploaded to.')
@minLength(3)
@maxLength(63)
param imagesContainer string = 'images'

@description('Container that results are written to; empty: beside the images.')
@maxLength(63)
param resultsContainer string = ''

@description('Queue of images that a sweep or a backfill found. Further queues and a container are named after it, so it must be no container of images or results.')
@minLength(3)
@maxLength(50)
param workQueue string = 'image-work'

@description('Object id of who may upload images and read results: with azd, who runs it. Empty: nobody but the app.')
param uploaderPrincipalId string = ''

@description('Kind of that principal. A pipeline is a ServicePrincipal.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param uploaderPrincipalType string = 'User'

@description('Redundancy of both storage accounts: LRS in one building, ZRS in three.')
param storageSku ('Standard_LRS' | 'Standard_ZRS') = 'Standard_LRS'

@description('Days that deleted or overwritten images can be brought back.')
@minValue(1)
@maxValue(365)
param recoveryDays int = 7

@description('Days after their last change at which images and their results are deleted; 0: never.')
@minValue(0)
param deleteImagesAfterDays int = 0

@description('Days that telemetry is kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Ceiling on telemetry in GB a day, after which it is dropped until the next; -1: none.')
@minValue(-1)
param dailyLogQuotaGb int = 1

@description('Who is told by mail when an alert fires; empty: alerts show in the portal alone.')
param alertEmail string = ''

@description('p95 of a classification over HTTP, in milliseconds, above which an alert fires.')
@minValue(1)
param alertLatencyMs int = 2000

@description('Minutes that an image may wait in the work queue, above which an alert fires. A large backfill keeps them waiting for longer.')
@minValue(1)
param alertQueueMinutes int = 60

@description('Settings of the classifier that differ from the code\'s defaults.')
param resNet resNetSettings = {}

@description('Settings of the blob pipeline that differ from the template\'s defaults.')
param blobs blobSettings = {}

@description('Makes names unique.')
var token = uniqueString(subscription().id, environmentName, location)

@description('On every resource; azd finds them by it.')
var tags = { 'azd-env-name': environmentName }

@description('Names of the resources.')
var names = {
  app: 'func-${token}'
  plan: 'plan-${token}'
  identity: 'id-${token}'
  hostStorage: 'sthost${token}'
  imageStorage: 'stimages${token}'
  topic: 'evgt-${token}'
  workspace: 'log-${token}'
  insights: 'appi-${token}'
}

@description('Container of the deployment package.')
var packageContainer = 'app-package'

@description('Container of undelivered events.')
var deadLetterContainer = 'undelivered-events'

@description('Cores of an instance, by its memory.')
var cores = instanceMemoryMB == 4096 ? 2 : 1

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: empty(resourceGroupName) ? 'rg-${environmentName}' : resourceGroupName
  location: location
  tags: tags
}

module identity 'app/identity.bicep' = {
  scope: group
  params: {
    name: names.identity
    location: location
    tags: tags
  }
}

module monitoring 'app/monitoring.bicep' = {
  scope: group
  dependsOn: [identity]
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    identityName: names.identity
    retentionDays: logRetentionDays
    dailyQuotaGb: dailyLogQuotaGb
    location: location
    tags: tags
  }
}

module hostStorage 'app/hostStorage.bicep' = {
  scope: group
  dependsOn: [identity]
  params: {
    name: names.hostStorage
    packageContainer: packageContainer
    identityName: names.identity
    sku: storageSku
    location: location
    tags: tags
  }
}

module imageStorage 'app/imageStorage.bicep' = {
  scope: group
  dependsOn: [identity]
  params: {
    name: names.imageStorage
    imagesContainer: imagesContainer
    resultsContainer: resultsContainer
    workQueue: workQueue
    deadLetterContainer: deadLetterContainer
    identityName: names.identity
    uploaderPrincipalId: uploaderPrincipalId
    uploaderPrincipalType: uploaderPrincipalType
    sku: storageSku
    recoveryDays: recoveryDays
    deleteAfterDays: deleteImagesAfterDays
    location: location
    tags: tags
  }
}

module eventTopic 'app/eventTopic.bicep' = {
  scope: group
  dependsOn: [imageStorage]
  params: {
    name: names.topic
    imageStorageName: names.imageStorage
    deadLetterContainer: deadLetterContainer
    location: location
    tags: tags
  }
}

// After the storage modules, so that the identity has its roles when the app first starts.
module functionApp 'app/functionApp.bicep' = {
  scope: group
  dependsOn: [hostStorage, imageStorage, monitoring]
  params: {
    name: names.app
    planName: names.plan
    serviceName: 'classifier'
    identityName: names.identity
    hostStorageName: names.hostStorage
    packageContainer: packageContainer
    imageStorageName: names.imageStorage
    imagesContainer: imagesContainer
    resultsContainer: resultsContainer
    workQueue: workQueue
    insightsName: names.insights
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency == 0 ? 4 * cores : httpConcurrency
    blobConcurrency: blobConcurrency == 0 ? 2 * cores : blobConcurrency
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyBlob: alwaysReadyBlob
    alwaysReadyQueue: alwaysReadyQueue
    corsOrigins: corsOrigins
    resNet: resNet
    blobs: blobs
    location: location
    tags: tags
  }
}

module alerts 'app/alerts.bicep' = {
  scope: group
  dependsOn: [monitoring]
  params: {
    prefix: 'alert-${token}'
    workspaceName: names.workspace
    email: alertEmail
    latencyMs: alertLatencyMs
    queueMinutes: alertQueueMinutes
    workQueue: workQueue
    location: location
    tags: tags
  }
}

// What azd keeps in its environment, for the hooks and for people. No secrets: keys are read where they are used.

@description('Resource group of everything made here.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Function app.')
output AZURE_FUNCTION_APP string = names.app

@description('Address of the app.')
output CLASSIFIER_ENDPOINT string = functionApp.outputs.endpoint

@description('Storage account that images are uploaded to.')
output AZURE_IMAGE_STORAGE string = names.imageStorage

@description('Container that images are uploaded to.')
output AZURE_IMAGES_CONTAINER string = imagesContainer

@description('Queue of images that a sweep or a backfill found, in that account.')
output AZURE_WORK_QUEUE string = workQueue

@description('Event Grid topic of that account.')
output AZURE_EVENT_TOPIC string = names.topic

@description('Container of undelivered events.')
output AZURE_DEAD_LETTER_CONTAINER string = deadLetterContainer
