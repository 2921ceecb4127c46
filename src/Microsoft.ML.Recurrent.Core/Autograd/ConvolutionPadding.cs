namespace Microsoft.ML.Recurrent;

/// <summary>Where a convolution over time finds the steps that its window lacks.</summary>
public enum ConvolutionPadding
{
    /// <summary>Nowhere: the window stays inside, and fewer steps come out.</summary>
    Valid,

    /// <summary>Zeros on both sides, the extra one behind.</summary>
    Same,

    /// <summary>Zeros before the first step only: nothing looks ahead.</summary>
    Causal,
}
