using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>Collects the profile of a column, row by row, in memory that does not grow with the rows.</summary>
internal sealed class ColumnCollector(TableColumn column, int index)
{
    private const int MostExamples = 5, LongestExample = 40, OutlineParts = 32;

    private readonly HashSet<string> _distinct = [];
    private readonly List<string> _examples = [];
    private readonly OutlineCollector _outline = new(OutlineParts);
    // The formats that have read every value so far, each with the first and the last time by it.
    private List<(TimeFormat Format, DateTime First, DateTime Last)>? _formats;
    private readonly bool[] _fits = new bool[TimeFormat.All.Length];
    private long _rows, _missing, _numbers, _whole, _booleans, _times;
    private double _sum, _minimum = double.PositiveInfinity, _maximum = double.NegativeInfinity;
    private DateTime _first = DateTime.MaxValue, _last = DateTime.MinValue;
    private (string Text, long Line)? _firstNoNumber, _firstNoTime;

    public void Add(TableRows rows)
    {
        _rows++;
        if (rows.IsMissing(index))
        {
            _missing++;
            _outline.Add(double.NaN);
            return;
        }
        var text = rows.Text(index);
        Remember(text);
        if (rows.TryGetNumber(index, out var number) && double.IsFinite(number)) AddNumber(number);
        else
        {
            _firstNoNumber ??= (text.ToString(), rows.Line);
            _outline.Add(double.NaN);
        }
        if (text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase)) _booleans++;
        AddTime(rows, text);
    }

    public ColumnProfile Profile()
    {
        var values = _rows - _missing;
        var kind = column.Kind ?? (values == 0 ? ColumnKind.Empty : _booleans == values ? ColumnKind.Boolean
            // Whole numbers of eight digits that are all dates are dates; other numbers are numbers, though some could be read as times.
            : _times == values && (_numbers < values || _formats![0].Format.Pattern == "yyyyMMdd") ? ColumnKind.Time
            : _numbers == values ? ColumnKind.Number : ColumnKind.Text);
        var profile = new ColumnProfile(column.Name, kind, _rows, _missing)
        {
            Distinct = _distinct.Count, Examples = [.. _examples],
            MostAre = kind is not ColumnKind.Text ? null : 2 * _numbers > values ? ColumnKind.Number : 2 * _times > values ? ColumnKind.Time : null,
            Exception = kind is not ColumnKind.Text ? null : 2 * _numbers > values ? _firstNoNumber : 2 * _times > values ? _firstNoTime : null,
        };
        var other = _formats?.FirstOrDefault(one => one.Format.IsDayFirst is { } order && order != _formats[0].Format.IsDayFirst);
        return kind switch
        {
            ColumnKind.Number => profile with
            {
                Minimum = _minimum,
                Maximum = _maximum,
                Mean = _sum / _numbers,
                IsWhole = _whole == _numbers,
                Outline = _outline.Means(),
            },
            ColumnKind.Time => profile with
            {
                Span = _formats is [var chosen, ..] ? (chosen.First, chosen.Last) : (_first, _last),
                TimeFormat = _formats?[0].Format,
                OtherTimeFormat = other?.Format,
                OtherSpan = other is { Format: not null } one ? (one.First, one.Last) : null,
            },
            _ => profile,
        };
    }

    private void Remember(ReadOnlySpan<char> text)
    {
        var lookup = _distinct.GetAlternateLookup<ReadOnlySpan<char>>();
        if (_distinct.Count > ColumnProfile.MostDistinct || !lookup.Add(text)) return;
        if (_examples.Count < MostExamples) _examples.Add(text.Length <= LongestExample ? text.ToString() : $"{text[..(LongestExample - 3)]}...");
    }

    private void AddNumber(double number)
    {
        _numbers++;
        _sum += number;
        if (number == Math.Floor(number)) _whole++;
        (_minimum, _maximum) = (Math.Min(_minimum, number), Math.Max(_maximum, number));
        _outline.Add(number);
    }

    // A value that no format reads that has read those before is no time.
    private void AddTime(TableRows rows, ReadOnlySpan<char> text)
    {
        if (column.Kind is ColumnKind.Time)
        {
            if (!rows.TryGetTime(index, out var time)) return;
            (_first, _last) = (time < _first ? time : _first, time > _last ? time : _last);
        }
        else
        {
            // Text that is no time at first is taken for none; a mistake further down is told.
            if (_formats is null && _times == 0 && _firstNoTime is not null) return;
            var formats = _formats
                ?? [.. TimeFormat.All.Select(static format => (format, DateTime.MaxValue, DateTime.MinValue))];
            var read = 0;
            for (var i = 0; i < formats.Count; i++)
            {
                _fits[i] = formats[i].Format.TryParse(text, out var time);
                if (!_fits[i]) continue;
                read++;
                formats[i] = formats[i] with
                {
                    First = time < formats[i].First ? time : formats[i].First,
                    Last = time > formats[i].Last ? time : formats[i].Last
                };
            }
            if (read == 0)
            {
                _firstNoTime ??= (text.ToString(), rows.Line);
                return;
            }
            for (var i = formats.Count - 1; i >= 0 && read < formats.Count; i--)
                if (!_fits[i]) formats.RemoveAt(i);
            _formats = formats;
        }
        _times++;
    }
}
