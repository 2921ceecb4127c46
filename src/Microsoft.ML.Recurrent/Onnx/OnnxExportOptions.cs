namespace Microsoft.ML.Recurrent;

/// <summary>How a model is written as an ONNX file by <see cref="RecurrentModelExport.ExportToOnnx(RecurrentModel, string, OnnxExportOptions?)"/>.</summary>
public sealed class OnnxExportOptions
{
    internal const string DefaultGraphName = "main";
    internal const int DefaultOpset = 17, MinimumOpset = 11, MaximumOpset = 22;

    /// <summary>The version of ONNX's operator set that the file is written in, 11 to 22. Default: 17, which every runtime of the last years reads.</summary>
    public int Opset { get; set; } = DefaultOpset;

    /// <summary>What the graph takes: whole sequences (the default), or single steps and the states.</summary>
    public OnnxExportForm Form { get; set; }

    /// <summary>The name of the graph in the file. Default: "main".</summary>
    public string GraphName { get; set; } = DefaultGraphName;

    /// <summary>In what numbers the file keeps its weights and computes. Default: <see cref="OnnxPrecision.Single"/>, 32-bit floats.</summary>
    public OnnxPrecision Precision { get; set; }

    /// <summary>
    /// Whether to measure the error of an export whose <see cref="Precision"/> is less than the model's own, for the <see cref="OnnxExportReport"/>; the
    /// program then needs ONNX Runtime's native library (for <see cref="OnnxPrecision.Int8"/> in any case). Default: true.
    /// </summary>
    public bool MeasureError { get; set; } = true;

    /// <summary>
    /// Rows by which the error is measured, and <see cref="OnnxPrecision.Int8"/> is calibrated, with the columns that the model was trained on (rows held out of training, say); all of them are scored. Null (the
    /// default) for 256 rows drawn from the normal distribution of each input's mean and spread in training.
    /// </summary>
    public IDataView? EvaluationData { get; set; }

    /// <summary>
    /// Bytes of the file from which on the weights go into a second file beside it, named like it with ".data" added (ONNX's external data): 0 for always.
    /// Default: 2 GiB less 1 MiB, about what the format holds in one file. The two files belong together, and must be moved together.
    /// </summary>
    public long ExternalDataThreshold { get; set; } = ModelBytes.Limit;

    internal bool HasDefaultThreshold => ExternalDataThreshold == ModelBytes.Limit;

    /// <summary>Whether the graph is the one that the model keeps.</summary>
    internal bool IsOwnGraph => Opset == DefaultOpset && GraphName == DefaultGraphName && Form is OnnxExportForm.Sequence;

    internal void Check()
    {
        if (Opset is < MinimumOpset or > MaximumOpset)
            throw new ArgumentOutOfRangeException(nameof(Opset), Opset,
                $"{nameof(OnnxExportOptions)}.{nameof(Opset)} must be from {MinimumOpset} to {MaximumOpset}.");
        ArgumentException.ThrowIfNullOrWhiteSpace(GraphName);
        if (ExternalDataThreshold is < 0 or > ModelBytes.Limit)
            throw new ArgumentOutOfRangeException(nameof(ExternalDataThreshold), ExternalDataThreshold,
                $"{nameof(OnnxExportOptions)}.{nameof(ExternalDataThreshold)} must be from 0 to {ModelBytes.Limit}.");
        if (!Enum.IsDefined(Form))
            throw new ArgumentOutOfRangeException(nameof(Form), Form, $"{nameof(OnnxExportOptions)}.{nameof(Form)} is none of the forms.");
        if (!Enum.IsDefined(Precision))
            throw new ArgumentOutOfRangeException(nameof(Precision), Precision, $"{nameof(OnnxExportOptions)}.{nameof(Precision)} is none of the precisions.");
    }
}
