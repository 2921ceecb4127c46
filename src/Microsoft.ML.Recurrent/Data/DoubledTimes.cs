using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Counts rows whose time is that of the row before them in the same series.</summary>
internal sealed class DoubledTimes
{
    /// <summary>Clocks are changed by no more.</summary>
    private const long ClockChange = 2 * TimeSpan.TicksPerHour;

    private int _rows;
    private long _first;
    private string _series = "";

    /// <summary>Number of such rows.</summary>
    public int Count { get; private set; }

    /// <summary>The first of them as a source row; -1 for none.</summary>
    public int FirstRow { get; private set; } = -1;

    /// <summary>Whether several times come again after later ones, as where the clock of local times goes back.</summary>
    public bool ComeBack { get; private set; }

    /// <summary>
    /// What to say of times that go back by a little, if they may be local times of a clock that went back; empty otherwise.
    /// </summary>
    /// <param name="timeType">The type of the time column.</param>
    /// <param name="zone">The zone, if there is one.</param>
    /// <param name="back">By how much they go back.</param>
    /// <param name="option">The option that names a zone.</param>
    public static string HintAtZone(DataViewType timeType, TimeZoneInfo? zone, long back = 0, string option = "Input.Features.TimeZone") =>
        zone is null && TimeReader.IsDate(timeType) && back <= ClockChange
            ? $" If these are local times of a night in which the clock goes back, name their time zone in the option {option}."
            : "";

    /// <summary>Counts those of a table.</summary>
    public void Add(SeriesTable table)
    {
        _rows += table.Rows;
        for (var series = 0; table.Times.Length > 0 && series < table.Series; series++)
        {
            for (var row = table.Starts[series] + 1; row < table.Starts[series + 1]; row++)
            {
                if (table.Times[row] != table.Times[row - 1]) continue;
                // The second row of the time before, after the first one of this time.
                if (row - 2 > table.Starts[series] && table.Times[row - 2] == table.Times[row - 3] && table.SourceRows[row - 2] > table.SourceRows[row - 1])
                    ComeBack = true;
                if (Count++ > 0) continue;
                (_first, FirstRow) = (table.Times[row], table.SourceRows[row]);
                _series = table.Names.Count == 0 ? "" : $" of the series '{table.Names[series]}'";
            }
        }
    }

    /// <summary>Describes them: "2 of 200 rows have the time of another row of their series, first 2026-01-01 00:00:00 (row 7)".</summary>
    /// <param name="timeType">The type of the time column.</param>
    /// <param name="zone">The zone of local times; null for none.</param>
    public string Describe(DataViewType timeType, TimeZoneInfo? zone = null) => string.Create(CultureInfo.InvariantCulture,
        $"{Count} of {_rows} rows have the same time as another row of their series, the "
            + $"first {TimeReader.Describe(_first, timeType, zone)}{_series} (row {FirstRow})");
}
