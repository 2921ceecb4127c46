#!/usr/bin/env bash
# Packages: Microsoft.ML.OnnxRuntime 1.32.0 on .NET 10; Debian 12's python3-onnx 1.12.0 writes the file.
# Behaviour: a file with an If, whose branches fit an axis of 4 and of 6, loads and runs for both sizes while the axis is free. When a session fixes the free axis to 4
# (AddFreeDimensionOverrideByName), the runtime also checks the branch for 6, which can then never be taken, and refuses to load the file. The override is thus no mere hint.
# Output seen:
#   free: 4 -> 4, 6 -> 12
#   fixed to 4: OnnxRuntimeException at load
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=$(/usr/bin/python3 -c 'import onnx; print(onnx.__version__)') || { echo "install Debian's python3-onnx first"; exit 2; }
echo "python3-onnx $version"
cat > write.py <<'P'
import onnx
from onnx import helper, numpy_helper, TensorProto
import numpy

def branch(size, factor):
    weight = numpy_helper.from_array(numpy.full((size, 1), factor, dtype=numpy.float32), f"weight{size}")
    node = helper.make_node("MatMul", ["dose", f"weight{size}"], [f"sum{size}"])
    return helper.make_graph([node], f"for{size}", [], [helper.make_tensor_value_info(f"sum{size}", TensorProto.FLOAT, ["patients", 1])], [weight])

nodes = [
    helper.make_node("Shape", ["dose"], ["shape"]),
    helper.make_node("Gather", ["shape", "second"], ["hours"]),
    helper.make_node("Equal", ["hours", "four"], ["short"]),
    helper.make_node("If", ["short"], ["total"], then_branch=branch(4, 1.0), else_branch=branch(6, 2.0)),
]
graph = helper.make_graph(nodes, "doses", [helper.make_tensor_value_info("dose", TensorProto.FLOAT, ["patients", "hours_given"])],
    [helper.make_tensor_value_info("total", TensorProto.FLOAT, ["patients", 1])],
    [numpy_helper.from_array(numpy.array(1, dtype=numpy.int64), "second"), numpy_helper.from_array(numpy.array(4, dtype=numpy.int64), "four")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, "doses.onnx")
P
/usr/bin/python3 write.py
cat > probe.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.32.0" /></ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

Console.WriteLine($"free: {Try(null)}");
Console.WriteLine($"fixed to 4: {Try(4)}");

static string Try(int? hours)
{
    using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    if (hours is { } size) options.AddFreeDimensionOverrideByName("hours_given", size);
    InferenceSession session;
    try
    {
        session = new InferenceSession("doses.onnx", options);
    }
    catch (OnnxRuntimeException error)
    {
        return $"{error.GetType().Name} at load";
    }
    using (session)
        return string.Join(", ", (hours is { } only ? [only] : new[] { 4, 6 }).Select(count =>
        {
            var dose = new DenseTensor<float>(Enumerable.Repeat(1f, count).ToArray(), [1, count]);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("dose", dose)]);
            return $"{count} -> {results[0].AsTensor<float>().Single()}";
        }));
}
P
dotnet build -c Release -v:q --nologo > build.log 2>&1 || { cat build.log; exit 2; }
cat > expected <<'E'
free: 4 -> 4, 6 -> 12
fixed to 4: OnnxRuntimeException at load
E
dotnet bin/Release/net10.0/probe.dll > seen 2> errors || { cat errors; exit 2; }
echo "expected:"; cat expected
echo "seen:"; cat seen
diff expected seen
