namespace Microsoft.ML.Recurrent;

/// <summary>The padding of a convolution over time.</summary>
public enum ConvolutionPadding
{
    /// <summary>No padding: the output has fewer steps.</summary>
    Valid,

    /// <summary>Zeros on both sides; an odd one goes to the end.</summary>
    Same,

    /// <summary>Zeros before the first step only: an output never depends on later steps.</summary>
    Causal,
}
