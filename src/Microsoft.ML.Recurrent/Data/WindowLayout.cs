using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The columns of window data. A step of a window has the layout of a row of a series: targets and other numbers of the window column, past covariates, future
/// covariates. Future covariates of the horizon alone come last.
/// </summary>
internal sealed class WindowLayout
{
    private WindowLayout(IEnumerable<WindowColumn> columns, int windowSize, int horizon, int targets)
    {
        (WindowSize, Horizon, Targets) = (windowSize, horizon, targets);
        WindowColumn[] all = [.. columns];
        Step = SeriesLayout.OfColumns(all.Where(column => !column.IsFutureOnly).Select(column => column.Input));
        FutureOnly = [.. all.Where(column => column.IsFutureOnly)];
        All = [.. Step.Inputs.Select(input => all.First(column => column.Name == input.Name)), .. FutureOnly];
        Future = Step.Future + FutureOnly.Sum(column => column.Input.Size);
    }

    public int WindowSize { get; }

    public int Horizon { get; }

    /// <summary>Number of targets, the first numbers of the first column.</summary>
    public int Targets { get; }

    /// <summary>All columns: those of a step in order, then those of the horizon alone.</summary>
    public ImmutableArray<WindowColumn> All { get; }

    /// <summary>The layout of a step of the window, statics and categories.</summary>
    public SeriesLayout Step { get; }

    /// <summary>Numeric columns that cover the horizon only, not the window.</summary>
    public ImmutableArray<WindowColumn> FutureOnly { get; }

    /// <summary>Number of future features per step of the horizon.</summary>
    public int Future { get; }

    /// <summary>Finds and checks the columns of a forecaster, and the label.</summary>
    public static (WindowLayout Layout, DataViewSchema.Column Label) Resolve(DataViewSchema schema, WindowColumnNames names,
        ImmutableArray<CategoryManifest> known)
    {
        var columns = names.All.Select(column => WindowColumn.Resolve(schema, column.Name, column.Role, names.WindowSize, names.Horizon))
            .Select(column => column.Input.Categories is not null && known.FirstOrDefault(category => category.Column == column.Name) is { } settled
                ? Widened(schema, column with { Input = column.Input with { Categories = SeriesIndex.Create(settled) } }) : column).ToArray();
        var (label, size) = FindLabel(schema, names, columns[0].Input.Size);
        return (new(columns, names.WindowSize, names.Horizon, size / names.Horizon), label);
    }

    /// <summary>The layout of a trained model.</summary>
    public static WindowLayout Create(ModelManifest manifest)
    {
        var forecast = manifest.Forecast!;
        var ahead = manifest.Inputs.Where(input => input.Kind is InputKind.Future).Select(input => input.Column).ToHashSet();
        var window = manifest.Inputs.Where(input => input.IsSequence).Select(input => input.Column).ToHashSet();
        var first = manifest.Inputs[0].Column;
        return new(manifest.Inputs.DistinctBy(input => input.Column).Select(input => new WindowColumn(
            new(input.Column, input.Kind is InputKind.Static ? SeriesRole.Static : ahead.Contains(input.Column) ? SeriesRole.Future : input.Column == first
                ? SeriesRole.Target
                : SeriesRole.Past, input.Features,
                input.IsCategory ? SeriesIndex.Create(forecast.Categories.First(category => category.Column == input.Column)) : null)
            { Origins = input.Origins },
            window.Contains(input.Column) ? forecast.WindowSize : 0, ahead.Contains(input.Column) ? forecast.Horizon : 0)), forecast.WindowSize,
                forecast.Horizon, forecast.Targets.Length);
    }

    /// <summary>Checks that a schema has the columns as in training, and returns them.</summary>
    public IEnumerable<DataViewSchema.Column> Find(DataViewSchema schema) => [.. All.Select(column => column.Find(schema))];

    /// <summary>Opens all columns of a row.</summary>
    public WindowColumnReader[] Open(DataViewRow row) => [.. All.Select(column => WindowColumnReader.Create(row, column))];

    /// <summary>Whether a window has any of the targets.</summary>
    /// <param name="window">The numbers of the first column.</param>
    /// <param name="width">Numbers per step of it.</param>
    public bool HasTarget(ReadOnlySpan<float> window, int width)
    {
        for (var step = 0; step < window.Length; step += width)
        {
            if (window.Slice(step, Targets).ContainsAnyExcept(float.NaN)) return true;
        }
        return false;
    }

    /// <summary>The layout with other properties of its columns, of the same sizes.</summary>
    public WindowLayout With(Func<SeriesInput, SeriesInput> change) =>
        new(All.Select(column => column with { Input = change(column.Input) }), WindowSize, Horizon, Targets);

    /// <summary>The inputs of the graph: sequences, statics, future covariates.</summary>
    public ImmutableArray<InputColumn> GraphInputs() =>
        [.. Step.GraphInputs(WindowSize, Horizon), .. FutureOnly.Select(column => new InputColumn(column.Name, InputKind.Future, Horizon, column.Input.Size)
            { Origins = column.Input.Origins })];

    // Known values keep their ids; new ones follow.
    private static WindowColumn Widened(DataViewSchema schema, WindowColumn column)
    {
        column.Find(schema);
        column.Input.Categories!.IsClosed = false;
        return column;
    }

    // For m targets, m numbers per step.
    private static (DataViewSchema.Column, int) FindLabel(DataViewSchema schema, WindowColumnNames names, int features)
    {
        var (label, size) = Columns.Numbers(schema, names.Label, "label");
        return size % names.Horizon == 0 && size <= names.Horizon * features ? (label, size) : throw ColumnErrors.Mismatch("label", names.Label,
            $"Vector<Single, {names.Horizon}> (the option Horizon), or {names.Horizon} x m numbers of at most {features} targets", label.Type.ToString()!);
    }
}
