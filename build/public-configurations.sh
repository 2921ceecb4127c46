#!/usr/bin/env bash
# Fetches the configurations of public repositories that a test reads (PublicConfigurationTests), each at the commit that it names, into a folder.
#   build/public-configurations.sh BASE FOLDER      BASE/OWNER/NAME is a git repository
#   RECURRENT_CONFIGURATIONS=FOLDER dotnet test test/Microsoft.ML.Recurrent.Workbench.Tests --filter PublicConfigurationTests
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
base=${1:?the address under which the repositories lie}
folder=${2:?the folder to fill}
rows=$(sed -nE '/^    \/\/ At [0-9a-f]{40}$/{s/.* //;h};/DataRow\("/{s/.*DataRow\("([^"]*)", "([^"]*)".*/\1\t\2/;G;s/\n/\t/;p}' \
  test/Microsoft.ML.Recurrent.Workbench.Tests/Configuration/PublicConfigurationTests.cs)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
while IFS=$'\t' read -r repository path commit; do
  clone=$scratch/${repository//\//+}
  if [[ ! -d $clone ]]; then
    git init -q --bare "$clone"
    git -C "$clone" fetch -q --depth 1 "$base/$repository" "$commit"
  fi
  mkdir -p "$(dirname "$folder/$repository/$path")"
  git -C "$clone" show "$commit:$path" >"$folder/$repository/$path"
  echo "$repository $path"
done <<<"$rows"
