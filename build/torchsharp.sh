#!/usr/bin/env bash
# Builds TorchSharp's side of the training benchmark (600 MB) so that it runs on Debian 12 too, whose C and C++ libraries are too old for it: with those of Debian 13, unpacked into artifacts/.
#   build/torchsharp.sh
#   dotnet run -c Release --project test/Microsoft.ML.Recurrent.Benchmarks -- training --torchsharp-program artifacts/torchsharp/run
# Where TorchSharp loads as it is (Debian 13, Ubuntu 24.04), `-- training --torchsharp` does it all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
die() { echo "torchsharp.sh: $*" >&2; exit 1; }
source build/debian13.sh
[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || die "this is for Linux on x64."
home=$PWD/artifacts/torchsharp debian=$PWD/artifacts/torchsharp.debian name=Microsoft.ML.Recurrent.Benchmarks.TorchSharp
debian13 "$debian" libc6:amd64 libgcc-s1:amd64 libstdc++6:amd64 patchelf:amd64 || die "Debian 13's libraries could not be brought."
dotnet build "test/$name" -c Release -o "$home" -v:q --nologo -clp:NoSummary
libraries=$debian/usr/lib/x86_64-linux-gnu
loader=$libraries/ld-linux-x86-64.so.2
# The program itself has to name the loader: .NET finds its files by the program that the system says is running.
"$loader" --library-path "$libraries" "$debian/usr/bin/patchelf" --set-interpreter "$loader" --output "$home/$name.debian13" "$home/$name"
chmod +x "$home/$name.debian13"
cat >"$home/run" <<EOF
#!/bin/sh
exec env LD_LIBRARY_PATH="$libraries" DOTNET_ROOT="$(dirname "$(readlink -f "$(command -v dotnet)")")" "$home/$name.debian13" "\$@"
EOF
chmod +x "$home/run"
"$home/run" 1 lstm 1 32 32 50 8 0 || die "the program does not run: see above."
echo "$home/run"
