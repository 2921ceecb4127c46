#!/usr/bin/env bash
# Packages: Microsoft.ML.OnnxRuntime 1.32.0 on .NET 10, CPU provider; Debian 12's python3-onnx 1.12 writes the model files.
# Behaviour: a GRU, LSTM or RNN node has initial_h and sequence_lens; one row of the batch has the length 0. A row that reads nothing should end in the state it began with,
# so that a stream may pause. Instead its Y_h is 0. The row beside it, of length 1, is right: all weights are 0, so GRU halves the state and the others end in 0.
# Output seen:
#   GRU: length 0: 0.6 -> 0; length 1: 0.6 -> 0.3
#   LSTM: length 0: 0.6 -> 0; length 1: 0.6 -> 0
#   RNN: length 0: 0.6 -> 0; length 1: 0.6 -> 0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
/usr/bin/python3 -c 'import onnx' 2>/dev/null || { apt-get update -qq && apt-get install -y -qq python3-onnx >/dev/null; }
cat > write.py <<'P'
import numpy as np
from onnx import TensorProto as T, helper as h, numpy_helper as n, save

for cell, gates in (("GRU", 3), ("LSTM", 4), ("RNN", 1)):
    weights = [n.from_array(np.zeros((1, gates, 1), np.float32), name) for name in ("W", "R")]
    node = h.make_node(cell, ["X", "W", "R", "", "lengths", "start"], ["", "end"], hidden_size=1)
    graph = h.make_graph([node], "pause",
        [h.make_tensor_value_info("X", T.FLOAT, [1, 2, 1]), h.make_tensor_value_info("lengths", T.INT32, [2]), h.make_tensor_value_info("start", T.FLOAT, [1, 2, 1])],
        [h.make_tensor_value_info("end", T.FLOAT, [1, 2, 1])], weights)
    save(h.make_model(graph, opset_imports=[h.make_opsetid("", 14)], ir_version=8), cell + ".onnx")
P
/usr/bin/python3 write.py
cat > probe.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings><InvariantGlobalization>true</InvariantGlobalization></PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.32.0" /></ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using Microsoft.ML.OnnxRuntime;

foreach (var cell in new[] { "GRU", "LSTM", "RNN" })
{
    using var session = new InferenceSession(cell + ".onnx");
    using var x = OrtValue.CreateTensorValueFromMemory(new float[] { 1, 1 }, [1, 2, 1]);
    using var lengths = OrtValue.CreateTensorValueFromMemory(new[] { 0, 1 }, [2]);
    using var start = OrtValue.CreateTensorValueFromMemory(new[] { 0.6f, 0.6f }, [1, 2, 1]);
    using var run = new RunOptions();
    using var answers = session.Run(run, ["X", "lengths", "start"], [x, lengths, start], ["end"]);
    var end = answers[0].GetTensorDataAsSpan<float>();
    Console.WriteLine($"{cell}: length 0: 0.6 -> {end[0]:0.###}; length 1: 0.6 -> {end[1]:0.###}");
}
P
seen=$(dotnet run --project probe.csproj -c Release --nologo -v:q)
expected="GRU: length 0: 0.6 -> 0; length 1: 0.6 -> 0.3
LSTM: length 0: 0.6 -> 0; length 1: 0.6 -> 0
RNN: length 0: 0.6 -> 0; length 1: 0.6 -> 0"
printf 'one would expect 0.6 -> 0.6 for the length 0; recorded:\n%s\nseen:\n%s\n' "$expected" "$seen"
[ "$seen" = "$expected" ]
