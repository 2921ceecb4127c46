using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;
using Microsoft.ML.Recurrent.Tests.Text;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>
/// Every recurrent node that is exported has a form that ONNX Runtime's CUDA provider runs itself (read at release 1.29); the few that it hands back to the CPU
/// are listed here, and in docs/onnx.md.
/// </summary>
[TestClass]
public sealed class CudaFormTests
{
    // The provider's kernels are of LSTM, GRU and RNN as of opsets 7 and 14; the operators' next version is that of 22.
    private const int LastOpset = 21;

    private static readonly MLContext Context = new(1);

    public static IEnumerable<object[]> Layers => from network in LayerExportTests.Networks
                                                  where network.Value.OfType<RecurrentDescription>().All(layer => CellsThatStay.Contains(layer.Cell))
                                                  select new object[] { network.Key };

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void Every_layer_stays(string name)
    {
        foreach (var time in new int?[] { null, 7 }) CheckAll(TestModels.Model(TestModels.Describe(LayerExportTests.Networks[name], time: time)), name);
    }

    // A minimal gated unit is a GRU that resets before the product, which cuDNN does not have. Nor does it have peepholes.
    private static IEnumerable<RecurrentCell> CellsThatStay =>
        Enum.GetValues<RecurrentCell>().Except([RecurrentCell.MinimalGated, RecurrentCell.PeepholeLstm, RecurrentCell.CoupledPeepholeLstm]);

    public static IEnumerable<object[]> Cells =>
        from cell in CellsThatStay
        from bidirectional in new[] { false, true }
        from pooling in Enum.GetValues<SequencePooling>()
        select new object[] { cell, bidirectional, pooling };

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Every_cell_stays(RecurrentCell cell, bool bidirectional, SequencePooling pooling) => CheckAll(TestModels.Model(TestModels.Describe(
        [new RecurrentDescription("first", cell, 34) { Bidirectional = bidirectional }, new RecurrentDescription("second", cell, 4),
            new PoolingDescription("pool", pooling)], time: null)), $"{cell}");

