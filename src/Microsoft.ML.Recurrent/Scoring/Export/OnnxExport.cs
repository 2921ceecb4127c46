using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Precision;

namespace Microsoft.ML.Recurrent.Scoring.Export;

/// <summary>One export of a model: the file's bytes as the options ask for them, and the report on them.</summary>
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
                $"This model is another framework's graph, which is exported as it is: {nameof(OnnxExportOptions)}.{nameof(OnnxExportOptions.Precision)} is "
                    + $"for models trained or read to be trained here.");
        var proto = single.Parse();
        var ranges = options.Precision is OnnxPrecision.Int8
            ? QuantizationRanges.Measure(model.Manifest, proto, QuantizedNodes.Inputs(proto), Rows())
            : new Dictionary<string, QuantizationRange>();
        var reduced = Reduce(model, options, proto, ranges);
        var report = new OnnxExportReport { Precision = options.Precision, FileSize = reduced.Size, SingleFileSize = single.Size };
        if (options.MeasureError)
        {
            var (count, errors) = ExportComparison.Measure(model.Manifest, single, reduced, Rows(),
                neighboursMatter: options.Precision is OnnxPrecision.Int8);
            report = report with { Rows = count, Outputs = errors };
        }
        return new(reduced, report);

        // Read anew for each purpose.
        IEnumerable<ScoringBatch> Rows() =>
            options.EvaluationData is { } data ? EvaluationRows.Read(data, model.Manifest) : EvaluationRows.Draw(model, single.Parse().Graph);
    }

    // A graph of another form than the model's own goes without its metadata: it scores, and is not read back as a model.
    private static ModelBytes Single(RecurrentModel model, OnnxExportOptions options) => options switch
    {
        { IsOwnGraph: true, HasDefaultThreshold: true } => model.File(),
        { IsOwnGraph: true } => ModelBytes.Create(model.Proto(), model.Metadata, options.ExternalDataThreshold),
        { Form: OnnxExportForm.Sequence } => ModelBytes.Create(OnnxTranscriber.Export(model.Proto(), options), model.Metadata, options.ExternalDataThreshold),
        _ => ModelBytes.Create(OnnxTranscriber.Export(StepGraph.Create(model).File.Parse(), options), null, options.ExternalDataThreshold),
    };

    // Nor is one whose nodes are no more the network's layers.
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
