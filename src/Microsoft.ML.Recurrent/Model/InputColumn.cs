using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>One input of the graph.</summary>
/// <param name="Name">The graph input's name, and the source column's where <see cref="InputColumn.Source"/> is null.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Time">Steps, or null where they vary from row to row; null for statics; of what is known ahead the horizon.</param>
/// <param name="Features">Numbers a step (or a row, for statics); 1 for tokens.</param>
/// <param name="Vocabulary">Of tokens and categories: ids are 0 to Vocabulary - 1, 0 standing for missing or unknown; else 0.</param>
internal sealed record InputColumn(string Name, InputKind Kind, int? Time, int Features, int Vocabulary = 0)
{
    /// <summary>The source column, where another input has its name already: what is known ahead is part of the window too.</summary>
    public string? Source { get; init; }

    /// <summary>What of the calendar is made of the source column, which then holds times.</summary>
    public CalendarFeatures Calendar { get; init; }

    /// <summary>The source column.</summary>
    [JsonIgnore]
    public string Column => Source ?? Name;

    /// <summary>Of a foreign graph: whether it is the number of each row's true steps, which is known where the data has no such column.</summary>
    public bool IsLength { get; init; }

    /// <summary>Of tokens: ids at the end of the vocabulary that stand for no key of the column (markers that the model knows besides).</summary>
    public int ExtraTokens { get; init; }

    /// <summary>Of tokens: the id that the graph puts before each row; null for none.</summary>
    public int? StartToken { get; init; }

    /// <summary>
    /// Whether it holds ids of series (<see cref="ForecastManifest.KnownSeries"/>), by which their figures are looked up; it has no column of its name: the
    /// series' columns tell.
    /// </summary>
    public bool IsSeries { get; init; }

    /// <summary>Whether it has steps.</summary>
    [JsonIgnore]
    public bool IsSequence => Kind is InputKind.Sequence or InputKind.Tokens;

    /// <summary>Whether it holds ids of a category beside the numbers, or of series: int64 [batch, time], [batch, 1] or [batch, horizon].</summary>
    [JsonIgnore]
    public bool IsCategory => Vocabulary > 0 && Kind is not InputKind.Tokens;
}
