namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>Provides the output of the current row to the getters of output columns.</summary>
internal interface ICurrentExample
{
    /// <summary>The index of the row in the scored batch, -1 if it has no output. May score first.</summary>
    int Example { get; }
}
