#!/usr/bin/env bash
# Chooses the stack (see Stacks/README.md) and installs what it needs; quick when everything is there already.
# MLStack=NuGet|Local in the environment forces a stack; ALEXNETML_TORCH=<cmake prefix path of a PyTorch> replaces Debian's libtorch,
# for example ALEXNETML_TORCH="$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')".
#   --tests   also installs what only tests need: the ONNX project's vectors and the references that results are compared with
#             (python3-onnx, python3-pil, python3-torchvision). Where they cannot be had, the tests that need them say so and are skipped.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

fail() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

tests=false
case "${1:-}" in
    "") ;;
    --tests) tests=true ;;
    *) fail "'$1' is no option of setup.sh: there is --tests." ;;
esac

have dotnet || fail "The .NET SDK 10 is missing: install it (Debian: the package dotnet-sdk-10.0 of Microsoft's feed) and run this again."

# Installs Debian packages that are missing; one sentence and exit 1 where that is not allowed.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        have sudo && sudo -n true 2>/dev/null || fail "These Debian packages are missing and this user may not install them: ${missing[*]} (as root: apt-get install ${missing[*]})."
        as_root=(sudo -n)
    fi
    have apt-get || fail "These packages are missing and there is no apt-get to install them: ${missing[*]}."
    echo "setup: installing with apt-get: ${missing[*]}"
    local log; log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2; rm -f "$log"
        fail "apt-get could not install: ${missing[*]} (its last lines stand above)."
    fi
    rm -f "$log"
}

# The feed decides: where the engines' packages can be restored and TorchSharp's native library loads, they are used.
choose_stack() {
    if [ -n "${MLStack:-}" ]; then echo "$MLStack"; return; fi
    if [ -f Stacks/Selected.props ]; then sed -n 's:.*<MLStack[^>]*>\(.*\)</MLStack>.*:\1:p' Stacks/Selected.props; return; fi
    local probe; probe=$(mktemp -d)
    cat > "$probe/probe.csproj" <<'PROBE'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="TorchSharp" Version="0.106.0" /><PackageReference Include="Microsoft.ML" Version="5.0.0" />
    <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.23.2" /><PackageReference Include="SixLabors.ImageSharp" Version="2.1.13" />
  </ItemGroup>
</Project>
PROBE
    local stack=Local unmet=
    if dotnet restore "$probe/probe.csproj" -v q >/dev/null 2>&1; then
        unmet=$(unmet_versions "$probe/obj")
        [ -n "$unmet" ] || stack=NuGet
    fi
    rm -rf "$probe"
    [ -z "$unmet" ] || echo "setup: the feed has TorchSharp, but its native library needs $unmet and this system's is older: the Local stack serves instead." >&2
    echo "$stack"
}

# The versions of system libraries that the restored TorchSharp needs and this system lacks, as the loader names them; nothing where it loads or none is for this system.
unmet_versions() {
    [ "$(uname -s)" = Linux ] || return 0
    local root library
    root=$(sed -n 's:.*<NuGetPackageRoot[^>]*>\(.*\)</NuGetPackageRoot>.*:\1:p' "$1"/*.nuget.g.props)
    library=$(sed -n 's:^ *"TorchSharp/\([^"]*\)".*:\1:p' "$1/project.assets.json" | head -n 1)
    library="${root%/}/torchsharp/$library/runtimes/linux-x64/native/libLibTorchSharp.so"
    [ -f "$library" ] || return 0
    ldd "$library" 2>&1 | sed -n "s/.*version \`\(.*\)' not found.*/\1/p" | sort -u | paste -sd ' '
}

setup_local() {
    [ "$(uname -s)" = Linux ] || fail "MLStack=Local needs Linux; on Windows and macOS use MLStack=NuGet."
    [ "$(uname -m)" = x86_64 ] || fail "MLStack=Local needs x86-64: the npm package of ONNX Runtime holds no library for $(uname -m)."
    local packages=(g++ cmake make libturbojpeg0 libpng16-16 libwebp7 dataset-fashion-mnist)
    [ -n "${ALEXNETML_TORCH:-}" ] || packages+=(libtorch-dev libopenblas0-openmp)
    install_packages "${packages[@]}"

    local ort=Stacks/Local/OnnxRuntime
    if ! cmp -s "$ort/package-lock.json" "$ort/node_modules/.installed-lock"; then
        have npm || fail "npm is missing: install Node.js with npm (Debian: apt-get install npm) and run this again."
        echo "setup: installing ONNX Runtime from npm into $ort/node_modules"
        (cd "$ort" && npm ci --no-audit --no-fund --loglevel=error >/dev/null) || fail "npm could not install ONNX Runtime (see the lines above)."
        cp "$ort/package-lock.json" "$ort/node_modules/.installed-lock"
    fi

    local native=Stacks/Local/Native stamp
    stamp=$(cd "$native" && { cat CMakeLists.txt ./*.cpp ./*.cu ./*.h 2>/dev/null; echo "${ALEXNETML_TORCH:-debian}"; } | sha256sum | cut -d' ' -f1)
    if [ "$stamp" != "$(cat "$native/build/.stamp" 2>/dev/null || true)" ] || [ ! -f "$native/build/libalexnetml_torch.so" ]; then
        echo "setup: compiling the native part against ${ALEXNETML_TORCH:-the libtorch of Debian}"
        local log="$native/build/build.log"
        rm -rf "$native/build"; mkdir -p "$native/build"
        if ! { cmake -S "$native" -B "$native/build" -DCMAKE_BUILD_TYPE=Release \
               && cmake --build "$native/build" --parallel "$(nproc)"; } >"$log" 2>&1; then
            tail -n 30 "$log" >&2
            fail "The native part did not compile (its last lines stand above; all of them in $log)."
        fi
        echo "$stamp" > "$native/build/.stamp"
    fi
}

# In a shell of their own: a machine without them can still run every other test.
setup_tests() {
    have apt-get || { echo "setup: no apt-get here, so tests that need $* are skipped."; return 0; }
    (install_packages "$@") || echo "setup: going on without; tests that need one of them are skipped."
}

stack=$(choose_stack)
case "$stack" in
    Local) setup_local ;;
    NuGet) ;;
    *) fail "MLStack is '$stack'; it can be NuGet or Local." ;;
esac
[ "$tests" = false ] || setup_tests dataset-fashion-mnist libonnx-testdata python3-onnx python3-pil python3-torchvision

selected=$(printf '<Project>\n  <!-- Written by setup.sh; delete to choose anew. -->\n  <PropertyGroup>\n    <MLStack>%s</MLStack>\n  </PropertyGroup>\n</Project>' "$stack")
if [ "$(cat Stacks/Selected.props 2>/dev/null || true)" != "$selected" ]; then
    printf '%s\n' "$selected" > Stacks/Selected.props.new
    mv Stacks/Selected.props.new Stacks/Selected.props
    echo "setup: stack $stack$([ "$stack" = NuGet ] || echo " (stand-ins for parts of Microsoft.ML and TorchSharp, see Stacks/README.md)")"
fi
