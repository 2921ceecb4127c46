using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The last rows of one series: a ring buffer of the size of a window, with the numbers of all columns.</summary>
internal sealed class SeriesHistory
{
    private readonly SeriesLayout _layout;
    private readonly bool _allowsMissing, _fills;
    private readonly int _rows, _width, _least;
    private readonly float[] _ring;

    // The time of each row of the ring. That of a row that fills a gap is stored as its complement: times with gaps are dates, which are positive.
    private readonly long[] _times;
    private readonly double[] _outcomes;
    private int _next, _clean, _count;

    // The first new rows of rows that are to be appended, if they may be more than a window.
    private RowBeginning? _beginning;

    private readonly CarriedState? _state;

    // Rows since one had a target.
    private int _silent;
    private long _time = long.MinValue;

    public SeriesHistory(ForecastManifest forecast, SeriesLayout layout, int stateSize = 0)
    {
        if (stateSize > 0) _state = new(stateSize);
        (_layout, _allowsMissing, _fills, _rows, _width) = (layout, forecast.AllowsMissing, forecast.FillsTimeGaps, forecast.WindowSize, layout.Width);
        _least = forecast.MinimumHistory > 0 ? forecast.MinimumHistory : forecast.WindowSize;
        _ring = layout.MissingRows(_rows);
        _times = new long[_rows];
        Array.Fill(_times, long.MinValue);
        _outcomes = new double[forecast.Targets.Length];
        _silent = _rows;
    }

    /// <summary>How the bounds follow the outcomes; null if they do not.</summary>
    public BoundAdaptation? Adaptation { get; set; }

    /// <summary>Begins a forecast from the newest row; null if its bounds do not follow the outcomes.</summary>
    public AdaptedForecast? Adapt(float level) => Adaptation is null ? null : new(Adaptation, level);

    /// <summary>Reads the rows for a model that carries its state; null for none.</summary>
    public IRowReader? Reader { get; set; }

    /// <summary>Whether the window can be forecast: it has enough rows, without NaN or, if values may be missing, with at least one target.</summary>
    public bool IsReady => _allowsMissing ? _count >= _least && _silent < _rows : _clean == _rows && FiniteNumbers.All(Statics);

    /// <summary>Describes what the window lacks for <see cref="IsReady"/>.</summary>
    public string MissingReason => !_allowsMissing && _clean == _rows
        ? "a missing value in the static columns of its last observation; a forecast needs all of them, unless the model is trained with "
            + "MissingValues.Handling = Mask"
        : !_allowsMissing ? $"{_clean} observations without NaN in a row; a forecast needs {_rows}"
        : _count < _least ? $"{_count} observations; a forecast needs {_least}" : $"no target in its last {_rows} observations; a forecast needs one";

    /// <summary>Total number of added rows.</summary>
    public int Count => _count;

    /// <summary>The current time.</summary>
    public long Time => _time;

    /// <summary>The last row.</summary>
    public ReadOnlySpan<float> Last => _ring.AsSpan((_next == 0 ? _rows - 1 : _next - 1) * _width, _width);

    private ReadOnlySpan<float> Statics => Last.Slice(_layout.Features, _layout.Statics);

    /// <summary>The time of the first row since it was created or loaded.</summary>
    public long FirstTime { get; private set; } = long.MinValue;

    /// <summary>Adds a row with its time.</summary>
    public void Add(ReadOnlySpan<float> values, long time)
    {
        if (_count == 0) FirstTime = time;
        _time = time;
        Put(values, time);
    }

    /// <summary>Adds a row of missing numbers at a time without a row.</summary>
    public void AddFilled(ReadOnlySpan<float> values, long time)
    {
        _time = time;
        Put(values, ~time);
    }

    /// <summary>The place in the window of the row of a time; null if there is none.</summary>
    public int? Find(long time)
    {
        for (var index = _rows - 1; index >= First; index--)
        {
            if (TimeAt(index) == time) return index;
        }
        return null;
    }

    /// <summary>Puts a row in the place of another.</summary>
    /// <exception cref="ArgumentException">The model carries its state, and the row is another one than the last, with other numbers.</exception>
    public void Replace(int place, ReadOnlySpan<float> values)
    {
        var at = At(place);
        if (_state is not null && place < _rows - 1 && !MemoryMarshal.AsBytes(values).SequenceEqual(MemoryMarshal.AsBytes(Row(place))))
        {
            throw new ArgumentException(
                "A row before the last one of its series comes late, or again with other numbers. The model carries its state along the series "
                + "(Decoding.Stateful), so only the last row can be corrected: remove the row, or call Forget for the series and observe its rows again.",
                    "row");
        }
        values.CopyTo(_ring.AsSpan(at * _width));
        if (IsFilled(place)) _times[at] = ~_times[at];
        for (_clean = 0; _clean < _rows && FiniteNumbers.All(Row(_rows - 1 - _clean)[.._layout.Features]);) _clean++;
        for (_silent = 0; _silent < _rows && !_layout.HasTarget(Row(_rows - 1 - _silent));) _silent++;
        Adaptation?.Correct(_rows - 1 - place, Outcomes(values));
        _beginning?.Replace(_rows - 1 - place, Outcomes(values));
        Read(again: true);
    }

