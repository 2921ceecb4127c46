namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>Options supported by some cells only.</summary>
[Flags]
internal enum CellOptions
{
    /// <summary>No option.</summary>
    None = 0,

    /// <summary>A state activation other than tanh.</summary>
    Activation = 1,

    /// <summary>A choice of the reset gate before or after the recurrent product.</summary>
    ResetAfter = 2,

    /// <summary>A projected state.</summary>
    Projection = 4,

    /// <summary>Layer normalization inside the cell.</summary>
    LayerNormalization = 8,

    /// <summary>Zoneout of the memory.</summary>
    MemoryZoneout = 16,
}
