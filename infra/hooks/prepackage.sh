#!/bin/sh
# Before azd packages the app: downloads the model's weights, checks them and converts them to ONNX. Done already, it is
# done in a moment.
set -eu
cd "$(dirname "$0")/../.."
dotnet run --project src/ResNetFunctions.Cli -c Release -- models pull "${RESNET_MODEL:-resnet18}"
