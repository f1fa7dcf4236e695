# Before azd packages the app: downloads the model's weights, checks them and converts them to ONNX, and notes which
# model the package takes. Done already, it is done in a moment.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '../..')
$model = if ($env:RESNET_MODEL) { $env:RESNET_MODEL } else { 'resnet18' }
dotnet run --project src/ResNetFunctions.Cli -c Release -- models pull $model
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
# azd gives its environment to hooks; `dotnet publish`, which it calls next, reads this.
New-Item -ItemType Directory -Force artifacts | Out-Null
Set-Content artifacts/model.txt $model
