using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Targets are carried between the data and a window's space by the same steps in tensors and in a graph, there and back.</summary>
[TestClass]
public sealed class TargetSpaceTests
{
    private const int Rows = 3, Targets = 2, Features = 3;

    private static readonly float[] s_values = [0.5f, -2, 3.25f, 0, -1.5f, 7];

    [TestMethod]
    [DataRow(false, false, false)]
    [DataRow(true, false, false)]
    [DataRow(true, true, false)]
    [DataRow(false, false, true)]
    [DataRow(true, true, true)]
    public void Tensors_and_graph_agree(bool hasLevel, bool hasScale, bool isStandardized)
    {
        float[] level = [1, -2, 9, 0.5f, 4, 9, -3, 8, 9], scale = [2, 0.25f, 9, 1, 3, 9, 0.5f, 5, 9], mean = [10, -20, 99], deviation = [4, 0.5f, 99];
        using var window = Tensor.Zeros(new Shape(1, Rows, Features));
        using var levels = Tensor.From(new Shape(Rows, Features), level);
        using var scales = Tensor.From(new Shape(Rows, Features), scale);
        using var means = Tensor.From(new Shape(Features), mean);
        using var deviations = Tensor.From(new Shape(Features), deviation);
        var space = new WindowSpace(window, hasLevel ? levels : null, hasScale ? scales : null, isStandardized ? means : null,
            isStandardized ? deviations : null);

        var model = new OnnxModelBuilder(17, "space", ["x", "data", "spread", "back"]);
        model.Input("x", OnnxType.Single, "rows", Targets);
        string OfWindows(float[] values) => model.Reshape(model.Constant(values), Rows, Features);
        var output = new OnnxNetworkOutput(
            "", hasLevel ? OfWindows(level) : null, hasScale ? OfWindows(scale) : null, isStandardized ? model.Constant(mean) : null,
            isStandardized ? model.Constant(deviation) : null);
        var exporter = new TargetSpaceExporter(model, output, Targets);
        var inData = TargetSpace.ToData(exporter, "x");
        model.Output("data", model.Node("Identity", [inData]), OnnxType.Single, "rows", Targets);
        model.Output("spread", model.Node("Identity", [TargetSpace.ToData(exporter, "x", isSpread: true)]), OnnxType.Single, "rows", Targets);
        model.Output("back", model.Node("Identity", [TargetSpace.FromData(exporter, inData)]), OnnxType.Single, "rows", Targets);
        using var session = new InferenceSession(model.Model.ToByteArray());
        using var input = OrtValue.CreateTensorValueFromMemory(s_values, [Rows, Targets]);
        using var options = new RunOptions();
        using var results = session.Run(options, new Dictionary<string, OrtValue> { ["x"] = input }, ["data", "spread", "back"]);

        for (var i = 0; i < s_values.Length; i++)
        {
            var (row, target) = (i / Targets, i % Targets);
            // Written down once more, in double precision.
            double unit = (hasScale ? scale[row * Features + target] : 1) * (isStandardized ? deviation[target] : 1);
            var expected = s_values[i] * unit + (hasLevel ? level[row * Features + target] : 0) * (isStandardized ? deviation[target] : 1)
                + (isStandardized ? mean[target] : 0);
            var data = space.ToData(s_values[i], row, target);
            Assert.AreEqual(expected, data, 1e-5);
            Assert.AreEqual(s_values[i] * unit, space.ToData(s_values[i], row, target, isSpread: true), 1e-5);
            Assert.AreEqual(s_values[i], space.FromData(data, row, target), 1e-5f);
            Assert.AreEqual(data, results[0].GetTensorDataAsSpan<float>()[i], 1e-5f);
            Assert.AreEqual(space.ToData(s_values[i], row, target, isSpread: true), results[1].GetTensorDataAsSpan<float>()[i], 1e-5f);
            Assert.AreEqual(s_values[i], results[2].GetTensorDataAsSpan<float>()[i], 1e-5f);
        }
    }
}
