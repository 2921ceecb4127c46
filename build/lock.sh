#!/usr/bin/env bash
# Writes the lock files of all variants anew (build/locks; see build/LockFiles.props), and says what changed. Needs the package registry.
#   build/lock.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
oldest=(-p:MicrosoftMLVersion=5.0.1 -p:OnnxRuntimeVersion=1.31.1)
default=ml-6.0.0_ort-1.32.0
rm -rf build/locks
mkdir -p "build/locks/$default" "build/locks/${default}_gpu" build/locks/ml-5.0.1_ort-1.31.1
lock() { dotnet restore --force-evaluate -v:q --nologo -p:RestoreLockedMode=false "$@"; }
lock "${oldest[@]}"
lock -p:OnnxRuntimePackage=Microsoft.ML.OnnxRuntime.Gpu
lock # last: obj/ is left as the default variant wants it
git status --short build/locks
