namespace Microsoft.ML.Recurrent;

/// <summary>The form of the inputs of an exported graph.</summary>
public enum OnnxExportForm
{
    /// <summary>Whole sequences.</summary>
    Sequence,

    /// <summary>
    /// Single steps, with the states of the previous step: inputs <c>{layer}.h</c> (and <c>{layer}.c</c> of an LSTM), float [1, batch, hidden], zero at the
    /// start of a sequence; outputs <c>{layer}.h.next</c>, the inputs of the next step. For unidirectional networks with an output from the last state.
    /// <see cref="SequenceStream{TKey}"/> scores such a graph.
    /// </summary>
    SingleStep,
}
