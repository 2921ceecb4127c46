using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The histories of all series that a cursor or an engine has met. Not thread-safe.</summary>
internal sealed class SeriesState
{
    private readonly List<SeriesHistory> _histories = [];
    private readonly ForecastManifest _forecast;

    private float[]? _missing;

    public SeriesState(ModelManifest manifest)
        : this(manifest.Forecast!, SeriesLayout.Create(manifest))
    {
    }

    private SeriesState(ForecastManifest forecast, SeriesLayout layout) => (_forecast, Layout) = (forecast, layout);

    /// <summary>How a row lies in the histories.</summary>
    public SeriesLayout Layout { get; }

    public SeriesIndex Index { get; private init; } = new();

    /// <summary>The history of a series by its number; new where it was not met before.</summary>
    public SeriesHistory this[int series]
    {
        get
        {
            while (series >= _histories.Count) _histories.Add(new(_forecast, Layout));
            return _histories[series];
        }
    }

    public int Count => _histories.Count;

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // the index of series; int: histories; the histories
        Index.Save(writer);
        writer.Write(_histories.Count);
        foreach (var history in _histories) history.Save(writer);
    }

    public static SeriesState Load(BinaryReader reader, ModelManifest manifest)
    {
        var state = new SeriesState(manifest) { Index = SeriesIndex.Load(reader) };
        var count = reader.ReadInt32();
        if (count < 0 || count > Math.Max(1, state.Index.Names.Count)) throw new InvalidDataException("The series' histories are damaged.");
        for (var i = 0; i < count; i++) state[i].Load(reader);
        return state;
    }

    public SeriesState Clone()
    {
        var copy = new SeriesState(_forecast, Layout);
        copy.Index.Add(Index);
        for (var i = 0; i < _histories.Count; i++) copy[i].CopyFrom(_histories[i]);
        return copy;
    }

    /// <summary>
    /// Takes over the rows that another state of the same model has met, after those met so far: all of them or, where one series goes back in time, none.
    /// </summary>
    /// <param name="later">The other state.</param>
    /// <param name="schema">The schema of its rows, for the error.</param>
    /// <exception cref="ArgumentException">A series begins there before it ended here.</exception>
    public void Append(SeriesState later, DataViewSchema schema)
    {
        var known = later.Index.FindIn(Index);
        for (var i = 0; i < later.Count; i++)
        {
            // Without a series column there are no names.
            var id = known.Length == 0 ? 0 : known[i];
            if (id >= 0 && id < Count && later[i].Count > 0 && later[i].FirstTime < this[id].Time) throw Back(i, later[i].FirstTime, this[id].Time);
        }
        var places = Index.Add(later.Index);
        for (var i = 0; i < later.Count; i++)
        {
            if (later[i].Count == 0) continue;
            var history = this[places.Length == 0 ? 0 : places[i]];
            if (_forecast.FillsTimeGaps) FillGap(history, later[i].FirstTime);
            history.Append(later[i]);
        }

        ArgumentException Back(int series, long first, long last) => new(
            $"The rows{(later.Index.Names.Count == 0 ? "" : $" of the series '{later.Index.Names[series]}'")} begin at {Describe(first)}, though the engine "
                + $"has observed rows up to {Describe(last)} already (the column '{_forecast.TimeColumn}'): " +
            "nothing was taken in. Give rows that come after those.", "rows");

        string Describe(long time) => TimeReader.Describe(time, schema[_forecast.TimeColumn!].Type);
    }

    /// <summary>Adds the rows that the frequency asks for between a history's last row and the next one.</summary>
    public void FillGap(SeriesHistory history, long next)
    {
        if (history.Count == 0) return;
        _missing ??= new float[Layout.Width];
        var (frequency, last, to) = (_forecast.Frequency!, new DateTime(history.Time), new DateTime(next));
        // What lies further back than a window is forgotten anyway.
        history.Skip(TimeSteps.Count(frequency, last, to) - _forecast.WindowSize);
        foreach (var time in TimeSteps.Between(frequency, last, to, _forecast.WindowSize))
        {
            Layout.WriteMissing(history.Last, time, _missing);
            history.Add(_missing);
        }
    }
}
