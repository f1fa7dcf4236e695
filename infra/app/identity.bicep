@description('Name of the identity.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

// User-assigned, so that its roles exist before the app does and outlive it: a system-assigned identity would have no
// right to read the package with which the app first starts.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}
