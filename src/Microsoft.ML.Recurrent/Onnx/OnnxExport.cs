using Google.Protobuf;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Precision;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>One export of a model: the file's bytes as the options ask for them, and the report on them.</summary>
internal sealed class OnnxExport
{
    private OnnxExport(ReadOnlyMemory<byte> bytes, OnnxExportReport report) => (Bytes, Report) = (bytes, report);

    public ReadOnlyMemory<byte> Bytes { get; }

    public OnnxExportReport Report { get; }

    public static OnnxExport Create(RecurrentModel model, OnnxExportOptions options)
    {
        options.Check();
        var single = Single(model, options);
        if (options.Precision is OnnxPrecision.Single) return new(single, new() { Precision = options.Precision, FileSize = single.Length, SingleFileSize = single.Length });
        if (model.Manifest.IsForeignGraph)
            throw new NotSupportedException($"This model is another framework's graph, which is exported as it is: {nameof(OnnxExportOptions)}.{nameof(OnnxExportOptions.Precision)} is for models trained or read to be trained here.");
        var reduced = Reduce(model, options, ModelFile.Parse(single.ToArray()));
        var report = new OnnxExportReport { Precision = options.Precision, FileSize = reduced.Length, SingleFileSize = single.Length };
        if (options.MeasureError)
        {
            var rows = options.EvaluationData is { } data ? EvaluationRows.Read(data, model.Manifest) : EvaluationRows.Draw(model.Manifest, ModelFile.Parse(single.ToArray()).Graph);
            var (count, errors) = ExportComparison.Measure(model.Manifest, single, reduced, rows);
            report = report with { Rows = count, Outputs = errors };
        }
        return new(reduced, report);
    }

    // A graph of another form than the model's own goes without its metadata: it scores, and is not read back as a model.
    private static ReadOnlyMemory<byte> Single(RecurrentModel model, OnnxExportOptions options) => options switch
    {
        { IsOwnGraph: true } => model.Graph(),
        { Form: OnnxExportForm.Sequence } => ModelFile.Write(OnnxTranscriber.Export(ModelFile.Parse(model.Graph().ToArray()), options), model.Metadata),
        _ => OnnxTranscriber.Export(ModelFile.Parse(StepGraph.Create(model).Bytes), options).ToByteArray(),
    };

    // Nor is one whose nodes are no more the network's layers.
    private static ReadOnlyMemory<byte> Reduce(RecurrentModel model, OnnxExportOptions options, ModelProto proto)
    {
        PrecisionWriter.Apply(proto, options.Precision);
        if (options is { Form: OnnxExportForm.Sequence, Precision: not OnnxPrecision.Int8 }) return ModelFile.Write(proto, model.Metadata);
        proto.MetadataProps.Clear();
        return proto.ToByteArray();
    }
}
