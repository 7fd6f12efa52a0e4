#!/usr/bin/env bash
# The main job, end to end: train AlexNet on real images, export ONNX, score it as an ML.NET estimator. Arguments go to the sample (--help).
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
./setup.sh
echo "demo: building (a minute or two the first time)"
dotnet build Samples/Quickstart/Quickstart.csproj -v q -clp:"ErrorsOnly;NoSummary"
exec dotnet run --no-build --project Samples/Quickstart -- "$@"
