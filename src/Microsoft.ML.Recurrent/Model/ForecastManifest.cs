using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>What a forecaster has to know again: how rows become windows, and which columns it writes.</summary>
internal sealed record ForecastManifest(int WindowSize, int Horizon, ImmutableArray<string> Targets, bool RowsHoldWindows, string? TimeColumn,
    string? SeriesColumn,
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

    /// <summary>
    /// The names of the series whose figures scale them: ids from 1 in this order, 0 for any other. Empty where windows are scaled by their own, or where there
    /// is one series.
    /// </summary>
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

    /// <summary>
    /// Whether paths are drawn step by step, each step fed with what was drawn of the one before; else each step is drawn from its own distribution, tied to
    /// its neighbours.
    /// </summary>
    public bool FeedsDraws { get; init; }

    /// <summary>What the network learned of each step.</summary>
    [JsonConverter(typeof(LikelihoodJsonConverter))]
    public Likelihood Likelihood { get; init; } = LikelihoodFactory.Create("Point");

    /// <summary>
    /// By output the correlation of its residuals' normal scores with those of the step before, of the same target; empty without a calibration.
    /// </summary>
    public ImmutableArray<float> StepCorrelations { get; init; } = [];

    /// <summary>Steps of the season that forecasts are differences from; 0 for none.</summary>
    public int SeasonLength { get; init; }
}
