# Before azd packages the app: sees to it that the model's graph is there, and notes which model the package takes. That is
# RESNET_MODEL; without one, torchvision's ResNet-18 where it can be downloaded, else the bundled network.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '../..')
$model = if ($env:RESNET_MODEL) { $env:RESNET_MODEL } else { 'resnet18' }
dotnet run --project src/ResNetFunctions.Cli -c Release -- models pull $model
if ($LASTEXITCODE -ne 0) {
  if ($env:RESNET_MODEL) { exit $LASTEXITCODE }
  [Console]::Error.WriteLine('The package takes the bundled network.')
}
# azd gives its environment to hooks; `dotnet publish`, which it calls next, reads this.
New-Item -ItemType Directory -Force artifacts | Out-Null
Set-Content artifacts/model.txt $(if ($env:RESNET_MODEL) { $env:RESNET_MODEL } else { 'default' })
exit 0
