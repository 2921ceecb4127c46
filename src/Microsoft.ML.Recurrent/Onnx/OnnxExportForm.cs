namespace Microsoft.ML.Recurrent;

/// <summary>What an exported graph takes.</summary>
public enum OnnxExportForm
{
    /// <summary>Whole sequences.</summary>
    Sequence,

    /// <summary>
    /// Single steps, and the states that the steps before have left: inputs <c>{layer}.h</c> (and <c>{layer}.c</c> of an LSTM), float [1, batch, hidden], zero
    /// at a sequence's beginning; outputs <c>{layer}.h.next</c>, to be given to the next step. For networks that run forward only and answer from the last
    /// state. <see cref="SequenceStream{TKey}"/> scores such a graph.
    /// </summary>
    SingleStep,
}
