#!/usr/bin/env bash
# Checks and times scoring on a GPU: no recurrent node on the CPU provider, the answers of the CPU, a table of speed beside the CPU and PyTorch.
#   build/gpu-checks.sh publish [--parts MIB]   where the .NET SDK is: builds the program with its runtime and the CUDA build of ONNX Runtime (package
#                                               Microsoft.ML.OnnxRuntime.Gpu), and packs it (artifacts/gpu-checks/program.part00, ...)
#   build/gpu-checks.sh [ARGUMENTS]             where the GPU is: runs it; ARGUMENTS are those of the command gpu (--device N, --json FILE, --cpu, ...)
# The machine with the GPU needs the NVIDIA driver, CUDA 13, cuDNN 9 and python3 (with PyTorch, for its column), and no .NET SDK. It needs artifacts/gpu-checks from the
# machine with the SDK: program.part* or program/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
home=$PWD/artifacts/gpu-checks program=$PWD/artifacts/gpu-checks/program/Microsoft.ML.Recurrent.Benchmarks
die() { echo "gpu-checks.sh: $*" >&2; exit 1; }

publish() {
  command -v dotnet >/dev/null || die "publishing needs the .NET 10 SDK, which is not here."
  rm -rf "$home/program" "$home"/program.part*
  dotnet publish test/Microsoft.ML.Recurrent.Benchmarks -c Release -r linux-x64 --self-contained -p:OnnxRuntimePackage=Microsoft.ML.OnnxRuntime.Gpu -p:DebugType=none -p:SatelliteResourceLanguages=en -v:q --nologo -o "$home/program"
  # ONNX Runtime's Windows files come to every platform; TensorRT is a provider of its own, which the checks do not use.
  rm -f "$home"/program/onnxruntime*.dll "$home"/program/libonnxruntime_providers_tensorrt.so
  XZ_OPT=-T0 tar -cJf - -C "$home" program | split -b "${1:-48}M" -d - "$home/program.part"
  ls -l "$home"/program.part*
}

# Parts are put together where the whole is not there, or is older.
join() {
  local parts=("$1"*)
  [ -f "${parts[0]}" ] || return 0
  [ -e "$2" ] && [ ! "${parts[0]}" -nt "$2" ] && return 0
  mkdir -p "$3"
  # xz may be missing; Python has it.
  cat "${parts[@]}" | python3 -c 'import sys, tarfile; tarfile.open(fileobj=sys.stdin.buffer, mode="r|xz").extractall(sys.argv[1])' "$3" || die "the parts $1* are not all there, or damaged."
  touch "$2"
}

if [ "${1:-}" = publish ]; then
  shift
  [ "${1:-}" = --parts ] && shift
  publish "${1:-}"
  exit
fi

command -v python3 >/dev/null || die "python3 is not here: it unpacks, and its PyTorch is the peer."
join "$home/program.part" "$program" "$home"
[ -x "$program" ] || { command -v dotnet >/dev/null && publish; } || die "$home/program is not there: run 'build/gpu-checks.sh publish' where the .NET SDK is, and bring artifacts/gpu-checks here."

if [[ " $* " != *" --cpu "* ]]; then
  command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || die "no NVIDIA GPU: nvidia-smi is not here or finds none. With --cpu the program itself can be tried."
  provider=$home/program/libonnxruntime_providers_cuda.so
  [ -f "$provider" ] || die "$provider is not there: run 'build/gpu-checks.sh publish' where the .NET SDK is, and bring artifacts/gpu-checks here."
  # CUDA's libraries: those that PyTorch's packages bring, then those of the machine.
  libraries=$(python3 - <<'PYTHON'
import glob, os, site, sys
places = {os.path.dirname(path) for base in (*site.getsitepackages(), *sys.path) for path in glob.glob(os.path.join(base, "nvidia", "**", "lib*.so*"), recursive=True)}
places |= {place for place in ("/usr/local/cuda/lib64", "/usr/local/nvidia/lib64", "/usr/lib/x86_64-linux-gnu") if os.path.isdir(place)}
print(":".join(sorted(places, key=lambda place: (not "nvidia/" in place, place))))
PYTHON
)
  export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  missing=$(ldd "$provider" | awk '/not found/ { print $1 }' | sort -u | tr '\n' ' ')
  [ -z "$missing" ] || die "CUDA's libraries are missing or of another version than 13: $missing"
fi
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
"$program" gpu --python "${PYTHON:-python3}" "$@"