    [TestMethod]
    public void Every_trainers_model_stays()
    {
        foreach (var cell in CellsThatStay)
        {
            CheckAll(Context.Regression.Trainers.RecurrentNetwork(new() { Network = { Cell = cell, HiddenSize = 4 }, Stopping = { MaximumNumberOfEpochs = 1 } })
                .Fit(Context.Data.LoadFromEnumerable(Sums(50, 1))).Model, "regression");
            CheckAll(Context.BinaryClassification.Trainers.RecurrentNetwork(new()
            {
                Network = { Cell = cell, HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 1 },
            })
                .Fit(Context.Data.LoadFromEnumerable(Firsts(50, 1))).Model, "binary");
            var keys = Context.Transforms.Conversion.MapValueToKey("Words").Append(Context.Transforms.Conversion.MapValueToKey("Class"));
            var words = Context.Data.LoadFromEnumerable(Words(50, 1));
            CheckAll(Context.MulticlassClassification.Trainers.RecurrentNetwork(new()
            {
                LabelColumnName = "Class",
                FeatureColumnName = "Words",
                Network = { Cell = cell, HiddenSize = 4, Bidirectional = true },
                Stopping = { MaximumNumberOfEpochs = 1 },
            })
                .Fit(keys.Fit(words).Transform(words)).Model, "multiclass");
            CheckAll(Context.Transforms.Text.LanguageModelByRecurrentNetwork(new()
            {
                Network = { Cell = cell, HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 1 },
            })
                .Fit(SmallTexts.Keys(50).Keys).Model, "language model");
            foreach (var normalization in Enum.GetValues<WindowNormalization>())
                CheckAll(Context.Forecasting.ForecastByRecurrentNetwork(new()
                {
                    Input = { InputColumnName = "Value", WindowSize = 12 },
                    Horizon = 4,
                    Network = { Cell = cell, HiddenSize = 4 },
                    Stopping = { MaximumNumberOfEpochs = 1 },
                    Normalization = { Window = normalization },
                })
                    .Fit(Context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new SeriesRow { Value = MathF.Sin(i / 5f) }))).Model,
                        "forecasting");
        }
    }

    [TestMethod]
    public void What_goes_to_the_cpu_is_known()
    {
        string? Reason(LayerDescription layer, OnnxExportOptions? options = null) =>
            Nodes(TestModels.Model(TestModels.Describe([layer, new PoolingDescription("pool", SequencePooling.Last)], time: null)), options ?? new())
            .Select(node => Obstacle(node.Node, node.Opset)).Single();
        Assert.IsNull(Reason(new RecurrentDescription("gru", RecurrentCell.Gru, 4)));
        Assert.AreEqual("linear_before_reset", Reason(new RecurrentDescription("gru", RecurrentCell.Gru, 4) { ResetAfter = false }));
        Assert.AreEqual("linear_before_reset", Reason(new RecurrentDescription("mgu", RecurrentCell.MinimalGated, 4)));
        Assert.AreEqual("peepholes", Reason(new RecurrentDescription("lstm", RecurrentCell.PeepholeLstm, 4)));
        Assert.AreEqual("peepholes", Reason(new RecurrentDescription("lstm", RecurrentCell.CoupledPeepholeLstm, 4)));
        foreach (var activation in Enum.GetValues<RecurrentActivation>())
            Assert.AreEqual(activation is RecurrentActivation.Tanh ? null : "activations",
                Reason(new RecurrentDescription("rnn", RecurrentCell.SimpleRnn, 4) { Activation = activation }), activation.ToString());
        Assert.AreEqual("opset", Reason(new RecurrentDescription("lstm", RecurrentCell.Lstm, 4), new() { Opset = 22 }));
        Assert.AreEqual("DynamicQuantizeLSTM",
            Reason(new RecurrentDescription("lstm", RecurrentCell.Lstm, 32), new() { Precision = OnnxPrecision.Int8, MeasureError = false }));
    }

    // All forms, opsets and precisions.
    private static void CheckAll(RecurrentModel model, string what)
    {
        var expected = model.Description.Layers.OfType<RecurrentDescription>().Count();
        foreach (var form in Enum.GetValues<OnnxExportForm>())
            foreach (var opset in new[] { 11, 13, 14, 17, LastOpset })
                foreach (var precision in Enum.GetValues<OnnxPrecision>().Except([OnnxPrecision.Int8]))
                {
                    (NodeProto Node, int Opset)[] nodes;
                    try
                    {
                        nodes = [.. Nodes(model, new() { Opset = opset, Form = form, Precision = precision, MeasureError = false })];
                    }
                    catch (NotSupportedException) when (form is OnnxExportForm.SingleStep)
                    {
                        break; // It has to see the whole sequence.
                    }
                    foreach (var (node,
                        _) in nodes) Assert.IsNull(Obstacle(node, opset), $"{what}, {form}, opset {opset}, {precision}: {node.Name} would go to the CPU");
                    // A layer of a cell that no node can say is a loop.
                    var loops = model.Description.Layers.OfType<RecurrentDescription>()
                        .Count(layer => layer.LayerNormalization || layer.ZoneoutHidden > 0 || layer.ZoneoutCell > 0);
                    Assert.HasCount(expected - loops, nodes, what);
                }
    }

    private static IEnumerable<(NodeProto Node, int Opset)> Nodes(RecurrentModel model, OnnxExportOptions options)
    {
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        return ModelProto.Parser.ParseFrom(stream.ToArray()).Graph.Node.Where(node => node.OpType is "LSTM" or "GRU" or "RNN" or "DynamicQuantizeLSTM")
            .Select(node => (node, options.Opset));
    }

    // What makes the provider leave a node to the CPU; null where it keeps it.
    private static string? Obstacle(NodeProto node, int opset)
    {
        if (node.OpType is "DynamicQuantizeLSTM") return node.OpType;
        if (opset > LastOpset) return "opset";
        foreach (var attribute in new[] { "activations", "clip", "activation_alpha", "activation_beta", "layout" })
            if (node.Find(attribute) is not null) return attribute;
        if (node.Integer("input_forget") is not (null or 0)) return "input_forget";
        if (node.OpType is "GRU" && node.Integer("linear_before_reset") != 1) return "linear_before_reset";
        if (node.OpType is "LSTM" && node.Input.Count > 7 && node.Input[7].Length > 0) return "peepholes";
        // cuDNN's own bias is always there.
        return node.Input.Count > 3 && node.Input[3].Length > 0 ? null : "bias";
    }

    private sealed class SeriesRow
    {
        public float Value { get; set; }
    }
}
