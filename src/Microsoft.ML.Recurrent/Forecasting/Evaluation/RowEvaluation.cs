using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Evaluates forecasts against actual values in the same row.</summary>
internal static class RowEvaluation
{
    public static (ForecastMetrics Metrics, IReadOnlyList<ForecastMetrics> ByStep) Measure(IDataView data, string labelColumn, string forecastColumn,
        string? lowerColumn, string? upperColumn, double confidenceLevel)
    {
        var (label, size) = Columns.Numbers(data.Schema, labelColumn, "label");
        List<DataViewSchema.Column> columns = [label, Alike(forecastColumn, "forecast")];
        if (lowerColumn is not null) columns.Add(Alike(lowerColumn, "lower bound"));
        if (upperColumn is not null) columns.Add(Alike(upperColumn, "upper bound"));

        var metrics = ForecastMetric.Defaults;
        var all = new MetricSums(metrics);
        MetricSums[] steps = [.. Enumerable.Range(0, size).Select(_ => new MetricSums(metrics))];
        var groups = new[] { all, all };
        using var cursor = data.GetRowCursor(columns.DistinctBy(column => column.Index));
        var readers = columns.Select(column => NumberReader.Create(cursor, column, size)).ToArray();
        var values = readers.Select(_ => new double[size]).ToArray();
        while (cursor.MoveNext())
        {
            for (var i = 0; i < readers.Length; i++) readers[i].Read(values[i]);
            for (var step = 0; step < size; step++)
            {
                if (!double.IsFinite(values[0][step])) continue;
                if (double.IsNaN(values[1][step]))
                    throw ColumnErrors.Value("forecast", forecastColumn, cursor.Position,
                        "holds NaN for a known label: filter rows that cannot be forecast, and report their number.");
                var point = new ForecastPoint(values[0][step], values[1][step]);
                if (values.Length > 2) point = point with { Lower = values[2][step], Upper = values[3][step], ConfidenceLevel = confidenceLevel };
                groups[1] = steps[step];
                MetricSums.Add(point, metrics, groups);
            }
        }
        return (all.Result(), [.. steps.Select(step => step.Result())]);

        DataViewSchema.Column Alike(string name, string role)
        {
            var (column, count) = Columns.Numbers(data.Schema, name, role);
            return count == size ? column : throw ColumnErrors.Mismatch(role, name,
                $"as many numbers as the label column '{labelColumn}' ({label.Type}) holds, {size}", column.Type.ToString()!,
                size == 1 ? "Evaluate forecasts on series with one row per step by mlContext.Forecasting.BackTest." : null);
        }
    }
}
