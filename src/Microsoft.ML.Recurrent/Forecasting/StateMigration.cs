using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Moves the histories of all series to another model of the same columns.</summary>
internal sealed class StateMigration
{
    private readonly ModelManifest _to;
    private readonly SeriesState _source, _target;
    private readonly DuplicateTimes _duplicates;

    // The place of each column of the new rows in the old ones, and the new ids of its categories; null for what is computed.
    private readonly (int Offset, int[]? Ids)?[] _columns;

    /// <param name="from">The model that observed.</param>
    /// <param name="source">Its histories.</param>
    /// <param name="to">The model that goes on.</param>
    /// <param name="target">Its histories, which are empty.</param>
    /// <param name="duplicates">What a row of a known time means there.</param>
    /// <exception cref="ArgumentException">The columns or the frequency differ.</exception>
    public StateMigration(ModelManifest from, SeriesState source, ModelManifest to, SeriesState target, DuplicateTimes duplicates)
    {
        (_source, _to, _target, _duplicates) = (source, to, target, duplicates);
        var (before, after) = (from.Forecast!, to.Forecast!);
        Same("series columns", string.Join(", ", before.SeriesKey), string.Join(", ", after.SeriesKey));
        Same("time column", before.TimeColumn, after.TimeColumn);
        Same("time zone", before.TimeZone, after.TimeZone);
        // Models of earlier builds hold a frequency only where they need it.
        if (before.UsualGap is not null && after.UsualGap is not null) Same("frequency", before.Frequency?.ToString(), after.Frequency?.ToString());
        Same("columns", Describe(source.Layout), Describe(target.Layout));
        _columns = [.. target.Layout.Inputs.Select(Find)];
    }

    /// <summary>Moves them.</summary>
    /// <returns>What series lack for a forecast, by name.</returns>
    public SortedDictionary<string, string> Move()
    {
        var places = _target.Index.Add(_source.Index);
        var (row, lacking) = (new float[_target.Layout.Width], new SortedDictionary<string, string>(StringComparer.Ordinal));
        for (var series = 0; series < _source.Count; series++)
        {
            var history = _target[places.Length == 0 ? series : places[series]];
            _source[series].ForEachRow((values, time, isFilled) =>
                Add(history, values, time, isFilled, places.Length == 0 ? "" : _source.Index.Names[series], row));
            // They correct how the calibration goes, not one model; forecasts of the other model that wait for outcomes are left out.
            if (_source[series].Adaptation is { } factors) history.Adaptation?.TakeOver(factors);
            if (!history.IsReady) lacking.Add(places.Length == 0 ? "" : _source.Index.Names[series], history.MissingReason);
        }
        return lacking;
    }

    private void Add(SeriesHistory history, ReadOnlySpan<float> values, long time, bool isFilled, string name, float[] row)
    {
        if (isFilled && !_to.Forecast!.FillsTimeGaps) return;
        for (var i = 0; i < _columns.Length; i++)
        {
            var input = _target.Layout.Inputs[i];
            var to = row.AsSpan(_target.Layout.Offsets[i], input.Size);
            if (input.Role is SeriesRole.Series) to[0] = (input.Categories!.Find(name) ?? -1) + 1;
            else if (_columns[i] is null && time == long.MinValue)
                throw new ArgumentException("The other engine goes on from a checkpoint of an earlier build, which has no times of rows for the calendar: "
                    + "observe the rows again.", "engine");
            else if (_columns[i] is not { } column) input.WriteCalendar(new DateTime(time), to);
            else if (column.Ids is { } ids) to[0] = ids[(int)values[column.Offset]];
            else values.Slice(column.Offset, input.Size).CopyTo(to);
        }
        if (_to.Forecast!.AllowsMissing) FiniteNumbers.LeaveOutInfinite(row);
        var isTimed = _to.Forecast.TimeColumn is not null && time != long.MinValue;
        if (isTimed && history.Count > 0 && time == history.Time && _duplicates is DuplicateTimes.Replace && history.Find(time) is { } place)
        {
            history.Replace(place, row);
            return;
        }
        if (isFilled)
        {
            history.AddFilled(row, time);
            return;
        }
        if (isTimed && _to.Forecast.FillsTimeGaps) _target.FillGap(history, time);
        history.Add(row, time);
    }

    private (int Offset, int[]? Ids)? Find(SeriesInput input)
    {
        if (input.Role is SeriesRole.Series || input.Calendar is not CalendarFeatures.None) return null;
        var old = _source.Layout.Inputs.First(other =>
            other.Name == input.Name && other.Calendar is CalendarFeatures.None && other.Role is not SeriesRole.Series);
        return (_source.Layout.Offsets[_source.Layout.Inputs.IndexOf(old)],
            old.Categories is { } categories ? [0, .. categories.FindIn(input.Categories!).Select(id => id + 1)] : null);
    }

    private void Same(string what, string? before, string? after)
    {
        if (before == after) return;
        throw new ArgumentException($"The state cannot move to this model: its {what} are {Named(after)}, those of the other engine {Named(before)}. "
            + "Train both on the same columns and frequency, or observe the rows again.", "engine");

        static string Named(string? value) => string.IsNullOrEmpty(value) ? "none" : $"'{value}'";
    }

    // Calendar features and series ids are computed from other columns.
    private static string Describe(SeriesLayout layout) => string.Join(", ", layout.Inputs
        .Where(input => input.Calendar is CalendarFeatures.None && input.Role is not SeriesRole.Series).OrderBy(input => input.Role is not SeriesRole.Target)
        .ThenBy(input => input.Name, StringComparer.Ordinal)
        .Select(input => $"{input.Name}{(input.Categories is not null ? " (category)" : input.Size > 1 ? $" ({input.Size} numbers)" : "")}"));
}
