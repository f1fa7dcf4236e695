#!/usr/bin/env bash
# Checks what a GPU answers against the processor, measures both, and prints one Markdown table. Under five minutes.
#
#   tests/device/check.sh               on Linux with an NVIDIA GPU, its driver, CUDA 13 and cuDNN 9 (docs/deploy.md)
#   DEVICE=cpu tests/device/check.sh    the same on the processor, with less load: tries the script itself
#
# PHOTOS  a folder of photos; default: ../shared/photos, else samples
# MODEL   the model, at hand in float32; default: resnet18-mlnet, which every build has
# RESNET  a folder with a published `resnet`; default: one is built. On a machine without the .NET SDK, or without network,
#         publish it elsewhere, and carry it there with this folder and some photos:
#           dotnet publish src/ResNetFunctions.Cli -c Release -p:OnnxRuntime=Gpu -p:PublishAot=true -o resnet
#           rm -f resnet/*.dbg resnet/libonnxruntime_providers_tensorrt.so
#         CUDA's provider is 280 MB. Where only small files can be carried:
#           tar -C resnet -c . | xz -T0 -9 | split -b 45M - resnet.tar.xz.     here
#           mkdir resnet && cat resnet.tar.xz.* | tar -C resnet -xJ            there
#         Python 3 is needed there, no package of it. CUDA from Python's wheels (nvidia-cublas, nvidia-cudnn-cu13, …) is found.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

device=${DEVICE:-cuda}
if [ "$device" = cuda ] && ! nvidia-smi -L > /dev/null 2>&1; then
  echo "Skipped: there is no NVIDIA GPU here (nvidia-smi). DEVICE=cpu tries the script on the processor."
  exit 0
fi

photos=${PHOTOS:-$root/../shared/photos}
[ -d "$photos" ] || photos=$root/samples

if [ -z "${RESNET:-}" ]; then
  RESNET=$root/artifacts/device/$device
  runtime=Cpu
  [ "$device" = cuda ] && runtime=Gpu
  # In a folder of its own: the two builds have other native libraries.
  dotnet publish "$root/src/ResNetFunctions.Cli" -c Release -p:OnnxRuntime=$runtime -o "$RESNET" \
    --artifacts-path "$root/artifacts/device/build-$device" >&2
fi

wheels=$(python3 -c 'import glob, nvidia; print(":".join(d for p in nvidia.__path__ for d in glob.glob(p + "/*/lib")))' 2> /dev/null || true)
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}${wheels:+$wheels:}/usr/local/cuda/lib64

exec timeout --kill-after=10 285 python3 "$here/measure.py" "$RESNET/resnet" "$device" "$photos" "${MODEL:-resnet18-mlnet}"