    /// <summary>Keeps the outcomes of the first rows after a time, also if they are followed by more than a window.</summary>
    public void KeepBeginning(long after, int rows) => _beginning = new(after, rows);

    /// <summary>Adds a row without a time.</summary>
    public void Add(ReadOnlySpan<float> values) => Put(values, long.MinValue);

    private void Put(ReadOnlySpan<float> values, long time)
    {
        values.CopyTo(_ring.AsSpan(_next * _width));
        _times[_next] = time;
        _count++;
        _next = _next + 1 == _rows ? 0 : _next + 1;
        _clean = FiniteNumbers.All(values[.._layout.Features]) ? Math.Min(_clean + 1, _rows) : 0;
        _silent = _layout.HasTarget(values) ? 0 : Math.Min(_silent + 1, _rows);
        Adaptation?.Observe(Outcomes(values));
        if (_beginning is { } beginning && (_time == long.MinValue || _time > beginning.After)) beginning.Add(Outcomes(values), _time);
        Read(again: false);
    }

    // Where nothing may be missing, the state begins anew after a row that lacks something.
    private void Read(bool again)
    {
        if (_state is null) return;
        var isMissing = !_allowsMissing && _clean == 0;
        // A row that takes the place of one that was not read follows the row before, if that was read.
        if (again && !isMissing) (_state.IsNew, again) = (!_state.HasLast && _clean == 1, _state.HasLast);
        if (isMissing) _state.IsNew = true;
        else Reader?.Read(this, again);
        if (!isMissing || !again) _state.HasLast = !isMissing;
    }

    /// <summary>Counts rows that are followed by more than a window of others, so that they need not be stored.</summary>
    public void Skip(long rows)
    {
        _count = (int)Math.Min(_count + Math.Max(0, rows), int.MaxValue / 2);
        Adaptation?.Skip(Math.Max(0, rows));
        _beginning?.Skip(Math.Max(0, rows));
        if (rows > 0 && _state is not null) _state.IsNew = true;
    }

    /// <summary>Whether another history repeats rows of the window, and rows before it, but adds none between them.</summary>
    public bool Repeats(SeriesHistory later)
    {
        var oldest = TimeAt(First);
        // What is older than a whole window has no effect any more, if the rows reach the window.
        var passesOver = _count >= _rows && later._time >= oldest;
        for (var row = later.First; row < _rows && later.TimeAt(row) <= _time; row++)
        {
            var time = later.TimeAt(row);
            if (!later.IsFilled(row) && Find(time) is null && !(passesOver && time < oldest)) return false;
        }
        return true;
    }

    /// <summary>The first time of the last window that is later than a time; null if there is none.</summary>
    public long? FirstAfter(long time)
    {
        for (var row = First; row < _rows; row++)
        {
            if (TimeAt(row) > time) return TimeAt(row);
        }
        return null;
    }

    /// <summary>
    /// Adds the rows of another history of the same model, at most the last window. If it starts in this one (<see cref="Repeats"/>), its first rows take the
    /// places of rows here.
    /// </summary>
    /// <param name="later">The other history.</param>
    /// <param name="replaces">Whether a row of the last time takes its place.</param>
    /// <param name="fill">Called before the first new row, with its time.</param>
    public void Append(SeriesHistory later, bool replaces, Action<long>? fill)
    {
        var (row, known) = (later.First, _time);
        var overlaps = replaces && _count > 0 && later.FirstTime <= _time;
        for (; overlaps && row < _rows && later.TimeAt(row) <= _time; row++)
        {
            if (!later.IsFilled(row) && Find(later.TimeAt(row)) is { } place) Replace(place, later.Row(row));
        }
        if (row == _rows) return;
        var first = later._beginning is { } beginning && beginning.After == known ? beginning.First : null;
        fill?.Invoke(overlaps ? first ?? later.TimeAt(row) : later.FirstTime);
        if (!overlaps) _count += later._count - (_rows - row);
        if (Adaptation is { } adaptation) later._beginning?.Pass(adaptation, known, _rows - row);
        for (; row < _rows; row++) Put(later.Row(row), later._times[later.At(row)]);
        _time = later._time;
    }

