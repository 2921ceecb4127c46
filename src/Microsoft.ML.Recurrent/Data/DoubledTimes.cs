using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Counts rows whose time is that of the row before them in the same series.</summary>
internal sealed class DoubledTimes
{
    private int _rows;
    private long _first;
    private string _series = "";

    /// <summary>Number of such rows.</summary>
    public int Count { get; private set; }

    /// <summary>The first of them as a source row; -1 for none.</summary>
    public int FirstRow { get; private set; } = -1;

    /// <summary>Counts those of a table.</summary>
    public void Add(SeriesTable table)
    {
        _rows += table.Rows;
        for (var series = 0; table.Times.Length > 0 && series < table.Series; series++)
        {
            for (var row = table.Starts[series] + 1; row < table.Starts[series + 1]; row++)
            {
                if (table.Times[row] != table.Times[row - 1]) continue;
                if (Count++ > 0) continue;
                (_first, FirstRow) = (table.Times[row], table.SourceRows[row]);
                _series = table.Names.Count == 0 ? "" : $" of the series '{table.Names[series]}'";
            }
        }
    }

    /// <summary>Describes them: "2 of 200 rows have the time of another row of their series, first 2026-01-01 00:00:00 (row 7)".</summary>
    public string Describe(DataViewType timeType) => string.Create(CultureInfo.InvariantCulture,
        $"{Count} of {_rows} rows have the same time as another row of their series, the "
            + $"first {TimeReader.Describe(_first, timeType)}{_series} (row {FirstRow})");
}
