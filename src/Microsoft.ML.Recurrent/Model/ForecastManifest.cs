using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>The saved state of a forecaster: how rows become windows, and its output columns.</summary>
internal sealed record ForecastManifest(int WindowSize, int Horizon, ImmutableArray<string> Targets, bool RowsHoldWindows, string? TimeColumn,
    string? SeriesColumn,
    string? LowerBoundColumn, string? UpperBoundColumn, float ConfidenceLevel)
{
    /// <summary>The frequency of the series; null if not needed or not found.</summary>
    public TimeFrequency? Frequency { get; init; }

    /// <summary>The id of the time zone of local times; null for times as they are.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The time zone.</summary>
    [JsonIgnore]
    public TimeZoneInfo? Zone => LocalTime.Find(TimeZone, "Input.Features.TimeZone");

    /// <summary>The steps of the frequency; null without one.</summary>
    [JsonIgnore]
    public TimeSteps? Steps => Frequency is null ? null : new(Frequency, Zone);

    /// <summary>
    /// Steps that the training rows leave out regularly at once, as a closed market's night: 0 for none, null in models of earlier builds, which
    /// did not look, and without a frequency. Future rows may leave out as many.
    /// </summary>
    public int? UsualGap { get; init; }

    /// <summary>What a second row of a time means; null in models of earlier builds, which took it as a step in scoring.</summary>
    public DuplicateTimes? DuplicateTimes { get; init; }

    /// <summary>Whether missing values are masked; otherwise a window with missing values has no forecast.</summary>
    public bool AllowsMissing { get; init; }

    /// <summary>Whether times without a row count as rows with missing values.</summary>
    public bool FillsTimeGaps { get; init; }

    /// <summary>Minimum number of rows to forecast a series; 0 for a whole window.</summary>
    public int MinimumHistory { get; init; }

    /// <summary>The columns that together identify the series, if there are several.</summary>
    public ImmutableArray<string> SeriesColumns { get; init; } = [];

    /// <summary>The series columns: none, one or several.</summary>
    [JsonIgnore]
    public ImmutableArray<string> SeriesKey => SeriesColumn is null ? SeriesColumns : [SeriesColumn];

    /// <summary>The values of the categorical columns.</summary>
    public ImmutableArray<CategoryManifest> Categories { get; init; } = [];

    /// <summary>
    /// The names of the series with their own scaling statistics: ids from 1 in this order, 0 for any other. Empty if windows are scaled by their own
    /// statistics, or for a single series.
    /// </summary>
    public ImmutableArray<string> KnownSeries { get; init; } = [];

    /// <summary>Quantiles of the absolute residuals at the stored levels, level by level; empty without bounds.</summary>
    public ImmutableArray<float> ResidualQuantiles { get; init; } = [];

    /// <summary>The levels of the outputs of quantiles, ascending; empty without, and in models of earlier builds.</summary>
    public ImmutableArray<double> QuantileLevels { get; init; } = [];

    /// <summary>Whether the last output holds standard deviations.</summary>
    public bool HasDeviations { get; init; }

    /// <summary>Number of paths in the last output, with the values of all paths side by side per step; 0 for none.</summary>
    public int NumberOfSamples { get; init; }

    /// <summary>Number of paths that the graph draws per row, for samples or their statistics; 0 for none.</summary>
    public int NumberOfPaths { get; init; }

    /// <summary>The seed of the sampling noise.</summary>
    public ulong SampleSeed { get; init; }

    /// <summary>
    /// Whether paths are drawn step by step, each step reading the sample of the previous one; otherwise each step is drawn from its own distribution, coupled
    /// to its neighbors.
    /// </summary>
    public bool FeedsDraws { get; init; }

    /// <summary>The likelihood of each step.</summary>
    [JsonConverter(typeof(LikelihoodJsonConverter))]
    public Likelihood Likelihood { get; init; } = LikelihoodFactory.Create("Point");

    /// <summary>
    /// By output, the correlation of the normal scores of its residuals with those of the previous step of the same target; empty without calibration.
    /// </summary>
    public ImmutableArray<float> StepCorrelations { get; init; } = [];

    /// <summary>Whether the columns of forecasts are Double.</summary>
    public bool HasDoubleColumns { get; init; }

    /// <summary>Season length, in steps, of seasonal differences; 0 for none.</summary>
    public int SeasonLength { get; init; }

    /// <summary>The smallest value of forecasts, bounds, quantiles and samples; null for none.</summary>
    public double? LowerLimit { get; init; }

    /// <summary>The largest value, likewise.</summary>
    public double? UpperLimit { get; init; }

    /// <summary>Whether the targets are more than Singles, so that an origin is added to the answers of the head, and limits apply after that.</summary>
    public bool HasOrigins { get; init; }

    /// <summary>Whether bounds are quantiles of the likelihood with calibrated levels; false in models of earlier builds.</summary>
    public bool CalibratesLevels { get; init; }

    /// <summary>The learned scale of the bounds; null for none, as in models of earlier builds.</summary>
    public BoundScaleOptions? BoundScale { get; init; }

    /// <summary>The number of residuals of the calibration; 0 without one, and in models of earlier builds. It limits the level of bounds.</summary>
    public int CalibrationCount { get; init; }
}
