// The second stage: it asks the running app for the key of its blob webhook, which is there only once the code is, and
// Event Grid calls the webhook before it accepts the subscription. infra/hooks/postdeploy runs it.

import { blobFunction, resultSuffix } from 'app/contract.bicep'

@description('Function app that classifies the blobs.')
param functionAppName string

@description('Event Grid topic of the images\' storage account.')
param topicName string

@description('Storage account of the images and of undelivered events.')
param imageStorageName string

@description('Container whose blobs are images.')
param imagesContainer string = 'images'

@description('Container that keeps undelivered events.')
param deadLetterContainer string = 'undelivered-events'

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionAppName
}

resource imageStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: imageStorageName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource uploads 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'uploads'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'WebHook'
      properties: {
        // Resource Manager reads the key during the deployment: it is in no parameter, output or command line.
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${blobFunction}&code=${listKeys('${app.id}/host/default', '2025-03-01').systemKeys.blobs_extension}'
        minimumTlsVersionAllowed: '1.2'
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      // With the slash at its end, or a container images-old would match too.
      subjectBeginsWith: '/blobServices/default/containers/${imagesContainer}/'
      isSubjectCaseSensitive: true
      // A result written beside its image is no upload.
      advancedFilters: [{ operatorType: 'StringNotEndsWith', key: 'subject', values: [resultSuffix] }]
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: imageStorage.id
          blobContainerName: deadLetterContainer
        }
      }
    }
  }
}
