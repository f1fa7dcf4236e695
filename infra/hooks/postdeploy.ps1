# After azd deployed the code: subscribes the app to the events of its images' storage account (infra/events.bicep).
# Can be run again at any time, by hand too: `azd hooks run postdeploy`.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '../..')

foreach ($name in 'AZURE_SUBSCRIPTION_ID', 'AZURE_RESOURCE_GROUP', 'AZURE_FUNCTION_APP', 'AZURE_EVENT_TOPIC', 'AZURE_IMAGE_STORAGE',
    'AZURE_IMAGES_CONTAINER', 'AZURE_DEAD_LETTER_CONTAINER') {
  if (-not [Environment]::GetEnvironmentVariable($name)) {
    [Console]::Error.WriteLine("$name is not set: run ``azd provision`` first.")
    exit 1
  }
}
if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
  [Console]::Error.WriteLine('The Azure CLI (az) is needed for the event subscription: install it, run `az login`, then `azd hooks run postdeploy`.')
  exit 1
}

az account show --subscription $env:AZURE_SUBSCRIPTION_ID --output none
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

# The host makes the webhook's key when it first starts with the new code. Only the names of keys come here.
$attempts = if ($env:WEBHOOK_ATTEMPTS) { [int]$env:WEBHOOK_ATTEMPTS } else { 30 }
$interval = if ($env:WEBHOOK_INTERVAL) { [int]$env:WEBHOOK_INTERVAL } else { 10 }
for ($attempt = 1; ; $attempt++) {
  $keys = az functionapp keys list --subscription $env:AZURE_SUBSCRIPTION_ID --resource-group $env:AZURE_RESOURCE_GROUP `
    --name $env:AZURE_FUNCTION_APP --query "keys(systemKeys)" --output tsv
  if ($keys -contains 'blobs_extension') { break }
  if ($attempt -ge $attempts) {
    [Console]::Error.WriteLine('The app''s blob webhook has no key yet: look at its log stream, then `azd hooks run postdeploy`.')
    exit 1
  }
  Start-Sleep -Seconds $interval
}

az deployment group create --subscription $env:AZURE_SUBSCRIPTION_ID --resource-group $env:AZURE_RESOURCE_GROUP `
  --name events --template-file infra/events.bicep --output none --parameters `
  functionAppName=$env:AZURE_FUNCTION_APP topicName=$env:AZURE_EVENT_TOPIC imageStorageName=$env:AZURE_IMAGE_STORAGE `
  imagesContainer=$env:AZURE_IMAGES_CONTAINER deadLetterContainer=$env:AZURE_DEAD_LETTER_CONTAINER
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Write-Output "Images uploaded to $env:AZURE_IMAGES_CONTAINER in $env:AZURE_IMAGE_STORAGE are classified from now on."
