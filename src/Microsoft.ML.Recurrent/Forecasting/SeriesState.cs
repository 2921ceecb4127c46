using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The histories of all series seen by a cursor or an engine. Not thread-safe.</summary>
internal sealed class SeriesState
{
    private readonly List<SeriesHistory> _histories = [];
    private readonly ForecastManifest _forecast;

    private readonly int _stateSize;
    private float[]? _missing;
    private TimeSteps? _steps;

    public SeriesState(ModelManifest manifest)
        : this(manifest.Forecast!, SeriesLayout.Create(manifest), manifest.StateSize)
    {
    }

    private SeriesState(ForecastManifest forecast, SeriesLayout layout, int stateSize) => (_forecast, Layout, _stateSize) = (forecast, layout, stateSize);

    private SeriesState(SeriesState other)
        : this(other._forecast, other.Layout, other._stateSize) => (AdaptationRate, Space, Reader) = (other.AdaptationRate, other.Space, other.Reader);

    /// <summary>The step size by which bounds follow the outcomes; 0 if they do not, null in a state of an engine that did not say.</summary>
    public float? AdaptationRate { get; private set; }

    /// <summary>Where bounds are scaled; null outside of an engine.</summary>
    public BoundSpace? Space { get; private set; }

    /// <summary>Reads the rows for a model that carries its state; null for none.</summary>
    public IRowReader? Reader
    {
        get;
        set
        {
            field = value;
            foreach (var history in _histories) history.Reader = value;
        }
    }

    /// <summary>The layout of a row in the histories.</summary>
    public SeriesLayout Layout { get; }

    public SeriesIndex Index { get; private init; } = new();

    /// <summary>The history of a series by index; creates one for a new series.</summary>
    public SeriesHistory this[int series]
    {
        get
        {
            while (series >= _histories.Count) _histories.Add(new(_forecast, Layout, _stateSize) { Adaptation = NewAdaptation(), Reader = Reader });
            return _histories[series];
        }
    }

