#!/bin/sh
# From photo to logits against PyTorch, for every manifest with an architecture (or those named), then onnx's checker
# on every file that came out of it. Needs the Debian packages that make_reference.py names.
#
#   tests/reference/parity.sh [PHOTOS [NAME…]]      (default: ../shared/photos, all)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
photos=${1:-$root/../shared/photos}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- $(cd "$root/models" && grep -l '"architecture"' *.json | sed 's/\.json$//')

dotnet build -c Release "$root/tests/ResNetFunctions.Tests" >&2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for name; do
  /usr/bin/python3 -W ignore "$here/make_reference.py" "$root/models/$name.json" "$photos" "$out"
done
RESNET_REFERENCE=$out dotnet run -c Release --no-build --project "$root/tests/ResNetFunctions.Tests" -- \
  -class "*.PhotoParityTests" -diagnostics
/usr/bin/python3 - "$out" <<'PYTHON'
import pathlib, sys
import onnx
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    onnx.checker.check_model(str(file), full_check=True)
    print("onnx.checker:", file.name, "passes")
PYTHON
