using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>One input of the graph.</summary>
/// <param name="Name">The name of the graph input, and of the source column if <see cref="InputColumn.Source"/> is null.</param>
/// <param name="Kind">The kind of data.</param>
/// <param name="Time">Number of steps; null if it varies, and for statics; the horizon for future covariates.</param>
/// <param name="Features">Numbers per step (per row for statics); 1 for tokens, the most letters of a token for letters.</param>
/// <param name="Vocabulary">For tokens, letters and categories: ids are 0 to Vocabulary - 1, where 0 means missing or unknown; otherwise 0.</param>
internal sealed record InputColumn(string Name, InputKind Kind, int? Time, int Features, int Vocabulary = 0)
{
    /// <summary>The source column if another input already has its name: future covariates are also part of the window.</summary>
    public string? Source { get; init; }

    /// <summary>The calendar feature computed from the source column, which then holds times.</summary>
    public CalendarFeatures Calendar { get; init; }

    /// <summary>The source column.</summary>
    [JsonIgnore]
    public string Column => Source ?? Name;

    /// <summary>
    /// For numbers that are more than Singles (the graph input is then Double): what the graph subtracts from them before it rounds them to Single, number by
    /// number; NaN for the mean of the window. With series ids, those of each id one after the other. Empty for Singles.
    /// </summary>
    public ImmutableArray<float> Origins { get; init; } = [];

    /// <summary>For a foreign graph: whether this is the sequence-length input, which is computed if the data have no such column.</summary>
    public bool IsLength { get; init; }

    /// <summary>
    /// For lengths: whether the column must be there, or is never read, since the lengths are those of the sequences; null, in models saved by earlier
    /// versions, for a column that is read if it is there.
    /// </summary>
    public bool? ReadsColumn { get; init; }

    /// <summary>For an input of a foreign graph without a batch axis: whether the rows of a run must have the same value.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsShared { get; init; }

    /// <summary>For numbers of a foreign graph: whether its input is Double.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDouble { get; init; }

    /// <summary>
    /// For steps of a foreign graph: how many numbers of the column go through all steps before the next one does, where the column has axes before that of the
    /// steps; 0 for a column that is written step by step.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int FeaturesBeforeTime { get; init; }

    /// <summary>For tokens: number of ids at the end of the vocabulary that are not keys of the column (markers of the model).</summary>
    public int ExtraTokens { get; init; }

    /// <summary>For tokens: the id that the graph prepends to each row; null for none.</summary>
    public int? StartToken { get; init; }

    /// <summary>
    /// Whether it holds series ids (<see cref="ForecastManifest.KnownSeries"/>), which select the statistics of the series. It is computed from the series
    /// columns and has no column of its own.
    /// </summary>
    public bool IsSeries { get; init; }

    /// <summary>Whether it has steps.</summary>
    [JsonIgnore]
    public bool IsSequence => Kind is InputKind.Sequence or InputKind.Tokens or InputKind.Letters or InputKind.IntegerSteps;

    /// <summary>Whether it holds ids of a category or of series: int64 [batch, time], [batch, 1] or [batch, horizon].</summary>
    [JsonIgnore]
    public bool IsCategory => Vocabulary > 0 && Kind is not (InputKind.Tokens or InputKind.Letters);
}
