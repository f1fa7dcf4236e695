import { poisonQueue } from 'contract.bicep'
import { storageBlobDataContributor, storageQueueDataContributor } from 'roleIds.bicep'

@description('Name of the storage account.')
param name string

@description('Container that images are uploaded to.')
param imagesContainer string

@description('Container that results are written to; empty: beside the images.')
param resultsContainer string

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

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'

  // Made here, so that the role below can be given on it alone.
  resource poison 'queues' = {
    name: poisonQueue
  }
}

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

// The blob extension reports an image whose tries are used up in a queue of the images' account: on that queue alone.
resource reportPoison 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: queues::poison
  name: guid(queues::poison.id, identity.id, storageQueueDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageQueueDataContributor)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

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
