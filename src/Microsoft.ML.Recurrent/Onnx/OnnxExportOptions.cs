namespace Microsoft.ML.Recurrent;

/// <summary>Options of the ONNX export by <see cref="RecurrentModelExport.ExportToOnnx(RecurrentModel, string, OnnxExportOptions?)"/>.</summary>
public sealed class OnnxExportOptions
{
    internal const string DefaultGraphName = "main";
    internal const int DefaultOpset = 17, MinimumOpset = 11, MaximumOpset = 26;

    /// <summary>The ONNX opset version of the file, 11 to 26. Default: 17, which all recent runtimes support.</summary>
    public int Opset { get; set; } = DefaultOpset;

    /// <summary>The form of the inputs: whole sequences (the default), or single steps with states.</summary>
    public OnnxExportForm Form { get; set; }

    /// <summary>The name of the graph in the file. Default: "main".</summary>
    public string GraphName { get; set; } = DefaultGraphName;

    /// <summary>The numeric precision of the file. Default: <see cref="OnnxPrecision.Single"/>, 32-bit floats.</summary>
    public OnnxPrecision Precision { get; set; }

    /// <summary>
    /// Whether to measure the error of an export with reduced <see cref="Precision"/>, for the <see cref="OnnxExportReport"/>. Requires ONNX Runtime's native
    /// library (<see cref="OnnxPrecision.Int8"/> does in any case). Default: true.
    /// </summary>
    public bool MeasureError { get; set; } = true;

    /// <summary>
    /// The rows that measure the error and calibrate <see cref="OnnxPrecision.Int8"/>, with the model's input columns, such as a test set; all are scored. Null
    /// (the default) for 256 random rows, normal with the mean and standard deviation of each input in training.
    /// </summary>
    public IDataView? EvaluationData { get; set; }

    /// <summary>
    /// Size in bytes from which the weights go to a second file (ONNX external data), named after the first, with a part of its checksum and the suffix
    /// ".data"; 0 for always. Default: 2 GiB minus 1 MiB, about the limit of one ONNX file. Keep both files together.
    /// </summary>
    public long ExternalDataThreshold { get; set; } = ModelBytes.Limit;

    internal bool HasDefaultThreshold => ExternalDataThreshold == ModelBytes.Limit;

    /// <summary>Whether the exported graph is the model's own.</summary>
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
            throw new ArgumentOutOfRangeException(nameof(Form), Form, $"{nameof(OnnxExportOptions)}.{nameof(Form)} is not a defined form.");
        if (!Enum.IsDefined(Precision))
            throw new ArgumentOutOfRangeException(nameof(Precision), Precision, $"{nameof(OnnxExportOptions)}.{nameof(Precision)} is not a defined precision.");
    }
}
