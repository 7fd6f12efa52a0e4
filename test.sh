#!/usr/bin/env bash
# Every test but those of category Slow. Arguments go to dotnet test, for example: ./test.sh --filter TestCategory=Slow
# Ends with "N passed, N failed, N skipped" alone on a line; exit status 0 only when nothing failed and something passed.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
./setup.sh --tests || exit 1
dotnet build AlexNetMl.sln -v q -clp:"ErrorsOnly;NoSummary" || { echo "0 passed, 1 failed"; exit 1; }

# Stack NuGet: TorchSharp's native library may need a newer system than this one. Then what needs no torch is tested, which is everything from pictures to ML.NET rows.
torch=true
library=$(find Tests -path '*/bin/NuGet/*/linux-x64/native/libLibTorchSharp.so' 2>/dev/null | head -n 1)
if grep -q '>NuGet<' Stacks/Selected.props && [ -n "$library" ]; then
    unmet=$(ldd "$library" 2>&1 | sed -n "s/.*version \`\(.*\)' not found.*/\1/p" | sort -u | paste -sd ' ')
    if [ -n "$unmet" ]; then
        torch=false
        echo "TorchSharp's native library needs $unmet, which this system lacks: the tests that use torch are left out."
    fi
fi

arguments=("$@")
[ $# -gt 0 ] || arguments=(--filter "TestCategory!=Slow")
passed=0 failed=0 skipped=0 crashed=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for project in Tests/*/*.Tests.csproj; do
    name=$(basename "$project" .Tests.csproj)
    started=$SECONDS
    if [ $torch = false ] && grep -q '<UseTorch>true' "$project"; then continue; fi
    dotnet test "$project" --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" "${arguments[@]}" >"$results/$name.log" 2>&1
    status=$?
    counters=$(grep -o '<Counters [^>]*>' "$results/$name.trx" 2>/dev/null | head -n 1)
    count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }
    p=$(count passed); f=$(count failed); t=$(count total)
    p=${p:-0}; f=${f:-0}; t=${t:-0}
    s=$((t - p - f))
    if [ $status -ne 0 ] && [ "$f" -eq 0 ]; then f=1; crashed=1; fi
    [ "$f" -eq 0 ] || cat "$results/$name.log"
    printf '%-24s %4d passed %4d failed %4d skipped   %4d s\n' "$name" "$p" "$f" "$s" $((SECONDS - started))
    passed=$((passed + p)); failed=$((failed + f)); skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$crashed" -eq 0 ] && [ "$passed" -gt 0 ]
