using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The histories of all series that a cursor or an engine has met. Not thread-safe.</summary>
internal sealed class SeriesState
{
    private readonly List<SeriesHistory> _histories = [];
    private readonly ForecastManifest _forecast;

    public SeriesState(ModelManifest manifest)
    {
        _forecast = manifest.Forecast!;
        Layout = SeriesLayout.Of(manifest);
    }

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

    public SeriesState Clone(ModelManifest manifest)
    {
        using var bytes = new MemoryStream();
        Save(new BinaryWriter(bytes));
        bytes.Position = 0;
        return Load(new BinaryReader(bytes), manifest);
    }
}
