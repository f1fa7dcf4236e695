# Before azd packages the app: downloads the model's weights, checks them and converts them to ONNX. Done already, it is
# done in a moment.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '../..')
$model = if ($env:RESNET_MODEL) { $env:RESNET_MODEL } else { 'resnet18' }
dotnet run --project src/ResNetFunctions.Cli -c Release -- models pull $model
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
