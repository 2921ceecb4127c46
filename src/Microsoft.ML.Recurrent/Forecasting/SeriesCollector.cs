using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Makes windows from rows that are series, looking only back: a ring of the last rows for each series. A row has no answer before its series has a whole window of
/// rows without NaN. One collector belongs to one cursor.
/// </summary>
internal sealed class SeriesCollector : IExampleCollector
{
    private readonly DataViewRow _row;
    private readonly ForecastManifest _forecast;
    private readonly (NumberReader Reader, int Input, int Offset)[] _channels;
    private readonly (NumberReader Reader, int Input)[] _statics;
    private readonly Func<int>? _readSeries;
    private readonly Func<long>? _readTime;
    private readonly List<History> _histories = [];
    private readonly float[] _values;

    public SeriesCollector(DataViewRow row, ModelManifest manifest)
    {
        (_row, _forecast) = (row, manifest.Forecast!);
        var inputs = manifest.Inputs.Select((column, index) => (Column: column, Index: index)).ToArray();
        var offset = 0;
        _channels = [.. inputs.Where(input => input.Column.Kind is InputKind.Sequence).Select(input =>
        {
            var channel = (Open(input.Column), input.Index, offset);
            offset += input.Column.Features;
            return channel;
        })];
        _values = new float[offset];
        _statics = [.. inputs.Where(input => input.Column.Kind is InputKind.Static).Select(input => (Open(input.Column), input.Index))];
        if (_forecast.SeriesColumn is { } series) _readSeries = SeriesReader.Open(row, row.Schema[series], new SeriesIndex());
        if (_forecast.TimeColumn is { } time) _readTime = TimeReader.Open(row, row.Schema[time]);

        NumberReader Open(InputColumn column) => NumberReader.Create(row, row.Schema[column.Name], column.Features);
    }

    public bool Collect(ScoringBatch batch)
    {
        var series = _readSeries?.Invoke() ?? 0;
        while (series >= _histories.Count) _histories.Add(new History(_forecast.WindowSize, _values.Length));
        var history = _histories[series];
        if (_readTime is not null) history.Advance(_readTime(), _forecast, _row.Position);
        foreach (var (reader, _, offset) in _channels) reader.Read(_values.AsSpan(offset));
        if (!history.Add(_values)) return false;

        var example = batch.Add(_forecast.WindowSize);
        foreach (var (reader, input, offset) in _channels) history.CopyTo(batch.Values(example, input), offset, reader.Size);
        foreach (var (reader, input) in _statics) reader.Read(batch.Values(example, input));
        return true;
    }

    /// <summary>Checks that a schema has the columns that the model was trained on, and returns them.</summary>
    public static IEnumerable<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema)
    {
        var columns = new List<DataViewSchema.Column>();
        foreach (var input in manifest.Inputs)
        {
            var role = input.Kind is InputKind.Static ? "static" : "input";
            var (column, size) = Columns.Numbers(schema, input.Name, role);
            if (size != input.Features) throw ColumnErrors.Mismatch(role, input.Name, input.Features == 1 ? "Single, as in training" : $"Vector<Single, {input.Features}>, as in training", column.Type.ToString()!);
            columns.Add(column);
        }
        if (manifest.Forecast!.SeriesColumn is { } series) columns.Add(SeriesReader.Resolve(schema, series));
        if (manifest.Forecast.TimeColumn is { } time) columns.Add(TimeReader.Resolve(schema, time));
        return columns;
    }

    /// <summary>The last rows of one series.</summary>
    private sealed class History(int rows, int width)
    {
        private readonly float[] _ring = new float[rows * width];
        private int _next;
        private int _clean;
        private long _time = long.MinValue;

        public void Advance(long time, ForecastManifest forecast, long position)
        {
            if (time < _time)
            {
                throw ColumnErrors.Value("time", forecast.TimeColumn!, position,
                    $"is earlier than a row before it{(forecast.SeriesColumn is { } series ? $" of the same series ('{series}')" : "")}: forecasts look back in the rows' order, so sort the rows by time first.");
            }
            _time = time;
        }

        /// <summary>Adds a row; true once a whole window without NaN is there.</summary>
        public bool Add(ReadOnlySpan<float> values)
        {
            values.CopyTo(_ring.AsSpan(_next * width));
            _next = _next + 1 == rows ? 0 : _next + 1;
            _clean = IsFinite(values) ? Math.Min(_clean + 1, rows) : 0;
            return _clean == rows;
        }

        /// <summary>Copies some channels of the window, oldest row first.</summary>
        public void CopyTo(Span<float> destination, int offset, int size)
        {
            var target = 0;
            for (var i = 0; i < rows; i++, target += size)
            {
                var row = _next + i;
                if (row >= rows) row -= rows;
                _ring.AsSpan(row * width + offset, size).CopyTo(destination[target..]);
            }
        }

        private static bool IsFinite(ReadOnlySpan<float> values)
        {
            foreach (var value in values)
            {
                if (!float.IsFinite(value)) return false;
            }
            return true;
        }
    }
}
