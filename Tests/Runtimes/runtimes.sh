#!/usr/bin/env bash
# Runs the same exported networks in four runtimes and prints the table of docs/runtimes.md; exit status 1 where two differ by more than allowed.
# Needs node with npm, Chromium, and python3 with OpenCV (Debian: nodejs npm chromium python3-opencv).
# usage: runtimes.sh [FOLDER]   for the files in between; default: a temporary one that is deleted
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -gt 0 ]; then mkdir -p "$1"; folder=$(cd "$1" && pwd); else folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; fi
rm -f "$folder"/*.{onnx,input,json,csharp,node,web,opencv}
dotnet build "$here" -c Release -v q -clp:ErrorsOnly
dotnet run --project "$here" -c Release --no-build -- make "$folder"
cd "$folder"
[ -d packages/node_modules/onnxruntime-web ] || npm install --prefix "$folder/packages" --ignore-scripts --no-audit --no-fund --loglevel=error onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 >/dev/null
(cd "$folder/packages" && node "$here/node.mjs" "$folder")
node "$here/web.mjs" "$folder" "$folder/packages"
"${PYTHON:-/usr/bin/python3}" "$here/opencv.py" "$folder"
dotnet run --project "$here" -c Release --no-build -- table "$folder"
