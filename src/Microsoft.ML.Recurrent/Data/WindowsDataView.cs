using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The settings of a view of windows.</summary>
internal sealed record WindowSettings(string OutputColumn, string[] Inputs, int WindowSize, int Horizon, int Stride, string? LabelColumn, string? SeriesColumn,
    string? TimeColumn)
{
    /// <summary>The zone of local times; null for times as they are.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>Columns whose values in the window become separate vectors.</summary>
    public string[] PastCovariates { get; init; } = [];

    /// <summary>Columns whose values in the window and the horizon become separate vectors.</summary>
    public string[] FutureCovariates { get; init; } = [];

    /// <summary>These columns with their number of steps.</summary>
    public IEnumerable<(string Name, int Steps)> Covariates() =>
        PastCovariates.Select(name => (name, WindowSize)).Concat(FutureCovariates.Select(name => (name, WindowSize + Horizon)));
}

/// <summary>
/// One row per window, at most one window ending at each source row. The numbers of the source are stored once; windows are copied on demand.
/// </summary>
internal sealed class WindowsDataView : ComputedDataView
{
    private readonly IDataView _source;
    private readonly WindowSettings _settings;
    private readonly Lazy<Windows> _data;
    private readonly int _sources;
    private readonly int _width;

    /// <param name="Table">The numbers, row by row: inputs, covariates, then the label.</param>
    /// <param name="Starts">The first row of each window.</param>
    /// <param name="Others">The passed-through columns of the last row of each window.</param>
    /// <param name="Rows">The categories of all rows of the table.</param>
    private sealed record Windows(SeriesTable Table, int[] Starts, SourceColumns Others, SourceColumns Rows);

    private WindowsDataView(IDataView source, DataViewSchema schema, DataViewSchema.Column[] sources, int width, WindowSettings settings)
        : base(schema, sources)
    {
        (_source, _settings, _sources, _width) = (source, settings, sources.Length, width);
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
        var covariates = settings.Covariates().Select(covariate => Made(schema, covariate.Name, covariate.Steps)).ToArray();
        var kept = schema.Where(column => !column.IsHidden && column.Name != settings.OutputColumn && column.Name != future
            && covariates.All(made => made.Name != column.Name)).ToArray();
        var builder = new DataViewSchema.Builder();
        foreach (var column in kept) builder.AddColumn(column.Name, column.Type, column.Annotations);
        builder.AddColumn(settings.OutputColumn, new VectorDataViewType(NumberDataViewType.Single, window, width));
        foreach (var (name, type, annotations) in covariates) builder.AddColumn(name, type, annotations);
        if (future is not null)
        {
            var size = Columns.Numbers(schema, future, "label").Size;
            builder.AddColumn(future, size == 1
                ? new VectorDataViewType(NumberDataViewType.Single, settings.Horizon)
                : new VectorDataViewType(NumberDataViewType.Single, settings.Horizon, size));
        }
        return new(source, builder.ToSchema(), kept, width, settings);
    }

    public override long? GetRowCount() => _data.IsValueCreated ? _data.Value.Starts.Length : null;

    protected override SourceColumns Others => _data.Value.Others;

    protected override long Open(bool[] active)
    {
        _data.Value.Rows.Read(Categories(active).Select(category => category.Source));
        return _data.Value.Starts.Length;
    }

    protected override void CreateGetters(Delegate?[] getters, bool[] active, RowPosition position)
    {
        var (table, starts, _, rows) = _data.Value;
        var (window, horizon) = (_settings.WindowSize, _settings.Horizon);
        if (active[_sources]) getters[_sources] = Rows(0, window, 0, _width);
        foreach (var (source, steps, index) in Categories(active)) getters[index] = rows.Getter(source, () => starts[position.Row], steps);
        var offset = _width;
        foreach (var (name, steps) in _settings.Covariates())
        {
            var column = Schema[name];
            if (!IsNumber(column.Type)) continue;
            var size = ((VectorDataViewType)column.Type).Size / steps;
            if (active[column.Index]) getters[column.Index] = Rows(0, steps, offset, size);
            offset += size;
        }
        if (HasFuture(_settings) && active[^1]) getters[^1] = Rows(window, horizon, offset, table.Width - offset);

        // Some columns of some rows, relative to the start of a window.
        ValueGetter<VBuffer<float>> Rows(int skip, int count, int offset, int width) => (ref VBuffer<float> value) =>
        {
            var source = table.Values(starts[position.Row] + skip, count);
            var editor = VBufferEditor.Create(ref value, count * width);
            if (width == table.Width) source.CopyTo(editor.Values);
            else for (var i = 0; i < count; i++) source.Slice(i * table.Width + offset, width).CopyTo(editor.Values[(i * width)..]);
            value = editor.Commit();
        };
    }

    // A numeric column as vectors of a window, a categorical one as vectors of its values.
    private static (string Name, DataViewType Type, DataViewSchema.Annotations? Annotations) Made(DataViewSchema schema, string name, int steps)
    {
        var column = Columns.Find(schema, name, "covariate");
        if (SeriesReader.IsPossible(column.Type)) return (name, new VectorDataViewType((PrimitiveDataViewType)column.Type, steps), column.Annotations);
        var size = Columns.Numbers(schema, name, "covariate").Size;
        return (name, size == 1
            ? new VectorDataViewType(NumberDataViewType.Single, steps)
            : new VectorDataViewType(NumberDataViewType.Single, steps, size), null);
    }

    private static bool IsNumber(DataViewType type) => ((VectorDataViewType)type).ItemType == NumberDataViewType.Single;

    // Categorical covariates: the source column, the steps, and the column of this view.
    private IEnumerable<(DataViewSchema.Column Source, int Steps, int Index)> Categories(bool[] active) =>
        _settings.Covariates().Select(covariate => (Schema[covariate.Name], covariate.Steps))
            .Where(covariate => active[covariate.Item1.Index] && !IsNumber(covariate.Item1.Type))
            .Select(covariate => (_source.Schema[covariate.Item1.Name], covariate.Steps, covariate.Item1.Index));

    private static bool HasFuture(WindowSettings settings) => settings is { Horizon: > 0, LabelColumn: not null };

    private static Windows Read(IDataView source, WindowSettings settings)
    {
        var covariates = settings.Covariates().Select(covariate => covariate.Name).Where(name => !SeriesReader.IsPossible(source.Schema[name].Type));
        string[] columns = [.. settings.Inputs, .. covariates, .. HasFuture(settings) ? new[] { settings.LabelColumn! } : []];
        var table = SeriesTable.Read(source, columns, settings.SeriesColumn, settings.TimeColumn, settings.Zone);
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
                : $"No series is long enough for one window: windowSize {settings.WindowSize} and horizon {settings.Horizon} need {needed} rows, the longest "
                    + $"series has {longest}.", "input");
        }
        var windows = starts.ToArray();
        return new(table, windows, new SourceColumns(source, Array.ConvertAll(windows, start => table.SourceRows[start + settings.WindowSize - 1])),
            new SourceColumns(source, table.SourceRows));
    }
}
