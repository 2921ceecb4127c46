namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>The recurrent networks which have fused kernels.</summary>
internal enum RecurrentKind
{
    /// <summary>h' = activation(W x + b + R h + d) (Elman 1990).</summary>
    SimpleRnn,

    /// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate; gates in the order i, f, g, o.</summary>
    Lstm,

    /// <summary>Gated recurrent unit (Cho et al. 2014); gates in the order r, z, n.</summary>
    Gru,
}
