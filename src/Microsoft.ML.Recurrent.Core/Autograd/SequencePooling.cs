namespace Microsoft.ML.Recurrent;

/// <summary>How the states of all time steps become one vector a sequence. Steps past a sequence's length never count.</summary>
public enum SequencePooling
{
    /// <summary>The state at the last true step; of a bidirectional layer the last state of each direction (the reverse one at step 0).</summary>
    Last,

    /// <summary>The mean over the true steps.</summary>
    Mean,

    /// <summary>The greatest value over the true steps, element by element.</summary>
    Max,

    /// <summary>The mean over the true steps, weighted by learned attention: softmax(v . tanh(W x + b)) (Yang et al. 2016).</summary>
    Attention,
}
