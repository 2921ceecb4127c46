using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Precision;

namespace Microsoft.ML.Recurrent.Scoring.Export;

/// <summary>Calibration: the ranges of tensors inside a graph while it scores some rows.</summary>
internal static class QuantizationRanges
{
    /// <param name="manifest">The model's columns.</param>
    /// <param name="model">The graph in 32-bit floats, in the form that is exported; it is left as it was.</param>
    /// <param name="tensors">The tensors, of float.</param>
    /// <param name="batches">The rows.</param>
    public static IReadOnlyDictionary<string, QuantizationRange> Measure(ModelManifest manifest, ModelProto model, IReadOnlyCollection<string> tensors,
        IEnumerable<ScoringBatch> batches)
    {
        var ranges = tensors.ToDictionary(name => name, _ => default(QuantizationRange));
        if (tensors.Count == 0) return ranges;
        using var session = SessionFactory.Create(WithOutputs(model, tensors), ScoringOptions.Default, shapesVary: true, null, out _);
        string[] names = [.. tensors];
        using var options = new RunOptions();
        foreach (var batch in batches)
        {
            using var feeds = ExportFeeds.Create(manifest, session, batch);
            using var values = session.Run(options, feeds.Values, names);
            for (var i = 0; i < names.Length; i++)
            {
                var range = ranges[names[i]];
                foreach (var value in values[i].GetTensorDataAsSpan<float>()) range = range.With(value);
                ranges[names[i]] = range;
            }
        }
        return ranges;
    }

    private static ModelBytes WithOutputs(ModelProto model, IReadOnlyCollection<string> tensors)
    {
        var outputs = model.Graph.Output.Count;
        // An input of the graph is no output of a node, and its own name cannot be given twice.
        foreach (var name in tensors)
            model.Graph.Output.Add(new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)OnnxType.Single } } });
        try
        {
            return ModelBytes.Create(model, null);
        }
        finally
        {
            while (model.Graph.Output.Count > outputs) model.Graph.Output.RemoveAt(outputs);
        }
    }
}
