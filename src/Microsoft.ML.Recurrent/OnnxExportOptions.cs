namespace Microsoft.ML.Recurrent;

/// <summary>How a model is written as an ONNX file by <see cref="RecurrentModel.ExportToOnnx(string, OnnxExportOptions?)"/>.</summary>
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

    /// <summary>Whether nothing differs from how a model is kept.</summary>
    internal bool IsDefault => Opset == DefaultOpset && GraphName == DefaultGraphName && Form is OnnxExportForm.Sequence;

    internal void Check()
    {
        if (Opset is < MinimumOpset or > MaximumOpset)
            throw new ArgumentOutOfRangeException(nameof(Opset), Opset, $"{nameof(OnnxExportOptions)}.{nameof(Opset)} must be from {MinimumOpset} to {MaximumOpset}.");
        ArgumentException.ThrowIfNullOrWhiteSpace(GraphName);
        if (!Enum.IsDefined(Form)) throw new ArgumentOutOfRangeException(nameof(Form), Form, $"{nameof(OnnxExportOptions)}.{nameof(Form)} is none of the forms.");
    }
}

/// <summary>What an exported graph takes.</summary>
public enum OnnxExportForm
{
    /// <summary>Whole sequences.</summary>
    Sequence,

    /// <summary>
    /// Single steps, and the states that the steps before have left: inputs <c>{layer}.h</c> (and <c>{layer}.c</c> of an LSTM), float [1, batch, hidden], zero at a sequence's beginning; outputs
    /// <c>{layer}.h.next</c>, to be given to the next step. For networks that run forward only and answer from the last state. <see cref="SequenceStream{TKey}"/> scores such a graph.
    /// </summary>
    SingleStep,
}
