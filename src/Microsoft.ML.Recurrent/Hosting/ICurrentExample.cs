namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>Where the getters of output columns find the current row's answer.</summary>
internal interface ICurrentExample
{
    /// <summary>The number of the row within the scored batch, -1 where it has no answer. May score first.</summary>
    int Example { get; }
}
