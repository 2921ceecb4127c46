#!/usr/bin/env bash
# Runs the Arm64 kernels (path advsimd), on an Arm64 machine or, on Linux x64, under QEMU:
#   build/arm64-tests.sh [core] [compare] [library]     all three parts unless some are named; half an hour on two x64 cores
# core      the core's tests: kernels, golden vectors, gradients, layers, losses, optimizers, training
# compare   small models trained and scored on Arm64 and on this machine's own processor: weights, losses and answers have to agree, and each other's files to load
# library   the library's tests of scoring and, but for compressed files, of ONNX export, by ONNX Runtime's Arm64 build
# QEMU and Arm64's C library are Debian 13's packages, by Debian's mirror of this machine. They are unpacked into artifacts/arm64: nothing is installed, and root is not needed.
# Elsewhere, name your own: QEMU=PROGRAM ARM64_ROOT=FOLDER (with lib/ld-linux-aarch64.so.1, libstdc++ and OpenSSL 3). QEMU 7.2 runs all but what scores: ONNX Runtime crashes in it.
# The exit code is 0 only if all is well. By hand or nightly: CI does not run it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
home=$PWD/artifacts/arm64
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 ORT_DISABLE_TELEMETRY=1 MSBUILDDISABLENODEREUSE=1
die() { echo "arm64-tests.sh: $*" >&2; exit 1; }
for part; do [[ $part =~ ^(core|compare|library)$ ]] || die "there is no part '$part': the parts are core, compare and library."; done
wants() { [ -z "$parts" ] || [[ " $parts " == *" $1 "* ]]; }
parts="$*"

source build/debian13.sh
command -v dotnet >/dev/null || die "the .NET 10 SDK is not here."
emulator=()
case "$(uname -s) $(uname -m)" in
  "Linux aarch64") ;;
  "Linux x86_64")
    if [ -z "${QEMU:-}" ] || [ -z "${ARM64_ROOT:-}" ]; then
      debian13 "$home/debian" qemu-user:amd64 libc6:arm64 libgcc-s1:arm64 libstdc++6:arm64 libssl3t64:arm64 libzstd1:arm64 zlib1g:arm64 ||
        die "QEMU and Arm64's libraries could not be brought: set QEMU to a qemu-aarch64 (8.1 or later) and ARM64_ROOT to a folder that holds the libraries."
    fi
    emulator=("${QEMU:-$home/debian/usr/bin/qemu-aarch64}" -L "${ARM64_ROOT:-$home/debian}")
    "${emulator[0]}" --version | head -1 || die "${emulator[0]} does not run."
    # QEMU before 8.1 misses code that the JIT writes through a second mapping of its memory.
    export DOTNET_EnableWriteXorExecute=0 ;;
  *) die "this runs on Linux, on Arm64 or x64; this is $(uname -sm)." ;;
esac

# On an Arm64 machine too, programs are self-contained: the tests then are one program, without a test host.
publish() {
  dotnet publish "test/$1" -c Release -r linux-arm64 --self-contained --artifacts-path "$home" -p:EnableMLUnsupportedPlatformTargetCheck=false -v:q -clp:NoSummary "${@:2}" || die "$1 could not be published for linux-arm64."
  program=$home/publish/$1/release_linux-arm64/$1
}
arm() { MLRECURRENT_KERNELS=advsimd "${emulator[@]}" "$@"; }

failed=0 passed=0 summary=()
tests() { # PROJECT FILTER
  publish "$1" -p:EnableMSTestRunner=true
  local log=$home/$1.log status counts
  arm "$program" --progress off --no-ansi --output Detailed --filter "$2" | tee "$log" | grep -v '^passed '
  status=${PIPESTATUS[0]}
  counts=$(awk '/^Test run summary/ { seen = 1 } seen && /succeeded:/ { p = $2 } seen && /failed:/ { f = $2 } seen && /skipped:/ { s = $2 } END { print seen ? p " " f " " s : "0 0 0" }' "$log")
  read -r p f s <<<"$counts"
  [ "$status" = 0 ] || [ "$f" != 0 ] || f=1 # crashed, or no test was found
  passed=$((passed + p)) failed=$((failed + f))
  summary+=("$1: $p passed, $f failed, $s skipped; exit code $status; $log")
}

if wants core; then
  # The one that is left out kills this program and starts it again by the machine's own dotnet.
  tests Microsoft.ML.Recurrent.Core.Tests 'FullyQualifiedName!~CheckpointTests.ARunThatWasKilled'
fi
if wants compare; then
  publish Microsoft.ML.Recurrent.Benchmarks
  scoring=()
  [ ${#emulator[@]} = 0 ] || ! "${emulator[0]}" --version | grep -qE 'version [0-7]\.' || scoring=(--no-scoring)
  dotnet build test/Microsoft.ML.Recurrent.Benchmarks -c Release --artifacts-path "$home/here" -v:q -clp:NoSummary || die "the benchmarks could not be built."
  here=$home/here/bin/Microsoft.ML.Recurrent.Benchmarks/release/Microsoft.ML.Recurrent.Benchmarks.dll
  if dotnet "$here" platform "$home/models/here" && arm "$program" platform "$home/models/arm64" --against "$home/models/here" "${scoring[@]}" &&
    { [ ${#scoring[@]} != 0 ] || dotnet "$here" platform "$home/models/here" --against "$home/models/arm64"; }; then
    passed=$((passed + 1)) summary+=("models trained on Arm64 and here: agree")
  else
    failed=$((failed + 1)) summary+=("models trained on Arm64 and here: FAILED")
  fi
fi
if wants library; then
  # Compressed exports are left out: they train on real data, a quarter of an hour in an emulator, and are files for ONNX Runtime like the others.
  tests Microsoft.ML.Recurrent.Tests 'FullyQualifiedName~Tests.Scoring.|(FullyQualifiedName~Tests.Onnx.&FullyQualifiedName!~Onnx.Precision)'
fi

printf '%s\n' "" "${summary[@]}" "$passed passed, $failed failed"
[ "$failed" = 0 ]
