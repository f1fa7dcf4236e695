import { storageBlobDataContributor } from 'roleIds.bicep'

@description('Name of the system topic.')
param name string

@description('Storage account whose events it carries.')
param imageStorageName string

@description('Container for events that could not be delivered.')
param deadLetterContainer string

@description('Region; that of the storage account.')
param location string

@description('Tags of every resource.')
param tags { *: string }

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: imageStorageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource deadLetters 'containers' existing = {
      name: deadLetterContainer
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

// Event Grid has no right of its own to an account without shared keys; it writes undelivered events as the topic's
// identity. On that container alone.
resource keepDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobs::deadLetters
  name: guid(account::blobs::deadLetters.id, topic.id, storageBlobDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}
