#!/bin/sh
# Before azd packages the app: sees to it that the model's graph is there, and notes which model the package takes. That is
# RESNET_MODEL; without one, torchvision's ResNet-18 where it can be downloaded, else the bundled network.
set -eu
cd "$(dirname "$0")/../.."
resnet() { dotnet run --project src/ResNetFunctions.Cli -c Release -- "$@"; }
if [ -n "${RESNET_MODEL:-}" ]; then
  resnet models pull "$RESNET_MODEL"
else
  resnet models pull resnet18 || echo "The package takes the bundled network." >&2
fi
# azd gives its environment to hooks; `dotnet publish`, which it calls next, reads this.
mkdir -p artifacts
echo "${RESNET_MODEL:-default}" > artifacts/model.txt
