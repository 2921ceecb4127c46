using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The columns of rows that hold windows. What a window's step holds is laid out like the rows of a series: targets and what stands beside them in the window's
/// column, covariates of the past, what is known ahead. Columns known ahead of the horizon alone come after the others.
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

    /// <summary>Numbers of a step that are forecast, the first ones of the first column.</summary>
    public int Targets { get; }

    /// <summary>All columns: those of a step in its order, then those of the horizon alone.</summary>
    public ImmutableArray<WindowColumn> All { get; }

    /// <summary>What a step of the window holds, statics and categories.</summary>
    public SeriesLayout Step { get; }

    /// <summary>Columns of numbers that are known of the horizon, not of the window.</summary>
    public ImmutableArray<WindowColumn> FutureOnly { get; }

    /// <summary>Numbers known ahead of each step of the horizon.</summary>
    public int Future { get; }

    /// <summary>Finds and checks a forecaster's columns, and the label's.</summary>
    public static (WindowLayout Layout, DataViewSchema.Column Label) Resolve(DataViewSchema schema, WindowColumnNames names,
        ImmutableArray<CategoryManifest> known)
    {
        var columns = names.All.Select(column => WindowColumn.Resolve(schema, column.Name, column.Role, names.WindowSize, names.Horizon))
            .Select(column => column.Input.Categories is not null && known.FirstOrDefault(category => category.Column == column.Name) is { } settled
                ? Widened(schema, column with { Input = column.Input with { Categories = SeriesIndex.Create(settled) } }) : column).ToArray();
        var (label, size) = FindLabel(schema, names, columns[0].Input.Size);
        return (new(columns, names.WindowSize, names.Horizon, size / names.Horizon), label);
    }

    /// <summary>The same columns as a model was trained on.</summary>
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
                input.IsCategory ? SeriesIndex.Create(forecast.Categories.First(category => category.Column == input.Column)) : null),
            window.Contains(input.Column) ? forecast.WindowSize : 0, ahead.Contains(input.Column) ? forecast.Horizon : 0)), forecast.WindowSize,
                forecast.Horizon, forecast.Targets.Length);
    }

    /// <summary>Checks that a schema has the columns as they were in training, and returns them.</summary>
    public IEnumerable<DataViewSchema.Column> Find(DataViewSchema schema) => [.. All.Select(column => column.Find(schema))];

    /// <summary>Opens all columns of a row.</summary>
    public WindowColumnReader[] Open(DataViewRow row) => [.. All.Select(column => WindowColumnReader.Create(row, column))];

    /// <summary>Whether a window has any of the targets.</summary>
    /// <param name="window">The first column's numbers.</param>
    /// <param name="width">Numbers of a step of it.</param>
    public bool HasTarget(ReadOnlySpan<float> window, int width)
    {
        for (var step = 0; step < window.Length; step += width)
        {
            if (window.Slice(step, Targets).ContainsAnyExcept(float.NaN)) return true;
        }
        return false;
    }

    /// <summary>The graph's inputs: sequences, statics, what is known ahead.</summary>
    public ImmutableArray<InputColumn> GraphInputs() =>
        [.. Step.GraphInputs(WindowSize, Horizon), .. FutureOnly.Select(column => new InputColumn(column.Name, InputKind.Future, Horizon, column.Input.Size))];

    // The values that are known keep their numbers; further ones follow.
    private static WindowColumn Widened(DataViewSchema schema, WindowColumn column)
    {
        column.Find(schema);
        column.Input.Categories!.IsClosed = false;
        return column;
    }

    // Of m targets m numbers a step.
    private static (DataViewSchema.Column, int) FindLabel(DataViewSchema schema, WindowColumnNames names, int features)
    {
        var (label, size) = Columns.Numbers(schema, names.Label, "label");
        return size % names.Horizon == 0 && size <= names.Horizon * features ? (label, size) : throw ColumnErrors.Mismatch("label", names.Label,
            $"Vector<Single, {names.Horizon}> (the option Horizon), or {names.Horizon} x m numbers of at most {features} targets", label.Type.ToString()!);
    }
}
