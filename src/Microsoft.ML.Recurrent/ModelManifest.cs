using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What a model is beside its graph: the task, the columns that go in and come out, and what the task needs to know again when the model is loaded. Kept as JSON in the
/// metadata of the ONNX file.
/// </summary>
internal sealed record ModelManifest
{
    /// <summary>The format that this version writes; a file of a later one is refused.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The input with each row's number of steps, int64 [batch]; there where <see cref="HasLengths"/>.</summary>
    public const string LengthInput = "sequence_length";

    /// <summary>The input with the normal scores from which a forecaster's paths are drawn, float [batch, <see cref="NoiseSize"/>]; there where it draws some.</summary>
    public const string NoiseInput = "sample_noise";

    /// <summary>Version of the manifest's format.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required ModelTask Task { get; init; }

    /// <summary>The graph's inputs, one a source column and named like it: sequences first (joined along features in this order), then statics (joined as well), then what is known ahead (joined step by step).</summary>
    public required ImmutableArray<InputColumn> Inputs { get; init; }

    /// <summary>The graph's outputs, in order.</summary>
    public required ImmutableArray<OutputColumn> Outputs { get; init; }

    /// <summary>Of a forecaster.</summary>
    public ForecastManifest? Forecast { get; init; }

    /// <summary>Of a classifier: what its classes stand for.</summary>
    public LabelManifest? Label { get; init; }

    /// <summary>Of a model that reads or writes tokens: what the keys stand for, from key 1 on; null where the data do not say.</summary>
    public LabelManifest? Vocabulary { get; init; }

    /// <summary>Of a language model.</summary>
    public LanguageManifest? Language { get; init; }

    /// <summary>Whether the graph is another framework's, scored as it is.</summary>
    public bool IsForeignGraph { get; init; }

    /// <summary>Of a foreign graph: the number of rows that it takes, no more and no fewer; null where any number will do.</summary>
    public int? FixedBatch { get; init; }

    /// <summary>Of a foreign graph without lengths: whether rows of different length must not run together.</summary>
    public bool SeparateLengths { get; init; }

    /// <summary>The input with each row's series, where series are scaled by figures of their own; null for none.</summary>
    [JsonIgnore]
    public InputColumn? SeriesInput => Inputs.FirstOrDefault(input => input.IsSeries);

    /// <summary>Whether sequences vary in length.</summary>
    [JsonIgnore]
    public bool VariesInLength => Inputs.Any(input => input.IsSequence && input.Time is null);

    /// <summary>Whether the graph has the further input <see cref="LengthInput"/>, since sequences vary in length.</summary>
    [JsonIgnore]
    public bool HasLengths => VariesInLength && !IsForeignGraph;

    /// <summary>Normal scores that the graph takes a row: one for each path, step and target; 0 where it draws nothing.</summary>
    [JsonIgnore]
    public int NoiseSize => Forecast is { NumberOfSamples: > 0 } forecast ? checked(forecast.NumberOfSamples * forecast.Horizon * forecast.Targets.Length) : 0;

    /// <summary>Checks what the graph relies on; the tasks' estimators call it through <see cref="RecurrentModel"/>.</summary>
    public void Validate()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (HasLengths) names.Add(LengthInput);
        if (NoiseSize > 0) names.Add(NoiseInput);
        foreach (var name in Inputs.Select(input => input.Name).Concat(Outputs.Select(output => output.Name)))
            if (!names.Add(name))
                throw new ArgumentException(name == NoiseInput ? $"No column of a model that draws samples may be called '{NoiseInput}': its graph has an input of that name. Rename the column." : name == LengthInput
                    ? $"No column of a model for sequences of varying length may be called '{LengthInput}': its graph has an input of that name. Rename the column."
                    : $"The column '{name}' is used twice: a model's inputs and outputs must have different names. Rename one of them.");
        if (IsForeignGraph) return;
        var times = Inputs.Where(input => input.IsSequence).Select(input => input.Time).Distinct().ToArray();
        if (times.Length != 1)
            throw new ArgumentException(times.Length == 0 ? "A model needs at least one sequence column." : "All sequence columns of a model must have the same number of steps.");
    }
}

/// <summary>What a model was trained for; <see cref="Foreign"/> where another framework wrote it and its graph does not tell.</summary>
internal enum ModelTask { Forecasting, Regression, Binary, Multiclass, Foreign, LanguageModel }

/// <summary>
/// What an input column holds: numbers a step (float [batch, time, features]), token ids (int64 [batch, time]), numbers a row (float [batch, n]), numbers that are known ahead of each
/// step that is forecast (float [batch, horizon, n]), or, of a foreign graph, whole numbers a row (int64 [batch, n]).
/// </summary>
internal enum InputKind { Sequence, Tokens, Static, Integers, Future }

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

    /// <summary>Whether it holds ids of series (<see cref="ForecastManifest.KnownSeries"/>), by which their figures are looked up; it has no column of its name: the series' columns tell.</summary>
    public bool IsSeries { get; init; }

    /// <summary>Whether it has steps.</summary>
    [JsonIgnore]
    public bool IsSequence => Kind is InputKind.Sequence or InputKind.Tokens;

    /// <summary>Whether it holds ids of a category beside the numbers, or of series: int64 [batch, time], [batch, 1] or [batch, horizon].</summary>
    [JsonIgnore]
    public bool IsCategory => Vocabulary > 0 && Kind is not InputKind.Tokens;
}

