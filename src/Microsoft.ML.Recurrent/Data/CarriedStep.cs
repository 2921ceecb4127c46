namespace Microsoft.ML.Recurrent.Data;

/// <summary>What a row of a batch is to the state of its series.</summary>
internal enum CarriedStep
{
    /// <summary>The row after the last one.</summary>
    Next,

    /// <summary>The first row of a series: the state before it is zero.</summary>
    First,

    /// <summary>The last row once more, from the state before it.</summary>
    Again,
}
