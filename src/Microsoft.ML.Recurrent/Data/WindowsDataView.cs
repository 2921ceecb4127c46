using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>What the windows of a view are made of.</summary>
internal sealed record WindowSettings(string OutputColumn, string[] Inputs, int WindowSize, int Horizon, int Stride, string? LabelColumn, string? SeriesColumn, string? TimeColumn);

/// <summary>One row a window, at most one window for each row that ends one. The source's numbers are held once; windows are copied out of them when a cursor asks.</summary>
internal sealed class WindowsDataView : ComputedDataView
{
    private readonly WindowSettings _settings;
    private readonly Lazy<Windows> _data;
    private readonly DataViewSchema.Column[] _sources;
    private readonly int _width;

    private sealed record Windows(SeriesTable Table, int[] Starts, SourceColumns Others);

    private WindowsDataView(IDataView source, DataViewSchema schema, DataViewSchema.Column[] sources, int width, WindowSettings settings) : base(schema)
    {
        (_settings, _sources, _width) = (settings, sources, width);
        _data = new(() => Read(source, settings));
    }

    public static WindowsDataView Create(IDataView source, WindowSettings settings)
    {
        var (schema, window) = (source.Schema, settings.WindowSize);
        var width = settings.Inputs.Sum(name => Columns.Numbers(schema, name, "input").Size);
        if (settings.SeriesColumn is { } series) SeriesReader.Resolve(schema, series);
        if (settings.TimeColumn is { } time) TimeReader.Resolve(schema, time);
        if (settings is { LabelColumn: { } any, Horizon: 0 }) Columns.Find(schema, any, "label");
        var future = HasFuture(settings) ? settings.LabelColumn : null;
        var kept = schema.Where(column => !column.IsHidden && column.Name != settings.OutputColumn && column.Name != future).ToArray();
        var builder = new DataViewSchema.Builder();
        foreach (var column in kept) builder.AddColumn(column.Name, column.Type, column.Annotations);
        builder.AddColumn(settings.OutputColumn, new VectorDataViewType(NumberDataViewType.Single, window, width));
        if (future is not null)
        {
            var size = Columns.Numbers(schema, future, "label").Size;
            builder.AddColumn(future, size == 1 ? new VectorDataViewType(NumberDataViewType.Single, settings.Horizon) : new VectorDataViewType(NumberDataViewType.Single, settings.Horizon, size));
        }
        return new(source, builder.ToSchema(), kept, width, settings);
    }

    public override long? GetRowCount() => _data.IsValueCreated ? _data.Value.Starts.Length : null;

    protected override long Open(bool[] active)
    {
        _data.Value.Others.Read(_sources.Where((_, i) => active[i]));
        return _data.Value.Starts.Length;
    }

    protected override Delegate?[] CreateGetters(bool[] active, RowPosition position)
    {
        var (table, starts, others) = _data.Value;
        var (window, horizon) = (_settings.WindowSize, _settings.Horizon);
        var getters = new Delegate?[Schema.Count];
        for (var i = 0; i < _sources.Length; i++)
        {
            if (active[i]) getters[i] = others.Getter(_sources[i], position);
        }
        if (active[_sources.Length]) getters[_sources.Length] = Rows(0, window, 0, _width);
        if (HasFuture(_settings) && active[^1]) getters[^1] = Rows(window, horizon, _width, table.Width - _width);
        return getters;

        // Some columns of some rows after a window's start.
        ValueGetter<VBuffer<float>> Rows(int skip, int count, int offset, int width) => (ref VBuffer<float> value) =>
        {
            var source = table.Values(starts[position.Row] + skip, count);
            var editor = VBufferEditor.Create(ref value, count * width);
            if (width == table.Width) source.CopyTo(editor.Values);
            else for (var i = 0; i < count; i++) source.Slice(i * table.Width + offset, width).CopyTo(editor.Values[(i * width)..]);
            value = editor.Commit();
        };
    }

    private static bool HasFuture(WindowSettings settings) => settings is { Horizon: > 0, LabelColumn: not null };

    private static Windows Read(IDataView source, WindowSettings settings)
    {
        string[] columns = HasFuture(settings) ? [.. settings.Inputs, settings.LabelColumn!] : settings.Inputs;
        var table = SeriesTable.Read(source, columns, settings.SeriesColumn, settings.TimeColumn);
        var needed = settings.WindowSize + settings.Horizon;
        var starts = new List<int>();
        var longest = 0;
        for (var series = 0; series < table.Series; series++)
        {
            longest = Math.Max(longest, table.Starts[series + 1] - table.Starts[series]);
            for (var start = table.Starts[series]; start <= table.Starts[series + 1] - needed; start += settings.Stride) starts.Add(start);
        }
        if (starts.Count == 0)
        {
            throw new ArgumentException(table.Rows == 0 ? "The data have no rows."
                : $"No series is long enough for one window: windowSize {settings.WindowSize} and horizon {settings.Horizon} need {needed} rows, the longest series has {longest}.", "input");
        }
        var windows = starts.ToArray();
        return new(table, windows, new SourceColumns(source, Array.ConvertAll(windows, start => table.SourceRows[start + settings.WindowSize - 1])));
    }
}
