#!/bin/sh
# Before azd packages the app: downloads the model's weights, checks them and converts them to ONNX, and notes which
# model the package takes. Done already, it is done in a moment.
set -eu
cd "$(dirname "$0")/../.."
model="${RESNET_MODEL:-resnet18}"
dotnet run --project src/ResNetFunctions.Cli -c Release -- models pull "$model"
# azd gives its environment to hooks; `dotnet publish`, which it calls next, reads this.
mkdir -p artifacts
echo "$model" > artifacts/model.txt
