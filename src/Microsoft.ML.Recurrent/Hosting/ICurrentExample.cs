using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>Provides the output of the current row to the getters of output columns.</summary>
internal interface ICurrentExample
{
    /// <summary>The index of the row in <see cref="Scored"/>, -1 if it has no output. May score first.</summary>
    int Example { get; }

    /// <summary>The batch that holds the row; valid after <see cref="Example"/>.</summary>
    ScoringBatch Scored { get; }
}
