using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>What the rows of series, as they were read, give reason to warn of before training. Tables may come in parts.</summary>
internal sealed class SeriesFindings(SeriesLayout layout, SeriesTime time, bool fillsGaps)
{
    private readonly MissingRows? _missing = time.Steps is { } steps && !fillsGaps ? new(steps) : null;
    private readonly MissingNumbers? _missingNumbers = time.Type is { } type && !TimeReader.IsDate(type) ? new(type) : null;
    private readonly DistantTimes? _distant = time.Steps is { } known ? new(known) : null;
    private readonly MixedFrequencies? _mixed = time.Steps is { } mixed && fillsGaps ? new(mixed) : null;
    private readonly EmptyCells _empty = new();
    private readonly int[] _numbers = [.. layout.Inputs.Select((input, i) => (input, Offset: layout.Offsets[i]))
        .Where(column => column.input.Categories is null && column.input.Calendar is CalendarFeatures.None
            && column.input.Role is SeriesRole.Target or SeriesRole.Past or SeriesRole.Future)
        .SelectMany(column => Enumerable.Range(column.Offset, column.input.Size))];
    private string? _outlier;

    // Of the series that is looked at.
    private DateTime[] _times = [];
    private float[] _values = [];

    /// <summary>Looks at a table, before gaps are filled and double rows are left out.</summary>
    public void Add(SeriesTable table)
    {
        for (var series = 0; series < table.Series; series++)
        {
            var (from, to) = (table.Starts[series], table.Starts[series + 1]);
            var name = table.Names.Count == 0 ? null : table.Names[series];
            if (table.Times.Length > 0 && (_missing ?? (object?)_mixed) is not null)
            {
                var times = Room(ref _times, to - from);
                for (var i = 0; i < times.Length; i++) times[i] = new DateTime(table.Times[from + i]);
                _missing?.Add(times, name, row => table.SourceRows[from + row]);
                _mixed?.Add(times, name);
            }
            if (table.Times.Length > 0)
            {
                _missingNumbers?.Add(table.Times.AsSpan(from..to), name, row => table.SourceRows[from + row]);
                _distant?.Add(table.Times.AsSpan(from..to), name, row => table.SourceRows[from + row]);
            }
            foreach (var number in _numbers) Add(table, from, to, number, name);
        }
    }

    /// <summary>The warnings.</summary>
    public IEnumerable<(string Code, string Message)> Warnings()
    {
        if ((_missing?.Describe() ?? _missingNumbers?.Describe()) is { } missing) yield return (WarningCode.MissingRows, missing);
        if (_distant?.Describe() is { } distant) yield return (WarningCode.DistantTime, distant);
        if (_mixed?.Describe() is { } mixed) yield return (WarningCode.MixedFrequencies, mixed);
        if (_empty.Describe() is { } empty) yield return (WarningCode.ZerosAmongValues, empty);
        if (_outlier is not null) yield return (WarningCode.Outlier, _outlier);
    }

    private static Span<T> Room<T>(ref T[] buffer, int count)
    {
        if (buffer.Length < count) buffer = new T[count];
        return buffer.AsSpan(0, count);
    }

    private void Add(SeriesTable table, int from, int to, int number, string? name)
    {
        var values = Room(ref _values, to - from);
        var outliers = new OutlierFinder();
        for (var row = from; row < to; row++)
        {
            values[row - from] = table.Values(row, 1)[number];
            outliers.Add(values[row - from], row);
        }
        _empty.Add(values, layout.NameAt(number), name);
        if (_outlier is not null || outliers.Find() is not { } outlier) return;
        _outlier = OutlierFinder.Describe(layout.NameAt(number), outlier,
            $"row {table.SourceRows[(int)outlier.Place]}{(name is null ? "" : $", of the series '{name}'")}");
    }
}
