namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>One series of a data set, as far as the set's test part: rows of that part are never parsed.</summary>
/// <param name="Name">What tells it from the others.</param>
/// <param name="Values">Row by row the targets; NaN where one is missing.</param>
/// <param name="Held">Rows of the selection part, the last ones.</param>
internal sealed record SelectionSeries(string Name, float[][] Values, int Held)
{
    /// <summary>Times by row; empty where the set has none.</summary>
    public DateTime[] Times { get; init; } = [];

    /// <summary>Further numbers by row that are known up to the time of the forecast; empty where there are none.</summary>
    public float[][] Past { get; init; } = [];

    /// <summary>A category by row, known up to the time of the forecast; empty where there is none.</summary>
    public string[] Kinds { get; init; } = [];

    /// <summary>The same without its last rows.</summary>
    public SelectionSeries Until(int rows) => this with
    {
        Values = Values[..rows],
        Times = Times.Length > 0 ? Times[..rows] : [],
        Past = Past.Length > 0 ? Past[..rows] : [],
        Kinds = Kinds.Length > 0 ? Kinds[..rows] : [],
    };
}
