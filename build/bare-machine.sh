#!/usr/bin/env bash
# Does what README tells a newcomer, in a copy of this checkout with nothing beside it and an empty package cache: the demo, then tests.
#   build/bare-machine.sh          the demo, the tests of the package, and, on the CUDA build of ONNX Runtime, those of scoring
#   build/bare-machine.sh --all    the demo, then README's test command as it stands
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/clone"
git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ -e "$f" ] && printf "%s\0" "$f"; done' sh | tar -c --null -T - | tar -x -C "$work/clone"
cd "$work/clone"
# The copy is a repository, as a clone is: the package's source links read the commit.
git init -q && git add -A && git -c user.name=build -c user.email=build@localhost commit -q -m copy
export NUGET_PACKAGES=$work/packages NUGET_HTTP_CACHE_PATH=$work/http-cache DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
unset TestReports

# README's two commands are the lines of the code blocks under its heading "Two commands".
mapfile -t commands < <(awk '/^## / { here = $0 == "## Two commands" } here && /^```/ { code = !code; next } here && code' README.md)
[ "${#commands[@]}" = 2 ] || { echo "README.md should have two commands, found ${#commands[@]}." >&2; exit 1; }
echo "\$ ${commands[0]}"
eval "${commands[0]}"
if [ "${1:-}" = --all ]; then
  echo "\$ ${commands[1]}"
  eval "${commands[1]}"
  exit
fi
tests=test/Microsoft.ML.Recurrent.Tests
dotnet test "$tests" -c Release --filter "ClassName~PackageTests"
echo "On Microsoft.ML.OnnxRuntime.Gpu:"
dotnet test "$tests" -c Release -p:OnnxRuntimePackage=Microsoft.ML.OnnxRuntime.Gpu --filter "FullyQualifiedName~.Tests.Scoring."
