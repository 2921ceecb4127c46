namespace Microsoft.ML.Recurrent;

/// <summary>How the states of all time steps are pooled to one vector per sequence. Steps past the length of a sequence are ignored.</summary>
public enum SequencePooling
{
    /// <summary>The state at the last valid step. For a bidirectional layer the last state of each direction (the reverse one at step 0).</summary>
    Last,

    /// <summary>The mean over the valid steps.</summary>
    Mean,

    /// <summary>The element-wise maximum over the valid steps.</summary>
    Max,

    /// <summary>The mean over the valid steps, weighted by learned attention: softmax(v . tanh(W x + b)) (Yang et al. 2016).</summary>
    Attention,
}
