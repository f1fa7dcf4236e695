using 'main.bicep'

// azd fills these in from its environment. With az alone, export them first:
// `AZURE_ENV_NAME=demo AZURE_LOCATION=westeurope az deployment sub create --location westeurope --parameters infra/main.bicepparam`.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param resourceGroupName = readEnvironmentVariable('AZURE_RESOURCE_GROUP', '')
param uploaderPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param uploaderPrincipalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')

// Size and scale, as docs/scale-and-cost.md works them out. main.bicep describes these and all other parameters.
param instanceMemoryMB = 2048
param maximumInstanceCount = 40
param alwaysReadyHttp = 0
param alwaysReadyBlob = 0
param alwaysReadyQueue = 0

// The app's own settings, such as { Top: 5, Decoder: 'ImageSharp' }. The default model is the one in the package.
param resNet = {}
param blobs = {}
