namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>Options that only some cells have.</summary>
[Flags]
internal enum CellOptions
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Another activation of the state than tanh.</summary>
    Activation = 1,

    /// <summary>The reset gate before or after the recurrent product.</summary>
    ResetAfter = 2,

    /// <summary>A state that is projected out of the hidden units.</summary>
    Projection = 4,

    /// <summary>Layer normalization inside the cell.</summary>
    LayerNormalization = 8,

    /// <summary>Zoneout of the memory.</summary>
    MemoryZoneout = 16,
}
