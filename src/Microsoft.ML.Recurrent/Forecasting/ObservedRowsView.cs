using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Rows of series of which a forecaster forecasts some only. It observes the others, as the history of later ones; their forecasts are NaN.</summary>
/// <param name="source">The rows.</param>
/// <param name="forecast">Whether a row is forecast, one entry per row.</param>
/// <param name="leftOut">Takes the rows that are not forecast because the rows after them do not lie on the steps of their series: what is wrong, by time and
/// series.</param>
internal sealed class ObservedRowsView(IDataView source, bool[] forecast, IDictionary<(long Time, string Series), string> leftOut) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => source.GetRowCount();

    /// <summary>Whether a row is forecast.</summary>
    public bool IsForecast(long row) => row >= forecast.LongLength || forecast[row];

    /// <summary>Leaves out the forecast of a row.</summary>
    public void LeaveOut(long time, string series, string fault) => leftOut[(time, series)] = fault;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => source.GetRowCursor(columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];
}
