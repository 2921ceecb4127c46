using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The manifest of a forecaster.</summary>
internal static class ForecastManifests
{
    /// <summary>The manifest of a forecaster with these inputs and targets.</summary>
    public static ModelManifest Create(Options options, ImmutableArray<InputColumn> inputs, ImmutableArray<string> targets,
        ImmutableArray<CategoryManifest> categories = default, SeriesTime? time = null, bool allowsMissing = false,
        IReadOnlyList<string>? series = null)
    {
        return new()
        {
            Task = ModelTask.Forecasting,
            Inputs = inputs,
            Outputs = [.. options.Output.Columns().Select(name => name == options.Output.SamplesColumnName
            ? new OutputColumn(name, KindOf(name),
                checked(options.Horizon * targets.Length * options.Output.NumberOfSamples)) { Steps = options.Horizon * targets.Length }
            : new OutputColumn(name, KindOf(name), options.Horizon * targets.Length))],
            Forecast = new(options.Input.WindowSize, options.Horizon, targets, options.RowsHoldWindows, options.Input.TimeColumn,
            options.Input.SeriesKey is [var only] ? only : null, options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn,
            options.Output.ConfidenceLevel)
            {
                SeriesColumns = options.Input.SeriesKey.Length > 1 ? [.. options.Input.SeriesKey] : [],
                Frequency = time?.Frequency,
                TimeZone = time?.TimeZone,
                UsualGap = time?.UsualGap,
                AllowsMissing = allowsMissing,
                NumberOfSamples = options.Output.SamplesColumnName is null ? 0 : options.Output.NumberOfSamples,
                NumberOfPaths = options.Output.SamplesColumnName is not null || options.FeedsDraws
                && (options.Output.StandardDeviationColumnName is not null || options.Output.QuantileColumnNames.Count > 0)
                ? options.Output.NumberOfSamples
                : 0,
                FeedsDraws = options.FeedsDraws,
                FillsTimeGaps = options.MissingValues.FillTimeGaps,
                DuplicateTimes = options.MissingValues.DuplicateTimes,
                MinimumHistory = options.MissingValues.MinimumHistory ?? 0,
                Categories = categories.IsDefault ? [] : categories,
                KnownSeries = [.. series ?? []],
                HasDoubleColumns = options.Output.DoubleColumns,
            },
        };

        // A standard deviation is a distance.
        OutputKind KindOf(string name) =>
            inputs[0].Origins.IsEmpty || name == options.Output.StandardDeviationColumnName ? OutputKind.Single : OutputKind.Double;
    }

    /// <summary>The names of the targets: that of the column, of its slots, or numbered.</summary>
    public static ImmutableArray<string> TargetNames(DataViewSchema schema, string column, int targets)
    {
        if (targets == 1) return [column];
        if (schema[column].Type is VectorDataViewType { Size: var size } && size == targets && schema[column].HasSlotNames())
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            schema[column].GetSlotNames(ref names);
            return [.. names.DenseValues().Select((name, i) => name.IsEmpty ? Numbered(i) : name.ToString())];
        }
        return [.. Enumerable.Range(0, targets).Select(Numbered)];

        string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"{column}[{i}]");
    }
}
