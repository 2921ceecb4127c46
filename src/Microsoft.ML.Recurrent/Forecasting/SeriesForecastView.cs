using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Forecasts of series as rows.</summary>
internal static class SeriesForecastView
{
    /// <summary>Creates the rows of some forecasts of one model.</summary>
    public static IDataView Create(MLContext mlContext, IReadOnlyCollection<SeriesForecast> forecasts)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        var definition = SchemaDefinition.Create(typeof(SeriesForecastRow));
        if (forecasts.FirstOrDefault() is { } first && first.Targets[0].Quantiles is { Count: > 0 } quantiles)
        {
            var names = quantiles.Keys.Order().Select(level => level.ToString(CultureInfo.InvariantCulture).AsMemory()).ToArray();
            var column = definition[nameof(SeriesForecastRow.Quantiles)];
            column.ColumnType = new VectorDataViewType(NumberDataViewType.Double, names.Length);
            column.AddAnnotation(AnnotationUtils.Kinds.SlotNames, new VBuffer<ReadOnlyMemory<char>>(names.Length, names),
                new VectorDataViewType(TextDataViewType.Instance, names.Length));
        }
        return mlContext.Data.LoadFromEnumerable(forecasts.SelectMany(Rows), definition);
    }

    private static IEnumerable<SeriesForecastRow> Rows(SeriesForecast forecast) =>
        from step in Enumerable.Range(0, forecast.Targets[0].Values.Length)
        from target in forecast.Targets
        let at = target.AtStep(step)
        select new SeriesForecastRow
        {
            Series = forecast.Series, Time = at.Time ?? default, Step = at.Step, Target = target.Name, Forecast = at.Value, Lower = at.Lower, Upper = at.Upper,
            StandardDeviation = at.StandardDeviation, Quantiles = [.. at.Quantiles.OrderBy(pair => pair.Key).Select(pair => pair.Value)],
        };
}
