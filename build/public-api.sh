#!/usr/bin/env bash
# Writes what the public surface has gained and lost into PublicAPI.Unshipped.txt of each assembly, from what the analyzer says of a build. Look at the
# difference before you commit it: docs/deprecation.md says what may change.
#   build/public-api.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C
for project in src/Microsoft.ML.Recurrent.Core src/Microsoft.ML.Recurrent; do
  file=$project/PublicAPI.Unshipped.txt
  messages=$(dotnet build "$project" -c Release --no-incremental --nologo -tl:off -p:TreatWarningsAsErrors=false -p:WarningsAsErrors= 2>&1 || true)
  # RS0016: a symbol that is not listed. RS0017: a line whose symbol is gone. RS0036: one that is listed without its annotations of null.
  gained=$(sed -nE "s/^.*$(basename "$project")\/.*: (warning|error) RS0016: Symbol '(.*)' is not part of the declared public API.*$/\2/p" <<<"$messages" | sort -u)
  annotated=$(sed -nE "s/^.*(warning|error) RS0036: Symbol '(.*)' is missing nullability annotations.*$/\2/p" <<<"$messages" | sort -u)
  lost=$(sed -nE "s/^.*PublicAPI\.[A-Za-z]*\.txt.*: (warning|error) RS0017: Symbol '(.*)' is part of the declared API, but .*$/\2/p" <<<"$messages" | sort -u)
  lost+=$'\n'$(tr -d '!?' <<<"$annotated")
  gained+=$'\n'$annotated
  { echo "#nullable enable"; { grep -v '^#' "$file" | grep -vxF "$(grep . <<<"$lost" || echo '#')" || true; grep . <<<"$gained" || true; } | sort -u; } >"$file.new"
  mv "$file.new" "$file"
  echo "$file: $(grep -c . <<<"$gained" || true) gained, $(grep -c . <<<"$lost" || true) lost"
done
