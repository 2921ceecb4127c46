using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>
/// How a fitted transformer is given the rows of a back-test. A forecaster of this library forecasts the origins only, and needs no more rows before them than
/// its window, unless it carries its state along the series; of any other transformer all rows count.
/// </summary>
internal sealed class OriginScoring
{
    private readonly ITransformer[] _chain;

    // The forecaster in the chain; -1 for none.
    private readonly int _forecaster;

    public OriginScoring(ITransformer transformer, BackTestOptions options)
    {
        _chain = [.. RecurrentTransformer.Flatten(transformer)];
        _forecaster = Array.FindLastIndex(_chain, part => part is RecurrentForecastingTransformer { IsRowWise: false });
        // What comes after it must not read the forecasts of other rows.
        if (_forecaster < 0 || !_chain[(_forecaster + 1)..].All(IsRowWise)) _forecaster = -1;
        if (_chain.OfType<RecurrentForecastingTransformer>().LastOrDefault() is { } last) Space = BoundSpace.Create(last.Model);
        if (_forecaster < 0 || !_chain[.._forecaster].All(IsRowWise)) return;
        var manifest = ((RecurrentForecastingTransformer)_chain[_forecaster]).Model.Manifest;
        // A state is that of all rows.
        if (manifest.CarriesState) return;
        var forecast = manifest.Forecast!;
        // The window is counted in rows of the series of the back-test, which must be those of the model.
        if (forecast.SeriesKey.Order(StringComparer.Ordinal).SequenceEqual(options.SeriesKey().Order(StringComparer.Ordinal))
            && (forecast.TimeColumn ?? options.TimeColumnName) == options.TimeColumnName
            && (options.TimeZone ?? forecast.TimeZone) == forecast.TimeZone)
            Window = forecast.WindowSize;
    }

    // A graph that carries states has a mapper that refuses rows one by one.
    private static bool IsRowWise(ITransformer part) => part.IsRowToRowMapper && part is not RecurrentTransformer { IsRowWise: false };

    /// <summary>Rows of each series, with different times, that are enough before an origin; null if all may count.</summary>
    public int? Window { get; }

    /// <summary>
    /// The rows whose forecasts were left out because the rows of their horizon, with what is known ahead, do not lie on the steps of their series: what is
    /// wrong, by time and series.
    /// </summary>
    public SortedDictionary<(long Time, string Series), string> LeftOut { get; } = [];

    /// <summary>The time zone of the forecaster; null for times as they are, and for other transformers.</summary>
    public TimeZoneInfo? Zone => _forecaster < 0 ? null : ((RecurrentForecastingTransformer)_chain[_forecaster]).Model.Manifest.Forecast!.Zone;

    /// <summary>Where bounds are scaled.</summary>
    public BoundSpace Space { get; } = new();

    /// <summary>The rows with the forecasts of the wanted ones.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="wanted">Whether a row is forecast, one entry per row.</param>
    public IDataView Transform(IDataView rows, bool[] wanted)
    {
        for (var part = 0; part < _chain.Length; part++)
            rows = _chain[part].Transform(part == _forecaster ? new ObservedRowsView(rows, wanted, LeftOut) : rows);
        return rows;
    }
}
