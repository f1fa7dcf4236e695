import { poisonQueue, poisonSuffix, walkQueueSuffix } from 'contract.bicep'
import { storageBlobDataContributor, storageQueueDataContributor } from 'roleIds.bicep'

@description('Name of the storage account.')
param name string

@description('Container that images are uploaded to.')
param imagesContainer string

@description('Container that results are written to; empty: beside the images.')
param resultsContainer string

@description('Queue of images to classify. The queue of walks, the poison queues and the container of the walks\' progress are named after it.')
param workQueue string

@description('Container that keeps the events that could not be delivered.')
param deadLetterContainer string

@description('Identity that the app runs as.')
param identityName string

@description('Object id of who may upload images and read results; empty: nobody.')
param uploaderPrincipalId string

@description('Kind of that principal.')
param uploaderPrincipalType ('User' | 'Group' | 'ServicePrincipal')

@description('Redundancy of the account.')
param sku ('Standard_LRS' | 'Standard_ZRS')

@description('Days that deleted blobs, containers and replaced versions are kept.')
@minValue(1)
@maxValue(365)
param recoveryDays int

@description('Days after their last change at which images and their results are deleted; 0: never.')
@minValue(0)
param deleteAfterDays int

@description('Region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('The queues: the blob extension\'s poison queue, those of work, and theirs of messages that were given up.')
var queueNames = [
  poisonQueue
  workQueue
  '${workQueue}${poisonSuffix}'
  '${workQueue}${walkQueueSuffix}'
  '${workQueue}${walkQueueSuffix}${poisonSuffix}'
]

@description('Where images and results lie.')
var dataContainers = empty(resultsContainer)
  ? [imagesContainer]
  : resultsContainer == imagesContainer
      ? fail('resultsContainer must not be imagesContainer: results would be taken for images. Leave it empty to have them beside the images.')
      : [imagesContainer, resultsContainer]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    isLocalUserEnabled: false
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: recoveryDays }
    containerDeleteRetentionPolicy: { enabled: true, days: recoveryDays }
  }
}

resource data 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for container in dataContainers: {
    parent: blobs
    name: container
    properties: { publicAccess: 'None' }
  }
]

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: deadLetterContainer
  properties: { publicAccess: 'None' }
}

resource progress 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: workQueue
  properties: { publicAccess: 'None' }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

// Made here, so that the role below can be given on them alone.
resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for queue in queueNames: {
    parent: queueService
    name: queue
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: concat(
        [
          {
            name: 'drop-old-versions'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'] }
              actions: { version: { delete: { daysAfterCreationGreaterThan: recoveryDays } } }
            }
          }
          {
            name: 'drop-old-dead-letters'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['${deadLetterContainer}/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } }
            }
          }
        ],
        deleteAfterDays == 0
          ? []
          : [
              {
                name: 'drop-old-images'
                type: 'Lifecycle'
                definition: {
                  filters: {
                    blobTypes: ['blockBlob']
                    prefixMatch: map(dataContainers, container => '${container}/')
                  }
                  actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: deleteAfterDays } } }
                }
              }
            ]
      )
    }
  }
}

// The app lists and reads images, writes results and deletes the one whose image vanished: on the containers of images
// and results alone. Contributor, not the Owner that the documentation names for blob triggers: Owner adds only POSIX
// access control, which an account without hierarchical namespace does not have.
resource classify 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (container, index) in dataContainers: {
    scope: data[index]
    name: guid(account.id, container, identity.id, storageBlobDataContributor)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

// Walks note how far they are in a container of their own.
resource noteProgress 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: progress
  name: guid(account.id, workQueue, identity.id, storageBlobDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// Walks put images into the queue, instances take them from it, and the extensions report what they gave up: on these
// queues alone.
resource work 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, index) in queueNames: {
    scope: queues[index]
    name: guid(account.id, 'queue', queue, identity.id, storageQueueDataContributor)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageQueueDataContributor)
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

// Being owner of a subscription gives no access to data: who deploys may upload by this.
resource upload 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (container, index) in dataContainers: if (!empty(uploaderPrincipalId)) {
    scope: data[index]
    name: guid(account.id, container, uploaderPrincipalId, storageBlobDataContributor)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
      principalId: uploaderPrincipalId
      principalType: uploaderPrincipalType
    }
  }
]
