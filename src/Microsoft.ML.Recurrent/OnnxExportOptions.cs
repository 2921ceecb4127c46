namespace Microsoft.ML.Recurrent;

/// <summary>How a model is written as an ONNX file by <see cref="RecurrentModel.ExportToOnnx(string, OnnxExportOptions?)"/>.</summary>
public sealed class OnnxExportOptions
{
    internal const string DefaultGraphName = "main";
    internal const int DefaultOpset = 17, MinimumOpset = 11, MaximumOpset = 22;

    /// <summary>The version of ONNX's operator set that the file is written in, 11 to 22. Default: 17, which every runtime of the last years reads.</summary>
    public int Opset { get; set; } = DefaultOpset;

    /// <summary>The name of the graph in the file. Default: "main".</summary>
    public string GraphName { get; set; } = DefaultGraphName;

    /// <summary>Whether nothing differs from how a model is kept.</summary>
    internal bool IsDefault => Opset == DefaultOpset && GraphName == DefaultGraphName;

    internal void Check()
    {
        if (Opset is < MinimumOpset or > MaximumOpset)
            throw new ArgumentOutOfRangeException(nameof(Opset), Opset, $"{nameof(OnnxExportOptions)}.{nameof(Opset)} must be from {MinimumOpset} to {MaximumOpset}.");
        ArgumentException.ThrowIfNullOrWhiteSpace(GraphName);
    }
}
