using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;

/// <summary>Forecasts of the next steps of one or many series, in tables with a row a step.</summary>
public sealed class ForecastingScenario : Scenario
{
    /// <summary>Options of this scenario.</summary>
    public const string TimeOption = "--time-col", HorizonOption = "--horizon", SeriesOption = "--series-col", FutureOption = "--future-cols",
        PastOption = "--past-cols", StaticOption = "--static-cols", FrequencyOption = "--frequency", IntervalOption = "--interval", WindowOption = "--window";

    private const double DefaultInterval = 0.9;

    /// <inheritdoc/>
    public override string Name => "forecasting";

    /// <inheritdoc/>
    public override string Summary => "Forecasts the next steps of one or many series, with intervals, from a table with a row a step.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.Forecasting;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
    [
        new(LabelOption, ScenarioOptionKind.Columns, "The column to forecast; several, separated by commas, are forecast together.") { IsRequired = true },
        new(TimeOption, ScenarioOptionKind.Column, "The column of times. Default: the only one that holds times; without one, rows are in order."),
        new(HorizonOption, ScenarioOptionKind.Count, "The number of steps to forecast.") { IsRequired = true },
        new(SeriesOption, ScenarioOptionKind.Columns, "The columns that tell to which series a row belongs. Default: none, all rows are one series."),
        new(FutureOption, ScenarioOptionKind.Columns, "Columns that are known in advance: holidays, prices, a weather forecast."),
        new(PastOption, ScenarioOptionKind.Columns, "Further inputs that are known up to the time of the forecast."),
        new(StaticOption, ScenarioOptionKind.Columns, "Columns that describe a series and are the same in all of its rows."),
        new(FrequencyOption, ScenarioOptionKind.Text,
            "The time between two steps: 15min, h, day, b (business day), week, month. Default: found from the times."),
        new(IntervalOption, ScenarioOptionKind.Number, "The share of the outcomes that the intervals are to hold, between 0 and 1. Default: 0.9."),
        new(WindowOption, ScenarioOptionKind.Count, "The number of past steps that a forecast reads. Default: four seasons, or what the rows allow."),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent forecasting --dataset load.csv --label-col Load --time-col Hour --horizon 24 --train-time 120 --output out",
        "mlrecurrent forecasting --dataset sales.parquet --label-col Sales --time-col Week --series-col Store,Item --future-cols Price,Holiday --horizon 8",
    ];

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var (horizon, window) = (request.Count(HorizonOption)!.Value, request.Count(WindowOption));
        var (level, frequency) = (request.Fraction(IntervalOption) ?? DefaultInterval, ReadFrequency(request));
        var columns = ReadColumns(request);
        columns.Check(request.IgnoredColumns);
        var training = request.Training.WithTexts(columns.Series);
        request = request with
        {
            Training = training,
            Validation = request.Validation?.WithTexts(columns.Series).Like(training),
            Test = request.Test?.WithTexts(columns.Series).Like(training),
        };
        foreach (var target in columns.Targets) CheckNumbers(training, target);
        return ForecastingPlan.Create(this, mlContext, request, columns, SeriesShape.Read(training, columns, frequency), horizon, window, level);
    }

    private static TimeFrequency? ReadFrequency(ScenarioRequest request) =>
        request.Text(FrequencyOption) is { } text ? FrequencyText.Parse(FrequencyOption, text) : null;

    private static ForecastColumns ReadColumns(ScenarioRequest request) => new(request.Columns(LabelOption), request.Column(TimeOption) ?? OnlyTime(request),
        request.Columns(SeriesOption), request.Columns(FutureOption), request.Columns(PastOption), request.Columns(StaticOption));

    private static string? OnlyTime(ScenarioRequest request)
    {
        string[] times =
            [.. request.Training.View.Schema.Where(column => column.Type is DateTimeDataViewType && !request.IgnoredColumns.Contains(column.Name))
            .Select(static column => column.Name)];
        return times.Length < 2 ? times.FirstOrDefault()
            : throw new ArgumentException(
                $"{times.Length} columns of '{request.Training.Path}' hold times ({string.Join(", ", times)}): name one by {TimeOption}.");
    }

    private static void CheckNumbers(ScenarioTable table, string name)
    {
        if (table.Profile?.Columns.First(column => column.Name == name) is not { } column || column.Kind is ColumnKind.Number) return;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"The column '{name}' of '{table.Path}' holds {ColumnContent.Describe(column)}: a forecast needs numbers."));
    }
}
