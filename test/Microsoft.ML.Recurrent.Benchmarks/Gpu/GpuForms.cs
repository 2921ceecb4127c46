using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Regression;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>One model to be checked, as it is exported.</summary>
internal sealed record GpuForm(string Name, byte[] Graph, ModelManifest Manifest, int RecurrentNodes, double Tolerance);

/// <summary>
/// The forms of recurrent layers that are exported: cells, directions, lengths, stacks, variants, precisions and opsets, with weights of a first
/// initialization.
/// </summary>
internal static class GpuForms
{
    private const int Features = 6, Steps = 20;

    // The GPU may multiply in TF32 (10 bits of mantissa).
    private const double SingleTolerance = 2e-3, HalfTolerance = 2e-2;

    public static IEnumerable<GpuForm> All()
    {
        foreach (var cell in Enum.GetValues<RecurrentCell>())
            foreach (var bidirectional in new[] { false, true })
                foreach (var varying in new[] { false, true })
                    yield return Form($"{cell}{(bidirectional ? ", two directions" : "")}{(varying ? ", lengths" : "")}",
                        [Layer("a", cell) with { Bidirectional = bidirectional }, Last()], varying);
        foreach (var cell in Enum.GetValues<RecurrentCell>())
        {
            yield return Form($"{cell}, stack of three", [Layer("a", cell), Layer("b", cell) with { Bidirectional = true }, Layer("c", cell), Last()],
                varying: true);
            yield return Form($"{cell}, dilated and residual", [Layer("a", cell), Layer("b", cell) with { Dilation = 2, Residual = true }, Last()],
                varying: true);
            foreach (var precision in Enum.GetValues<OnnxPrecision>().Except([OnnxPrecision.Single, OnnxPrecision.Int8]))
                yield return Form($"{cell}, {precision}", [Layer("a", cell), Last()], varying: true, new() { Precision = precision, MeasureError = false });
            foreach (var opset in new[] { 11, 13, 14, 21 })
                yield return Form($"{cell}, opset {opset}", [Layer("a", cell), Last()], varying: true, new() { Opset = opset });
        }
        yield return Form("projected LSTM", [Layer("a", RecurrentCell.Lstm) with { Projection = 16 }, Last()], varying: true);
        yield return Form("merged directions", [Layer("a", RecurrentCell.Gru) with { Bidirectional = true, Merge = BidirectionalMerge.Sum }, Last()],
            varying: true);
        yield return Form("mean of the steps", [Layer("a", RecurrentCell.Lstm), new PoolingDescription("pool", SequencePooling.Mean)], varying: true);
        yield return Form("attention", [Layer("a", RecurrentCell.Lstm), new AttentionDescription("attention", AttentionForm.Dot)], varying: true);
    }

    /// <summary>A plain model.</summary>
    public static RecurrentModel Model(LayerDescription[] layers, bool varying, int features = Features, int steps = Steps)
    {
        var description = new NetworkDescription { Features = features, Time = varying ? null : steps, Layers = [.. layers], Outputs = 1 };
        using var network = new Network(description, seed: 1);
        var manifest = new ModelManifest
        {
            Task = ModelTask.Regression, Inputs = [new("Features", InputKind.Sequence, description.Time, features)],
            Outputs = [new("Score", OutputKind.Single)]
        };
        return NetworkExporter.ToModel(network, new RegressionHead(default, new Moments(1)), manifest,
            new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed, Elapsed = TimeSpan.Zero });
    }

    public static PoolingDescription Last() => new("pool", SequencePooling.Last);

    private static RecurrentDescription Layer(string name, RecurrentCell cell) => new(name, cell, 32);

    private static GpuForm Form(string name, LayerDescription[] layers, bool varying, OnnxExportOptions? options = null)
    {
        var model = Model(layers, varying);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        return new(name, stream.ToArray(), model.Manifest, layers.OfType<RecurrentDescription>().Count(),
            options?.Precision is OnnxPrecision.Half ? HalfTolerance : SingleTolerance);
    }
}