    public int Count => _histories.Count;

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // the index of series; int: histories; the histories; byte: 1; the times of the rows of each history (both missing in earlier builds); float: the
        // step size of adaptive bounds; the adaptation of each history, if it is greater than 0 (both missing in earlier builds, and of models without bounds).
        // A model that carries its state has it after the times, of each history: bool: whether it begins anew; floats: before and after the last row
        Index.Save(writer);
        writer.Write(_histories.Count);
        foreach (var history in _histories) history.Save(writer);
        writer.Write((byte)1);
        foreach (var history in _histories) history.SaveTimes(writer);
        if (_stateSize > 0) foreach (var history in _histories) history.SaveState(writer);
        if (AdaptationRate is not { } rate || _forecast.LowerBoundColumn is null) return;
        writer.Write(rate);
        foreach (var history in _histories) history.Adaptation?.Save(writer);
    }

    public static SeriesState Load(BinaryReader reader, RecurrentModel model)
    {
        var state = new SeriesState(model.Manifest) { Index = SeriesIndex.Load(reader), Space = BoundSpace.Create(model) };
        var count = reader.ReadInt32();
        if (count < 0 || count > Math.Max(1, state.Index.Names.Count)) throw new InvalidDataException("The histories of the series are corrupt.");
        for (var i = 0; i < count; i++) state[i].Load(reader);
        var mark = reader.BaseStream.ReadByte();
        if (mark < 0) return state;
        for (var i = 0; i < count; i++) state[i].LoadTimes(reader);
        if (state._stateSize > 0) for (var i = 0; i < count; i++) state[i].LoadState(reader);
        if (mark == 1 && reader.BaseStream.Position < reader.BaseStream.Length) state.LoadAdaptations(reader);
        if (mark != 1 || reader.BaseStream.ReadByte() >= 0) throw new InvalidDataException("Something else follows the histories of the series.");
        return state;
    }

    public SeriesState Clone()
    {
        var copy = new SeriesState(this);
        copy.Index.Add(Index);
        for (var i = 0; i < _histories.Count; i++) copy[i].CopyFrom(_histories[i]);
        return copy;
    }

    /// <summary>The state without a series. Both share the histories of the others.</summary>
    public SeriesState Without(int series)
    {
        var rest = new SeriesState(this) { Index = Index.Names.Count == 0 ? new() : Index.Without(series) };
        rest._histories.AddRange(_histories.Where((_, id) => id != series));
        return rest;
    }

    /// <summary>The state of an engine that has seen nothing.</summary>
    public SeriesState Empty() => new(this);

    /// <summary>Lets the bounds follow the outcomes from now on, or no more.</summary>
    /// <param name="rate">The step size; 0 for no adaptation.</param>
    /// <param name="space">Where bounds are scaled.</param>
    public void Adapt(float rate, BoundSpace space)
    {
        (AdaptationRate, Space) = (rate, space);
        foreach (var history in _histories)
        {
            if (rate == 0) history.Adaptation = null;
            else if (history.Adaptation is { } known) known.Rate = rate;
            else history.Adaptation = NewAdaptation();
        }
    }

    /// <summary>Appends the rows of another state of the same model: all of them, or none if one series goes back in time.</summary>
    /// <param name="later">The other state.</param>
    /// <param name="schema">The schema of its rows, for the error.</param>
    /// <param name="duplicates">What a row of a time means that is known here.</param>
    /// <param name="limit">How far its rows may lie ahead.</param>
    /// <exception cref="ArgumentException">A series starts there before its end here, or too far after it.</exception>
    public void Append(SeriesState later, DataViewSchema schema, DuplicateTimes duplicates, TimeJumpLimit limit)
    {
        var known = later.Index.FindIn(Index);
        for (var i = 0; i < later.Count; i++)
        {
            // Without a series column there are no names.
            var id = known.Length == 0 ? 0 : known[i];
            if (_forecast.TimeColumn is null || id < 0 || id >= Count || this[id].Count == 0 || later[i].Count == 0) continue;
            var (first, last) = (later[i].FirstTime, this[id].Time);
            var comesAgain = first < last || first == last && duplicates is not DuplicateTimes.Step;
            if (comesAgain && !(duplicates is DuplicateTimes.Replace && this[id].Repeats(later[i]))) throw Back(i, first, last);
            if (later[i].FirstAfter(last) is { } next && limit.Exceeded(last, first > last ? first : next) is { } latest)
                throw new ArgumentException($"The rows{Of(i)} start at {SeriesObserver.TooFar(Describe(first > last ? first : next), Describe(last),
                    Describe(latest))}: no row was observed.", "rows");
        }
        var places = Index.Add(later.Index);
        for (var i = 0; i < later.Count; i++)
        {
            if (later[i].Count == 0) continue;
            var history = this[places.Length == 0 ? 0 : places[i]];
            history.Append(later[i], duplicates is DuplicateTimes.Replace && _forecast.TimeColumn is not null,
                _forecast.FillsTimeGaps ? time => FillGap(history, time) : null);
        }

        ArgumentException Back(int series, long first, long last) => new(
            $"The rows{Of(series)} start at {Describe(first)}, but the engine "
                + $"has already observed rows up to {Describe(last)} (the column '{_forecast.TimeColumn}'): " +
            "no row was observed. Pass only later rows.", "rows");

        string Of(int series) => later.Index.Names.Count == 0 ? "" : $" of the series '{later.Index.Names[series]}'";

        string Describe(long time) => TimeReader.Describe(time, schema[_forecast.TimeColumn!].Type, _forecast.Zone);
    }

    /// <summary>Adds the rows missing by the frequency between the last row of a history and the next row.</summary>
    public void FillGap(SeriesHistory history, long next)
    {
        if (history.Count == 0) return;
        _missing ??= new float[Layout.Width];
        var (steps, last, to) = (_steps ??= _forecast.Steps!, new DateTime(history.Time), new DateTime(next));
        // Rows further back than a window are dropped anyway.
        history.Skip(steps.Count(last, to) - _forecast.WindowSize);
        foreach (var time in steps.Between(last, to, _forecast.WindowSize))
        {
            Layout.WriteMissing(history.Last, time, _missing);
            history.AddFilled(_missing, time.Ticks);
        }
    }

    private BoundAdaptation? NewAdaptation() => AdaptationRate > 0 && Space is not null && _forecast.LowerBoundColumn is not null
        ? new(Space, _forecast.Horizon, _forecast.Targets.Length, AdaptationRate.Value)
        : null;

    private void LoadAdaptations(BinaryReader reader)
    {
        var rate = reader.ReadSingle();
        if (!(rate is >= 0 and <= 1) || _forecast.LowerBoundColumn is null) throw new InvalidDataException("The step size of the bounds is corrupt.");
        Adapt(rate, Space!);
        foreach (var history in _histories) history.Adaptation?.Load(reader);
    }
}
