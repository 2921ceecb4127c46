using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Precision;

namespace Microsoft.ML.Recurrent.Scoring.Export;

/// <summary>One export of a model: the bytes of the file, and the report.</summary>
internal sealed class OnnxExport
{
    private OnnxExport(ModelBytes file, OnnxExportReport report) => (File, Report) = (file, report);

    public ModelBytes File { get; }

    public OnnxExportReport Report { get; }

    public static OnnxExport Create(RecurrentModel model, OnnxExportOptions options)
    {
        options.Check();
        var single = Single(model, options);
        if (options.Precision is OnnxPrecision.Single)
            return new(single, new() { Precision = options.Precision, FileSize = single.Size, SingleFileSize = single.Size });
        if (model.Manifest.IsForeignGraph)
            throw new NotSupportedException(
                $"This model is the graph of another framework and is exported unchanged: {nameof(OnnxExportOptions)}.{nameof(OnnxExportOptions.Precision)} is "
                    + $"for models trained here, or loaded for training.");
        var proto = single.Parse();
        var ranges = options.Precision is OnnxPrecision.Int8
            ? QuantizationRanges.Measure(model.Manifest, proto, QuantizedNodes.Inputs(proto), Rows())
            : new Dictionary<string, QuantizationRange>();
        var reduced = Reduce(model, options, proto, ranges);
        var report = new OnnxExportReport { Precision = options.Precision, FileSize = reduced.Size, SingleFileSize = single.Size };
        if (options.MeasureError)
        {
            var (count, errors) = ExportComparison.Measure(model.Manifest, single, reduced, Rows(),
                neighborsMatter: options.Precision is OnnxPrecision.Int8);
            report = report with { Rows = count, Outputs = errors };
        }
        return new(reduced, report);

        // Read anew for each purpose.
        IEnumerable<ScoringBatch> Rows() =>
            options.EvaluationData is { } data ? EvaluationRows.Read(data, model.Manifest) : EvaluationRows.Draw(model, single.Parse().Graph);
    }

    // A graph in another form than the model's own has no metadata: it can be scored, but not loaded as a model.
    private static ModelBytes Single(RecurrentModel model, OnnxExportOptions options) => options switch
    {
        { IsOwnGraph: true, HasDefaultThreshold: true } => model.File(),
        { IsOwnGraph: true } => ModelBytes.Create(model.Proto(), model.Metadata, options.ExternalDataThreshold),
        { Form: OnnxExportForm.Sequence } => ModelBytes.Create(OnnxTranscriber.Export(model.Proto(), options), model.Metadata, options.ExternalDataThreshold),
        _ => ModelBytes.Create(OnnxTranscriber.Export(StepGraph.Create(model).File.Parse(), options), null, options.ExternalDataThreshold),
    };

    // The same holds if its nodes are no longer the layers of the network.
    private static ModelBytes Reduce(RecurrentModel model, OnnxExportOptions options, ModelProto proto,
        IReadOnlyDictionary<string, QuantizationRange> ranges)
    {
        PrecisionWriter.Apply(proto, options.Precision, ranges);
        if (options is { Form: OnnxExportForm.Sequence, Precision: not OnnxPrecision.Int8 })
            return ModelBytes.Create(proto, model.Metadata, options.ExternalDataThreshold);
        proto.MetadataProps.Clear();
        return ModelBytes.Create(proto, null, options.ExternalDataThreshold);
    }
}