/// <summary>What an output column holds: float [batch, Size], bool [batch, 1], a 1-based key value as int64 [batch, 1], or whole numbers, int64 [batch, Size].</summary>
internal enum OutputKind { Single, Boolean, Key, Int64 }

/// <summary>One output of the graph.</summary>
internal sealed record OutputColumn(string Name, OutputKind Kind, int Size = 1)
{
    /// <summary>Whether there is an answer for each step: [batch, time, Size] instead of [batch, Size].</summary>
    public bool PerStep { get; init; }

    /// <summary>Where the answer is one for each of a fixed number of steps, that number (Size counts all its numbers); else 0.</summary>
    public int Steps { get; init; }
}

/// <summary>What a forecaster has to know again: how rows become windows, and which columns it writes.</summary>
internal sealed record ForecastManifest(int WindowSize, int Horizon, ImmutableArray<string> Targets, bool RowsHoldWindows, string? TimeColumn, string? SeriesColumn,
    string? LowerBoundColumn, string? UpperBoundColumn, float ConfidenceLevel)
{
    /// <summary>How often the series have values; null where that was not needed, or not found.</summary>
    public TimeFrequency? Frequency { get; init; }

    /// <summary>Whether missing numbers are masked; else a window that lacks numbers has no forecast.</summary>
    public bool AllowsMissing { get; init; }

    /// <summary>Whether times without a row count as rows whose numbers are missing.</summary>
    public bool FillsTimeGaps { get; init; }

    /// <summary>Rows after which a series is forecast; 0 for a whole window.</summary>
    public int MinimumHistory { get; init; }

    /// <summary>The columns that together tell the series, where there are several.</summary>
    public ImmutableArray<string> SeriesColumns { get; init; } = [];

    /// <summary>The columns that tell the series: none, one or several.</summary>
    [JsonIgnore]
    public ImmutableArray<string> SeriesKey => SeriesColumn is null ? SeriesColumns : [SeriesColumn];

    /// <summary>The values of the columns that are categories.</summary>
    public ImmutableArray<CategoryManifest> Categories { get; init; } = [];

    /// <summary>The names of the series whose figures scale them: ids from 1 in this order, 0 for any other. Empty where windows are scaled by their own, or where there is one series.</summary>
    public ImmutableArray<string> KnownSeries { get; init; } = [];

    /// <summary>Quantiles of the absolute residuals at the levels that the forecaster knows, level by level; empty without bounds.</summary>
    public ImmutableArray<float> ResidualQuantiles { get; init; } = [];

    /// <summary>Whether the last output holds standard deviations.</summary>
    public bool HasDeviations { get; init; }

    /// <summary>Paths that the last output holds, the paths' values of each step side by side; 0 for none.</summary>
    public int NumberOfSamples { get; init; }

    /// <summary>Paths that the graph draws for each row, for samples or for figures of them; 0 for none.</summary>
    public int NumberOfPaths { get; init; }

    /// <summary>Where the noise of a row's samples begins.</summary>
    public ulong SampleSeed { get; init; }

    /// <summary>Whether paths are drawn step by step, each step fed with what was drawn of the one before; else each step is drawn from its own distribution, tied to its neighbours.</summary>
    public bool FeedsDraws { get; init; }

    /// <summary>What the network learned of each step.</summary>
    public ForecastLikelihood Likelihood { get; init; }

    /// <summary>By output the correlation of its residuals' normal scores with those of the step before, of the same target; empty without a calibration.</summary>
    public ImmutableArray<float> StepCorrelations { get; init; } = [];

    /// <summary>Steps of the season that forecasts are differences from; 0 for none.</summary>
    public int SeasonLength { get; init; }
}

/// <summary>The values of a forecaster's column that is a category: ids from 1 in this order, 0 for any other.</summary>
/// <param name="Column">The column.</param>
/// <param name="AreNumbers">Whether they are keys, whole numbers or Booleans rather than texts.</param>
/// <param name="Values">The values in the invariant culture.</param>
internal sealed record CategoryManifest(string Column, bool AreNumbers, ImmutableArray<string> Values)
{
    /// <summary>Finds ids by value.</summary>
    public Data.SeriesIndex ToIndex() => Data.SeriesIndex.Closed(Values, AreNumbers);
}

/// <summary>What a language model has to know again.</summary>
/// <param name="EndOfSentence">The id of the marker after each row; null where rows are simply joined.</param>
/// <param name="EndOfSentenceText">What that marker is called.</param>
/// <param name="CarriesState">Whether it was trained on rows that go on with each other.</param>
/// <param name="KnowsMissing">Whether missing keys came in training: then they are a word like others, else they are not foretold.</param>
/// <param name="HasPerplexity">Whether it writes rows' perplexities.</param>
/// <param name="HasNextToken">Whether it writes the probabilities of the token that follows a row.</param>
internal sealed record LanguageManifest(int? EndOfSentence, string? EndOfSentenceText, bool CarriesState, bool KnowsMissing, bool HasPerplexity, bool HasNextToken);

/// <summary>The type of a classifier's label column.</summary>
internal enum LabelKind { Text, Single, Double, Boolean, Byte, UInt16, UInt32, UInt64, Int32, Int64 }

/// <summary>The label's values, class by class, written in the invariant culture.</summary>
internal sealed record LabelManifest(LabelKind Kind, ImmutableArray<string> Values);