    /// <summary>Passes the rows of the window, the oldest first, with their times and whether they fill gaps.</summary>
    public void ForEachRow(Action<ReadOnlySpan<float>, long, bool> use)
    {
        for (var row = First; row < _rows; row++) use(Row(row), TimeAt(row), IsFilled(row));
    }

    /// <summary>Adds the window to a batch that is to be scored.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="filler">Writes it.</param>
    /// <param name="future">The future features, step by step.</param>
    /// <param name="again">Of a model that carries its state: whether its last row was read before.</param>
    public void AddTo(ScoringBatch batch, SeriesFiller filler, ReadOnlySpan<float> future, bool again = true)
    {
        var (example, newer) = (batch.Add(_rows), (_next == 0 ? _rows : _next) * _width);
        if (_state is not null)
        {
            batch.Carry(example, _state, _state.IsNew ? CarriedStep.First : again ? CarriedStep.Again : CarriedStep.Next);
            _state.IsNew = false;
            if (!_allowsMissing && _clean < _rows)
            {
                // The first row that the state has read stands for those before it.
                for (var row = 0; row < _rows; row++) filler.FillSteps(batch, example, row, Row(Math.Max(row, _rows - _clean)), default);
                filler.FillFuture(batch, example, Last, future, default);
                return;
            }
        }
        filler.Fill(batch, example, _ring.AsSpan(newer), _ring.AsSpan(0, newer), future);
    }

    private double[] Outcomes(ReadOnlySpan<float> values)
    {
        for (var target = 0; target < _outcomes.Length; target++) _outcomes[target] = _layout.Number(values, target);
        return _outcomes;
    }

    // A row of the window, 0 the oldest.
    private ReadOnlySpan<float> Row(int index) => _ring.AsSpan(At(index) * _width, _width);

    private int At(int index) => _next + index is var row && row >= _rows ? row - _rows : row;

    // The oldest row that was added.
    private int First => _rows - Math.Min(_count, _rows);

    private bool IsFilled(int index) => _fills && _times[At(index)] is < 0 and > long.MinValue;

    private long TimeAt(int index) => IsFilled(index) ? ~_times[At(index)] : _times[At(index)];

    /// <summary>Copies the state of another series of the same model.</summary>
    public SeriesHistory CopyFrom(SeriesHistory other)
    {
        (_next, _clean, _count, _silent, _time) = (other._next, other._clean, other._count, other._silent, other._time);
        other._ring.CopyTo(_ring.AsSpan());
        other._times.CopyTo(_times.AsSpan());
        if (other._state is not null) _state!.CopyFrom(other._state);
        if (Adaptation is not null && other.Adaptation is not null) Adaptation.CopyFrom(other.Adaptation);
        return this;
    }

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // int: next row of the ring; int: rows without NaN; int: rows in all; int: rows since one had a target; long: time; floats: ring
        writer.Write(_next);
        writer.Write(_clean);
        writer.Write(_count);
        writer.Write(_silent);
        writer.Write(_time);
        writer.Write(MemoryMarshal.AsBytes(_ring.AsSpan()));
    }

    public void Load(BinaryReader reader)
    {
        (_next, _clean, _count, _silent, _time) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
        if (_next < 0 || _next >= _rows || _clean < 0 || _clean > _rows || _count < _clean || _silent < 0 || _silent > _rows)
            throw new InvalidDataException("The history of a series is corrupt.");
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_ring.AsSpan()));
        if (_count > 0) _times[At(_rows - 1)] = _time;
    }

    /// <summary>Writes the state of a model that carries it.</summary>
    public void SaveState(BinaryWriter writer)
    {
        writer.Write(_state!.IsNew);
        writer.Write(_state.HasLast);
        writer.Write(MemoryMarshal.AsBytes(_state.Before));
        writer.Write(MemoryMarshal.AsBytes(_state.After));
    }

    /// <summary>Reads the state of a model that carries it.</summary>
    public void LoadState(BinaryReader reader)
    {
        (_state!.IsNew, _state.HasLast) = (reader.ReadBoolean(), reader.ReadBoolean());
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_state.Before));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_state.After));
    }

    /// <summary>Writes the times of the rows.</summary>
    public void SaveTimes(BinaryWriter writer) => writer.Write(MemoryMarshal.AsBytes(_times.AsSpan()));

    /// <summary>Reads the times of the rows.</summary>
    public void LoadTimes(BinaryReader reader) => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_times.AsSpan()));
}
