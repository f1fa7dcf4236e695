import { storageBlobDataOwner, storageQueueDataContributor, storageTableDataContributor } from 'roleIds.bicep'

@description('Name of the storage account.')
param name string

@description('Container that holds the deployment package.')
param packageContainer string

@description('Identity that the app runs as.')
param identityName string

@description('Redundancy of the account.')
param sku ('Standard_LRS' | 'Standard_ZRS')

@description('Region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

// The Functions host's own account: deployment package, function keys, locks, the blob trigger's queue. It is apart
// from the images' so that the host's wide roles below reach no image, and versioning there keeps no locks here.
resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    isLocalUserEnabled: false
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // A deleted package or key can be brought back for a week.
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource packages 'containers' = {
      name: packageContainer
      properties: { publicAccess: 'None' }
    }
  }
}

// On the account, not on containers: the host makes its containers, queues and tables itself, under names of its own
// choosing, and the platform reads the deployment package with the same identity.
// - Blob Data Owner: what the host asks for its locks, its keys and the timer's and blob trigger's leases.
// - Queue Data Contributor: the blob trigger passes every event through a queue of this account.
// - Table Data Contributor: the host keeps its diagnostic events in tables.
// Storage Account Contributor, which the documentation lists for blob triggers, is left out: it is for switching on the
// storage logs that the polling trigger reads, and Flex Consumption has no polling trigger.
resource hostRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [storageBlobDataOwner, storageQueueDataContributor, storageTableDataContributor]: {
    scope: account
    name: guid(account.id, identity.id, role)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
    }
  }
]
