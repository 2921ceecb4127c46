using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;

/// <summary>The columns of a forecasting plan.</summary>
/// <param name="Targets">What is forecast.</param>
/// <param name="Time">The times; null for rows in order.</param>
/// <param name="Series">What identifies the series.</param>
/// <param name="Future">What is known in advance.</param>
/// <param name="Past">What is known up to now.</param>
/// <param name="Static">What describes a series.</param>
internal sealed record ForecastColumns(ImmutableArray<string> Targets, string? Time, ImmutableArray<string> Series, ImmutableArray<string> Future,
    ImmutableArray<string> Past, ImmutableArray<string> Static)
{
    /// <summary>The column that the trainer forecasts: of several targets, the one that a step of the pipeline makes.</summary>
    public string Target => Targets is [var one] ? one : NameOf("Targets");

    /// <summary>The columns of the answers.</summary>
    public (string Forecast, string Lower, string Upper) Outputs => (NameOf("Forecast"), NameOf("LowerBound"), NameOf("UpperBound"));

    // A table may have a column of that name.
    private string NameOf(string made) => new[] { Targets, Series, Future, Past, Static }.Any(names => names.Contains(made)) || made == Time
        ? NameOf(made + "_") : made;

    /// <summary>What is made of each column of a table.</summary>
    public ImmutableArray<ColumnUse> Uses(DataViewSchema schema, IReadOnlyList<string> ignored) => [.. schema.Select(column => column.Name switch
    {
        var name when Targets.Contains(name) => new ColumnUse(name, ColumnRole.Label, Scenario.LabelOption),
        var name when name == Time => new(name, ColumnRole.Time, ForecastingScenario.TimeOption),
        var name when Series.Contains(name) => new(name, ColumnRole.Series, ForecastingScenario.SeriesOption),
        var name when Future.Contains(name) => new(name, ColumnRole.Future, ForecastingScenario.FutureOption),
        var name when Past.Contains(name) => new(name, ColumnRole.Feature, ForecastingScenario.PastOption),
        var name when Static.Contains(name) => new(name, ColumnRole.Static, ForecastingScenario.StaticOption),
        var name when ignored.Contains(name) => new(name, ColumnRole.Ignored, "--ignore-cols"),
        var name => new ColumnUse(name, ColumnRole.Ignored,
            $"no option names it: {ForecastingScenario.PastOption} or {ForecastingScenario.FutureOption} makes it an input"),
    })];

    /// <summary>Throws where a column has two roles, or a role that is none for what it holds.</summary>
    public void Check(IReadOnlyList<string> ignored)
    {
        string[] all = [.. Targets, .. Time is null ? [] : new[] { Time }, .. Series, .. Future, .. Past, .. Static.Except(Series), .. ignored];
        if (all.GroupBy(static name => name).FirstOrDefault(static group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"The column '{twice.Key}' is named by two options: it can serve for one thing only.");
    }
}
