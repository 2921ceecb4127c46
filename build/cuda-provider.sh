#!/usr/bin/env bash
# Brings ONNX Runtime's CUDA provider (Linux x64) into a folder, for programs that carry the CPU build of the runtime.
#   build/cuda-provider.sh [FOLDER] [--parts MIB]
# FOLDER: artifacts/gpu-checks/provider unless given. With --parts, also cut into packed files of so many MiB (provider.part00, ...), for machines that take
# only so much at a time; gpu-checks.sh puts them together again.
# The provider comes as an npm package, of ONNX Runtime 1.29.0, for CUDA 13. A program finds it beside itself, or by MLRECURRENT_CUDA_PROVIDER.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
package=com.github.asus4.onnxruntime.linux-x64-gpu version=0.4.9 library=libonnxruntime_providers_cuda.so
declare -A sums=(
  [libonnxruntime_providers_cuda.so]=56cf3254b118ad837ccc4ed8f6d1b23504bbf7ef91b34cbc0b289cb7f10b3037
  [libonnxruntime_providers_shared.so]=c6a12593396095f5670160e284c35d1700b7708cf3037b7042e2a5200ccae772
)
folder=artifacts/gpu-checks/provider parts=
while [ $# -gt 0 ]; do
  case $1 in
    --parts) parts=${2:?--parts needs a number of MiB}; shift 2 ;;
    -*) echo "usage: build/cuda-provider.sh [FOLDER] [--parts MIB]" >&2; exit 2 ;;
    *) folder=$1; shift ;;
  esac
done
die() { echo "cuda-provider.sh: $*" >&2; exit 1; }
whole() { local name; for name in "${!sums[@]}"; do [ -f "$1/$name" ] && echo "${sums[$name]}  $1/$name" | sha256sum --check --status || return 1; done; }

[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || die "the package is for Linux on x64; this is $(uname -s) on $(uname -m). Use the package Microsoft.ML.OnnxRuntime.Gpu here."
mkdir -p "$folder"
if whole "$folder"; then
  echo "$folder has the provider already."
else
  command -v npm >/dev/null || die "npm is not installed; the provider comes as an npm package. Install npm, or use the package Microsoft.ML.OnnxRuntime.Gpu."
  [ "$(df --output=avail -k "$folder" | tail -1)" -gt 900000 ] || die "$folder has less than 900 MB of room: the package, unpacked, takes 410 MB."
  work=$(mktemp -d "$folder/.bringing.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "Bringing $package $version (180 MB) ..."
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null) || die "npm could not bring $package $version: see what it said above. Nothing was changed."
  tar -xzf "$work"/*.tgz -C "$work" --wildcards 'package/Plugins/Linux/x64/*.so' || die "the package could not be unpacked. Nothing was changed."
  whole "$work/package/Plugins/Linux/x64" || die "the package's libraries are not those that were expected (SHA-256 differs): another version, or damaged on its way. Nothing was changed."
  for name in "${!sums[@]}"; do mv "$work/package/Plugins/Linux/x64/$name" "$folder/$name"; done
  rm -rf "$work"
  trap - EXIT
fi
if [ -n "$parts" ]; then
  rm -f "$folder"/provider.part*
  XZ_OPT=-T0 tar -cJf - -C "$folder" "${!sums[@]}" | split -b "${parts}M" -d - "$folder/provider.part"
  ls -l "$folder"/provider.part*
fi
missing=$(ldd "$folder/$library" 2>/dev/null | awk '/not found/ { print $1 }' | sort -u | tr '\n' ' ')
[ -z "$missing" ] || echo "Not on this machine's library path: ${missing}(the NVIDIA driver, and of CUDA 13 the runtime, cuBLAS and cuRAND; cuDNN 9 is needed as well)."
echo "$folder/$library"
