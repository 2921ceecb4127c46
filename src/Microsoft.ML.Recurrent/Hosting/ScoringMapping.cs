using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>A transformer bound to a schema: its input columns, its added columns, and the source of each result column.</summary>
internal sealed class ScoringMapping
{
    private readonly HashSet<int> _inputs;
    private readonly ColumnBindings _bindings;

    /// <exception cref="ArgumentOutOfRangeException">A column that the model needs is missing or of another type.</exception>
    public ScoringMapping(RecurrentTransformer transformer, DataViewSchema input)
    {
        _inputs = [.. transformer.Task.FindColumns(transformer.Model.Manifest, input).Select(column => column.Index)];
        Transformer = transformer;
        Added = OutputColumns.Create(transformer.Model.Manifest, input);
        _bindings = new(input, Added);
    }

    public RecurrentTransformer Transformer { get; }

    public DataViewSchema InputSchema => _bindings.InputSchema;

    public DataViewSchema OutputSchema => _bindings.Schema;

    /// <summary>The columns added, in the order of the model's outputs.</summary>
    public DataViewSchema.DetachedColumn[] Added { get; }

    /// <summary>Whether the model reads this input column.</summary>
    public bool IsInput(int column) => _inputs.Contains(column);

    /// <summary>The source of a result column: an input column, or an output of the model.</summary>
    public (bool IsSource, int Index) Locate(int column)
    {
        var index = _bindings.MapColumnIndex(out var isSource, column);
        return (isSource, index);
    }

    /// <summary>Splits the columns that a consumer needs into input columns and outputs of the model.</summary>
    public ActiveColumns Activate(IEnumerable<DataViewSchema.Column> needed)
    {
        var result = new ActiveColumns(new bool[OutputSchema.Count], new bool[InputSchema.Count], new bool[Added.Length]);
        foreach (var column in needed)
        {
            if (column.Index >= OutputSchema.Count || OutputSchema[column.Index].Name != column.Name)
                throw new ArgumentException($"The column '{column.Name}' is not in this data view: use columns of its own Schema.", nameof(needed));
            result.Result[column.Index] = true;
            var (isSource, index) = Locate(column.Index);
            (isSource ? result.Source : result.Outputs)[index] = true;
        }
        return result;
    }

    /// <summary>The input columns that must be read for a set of active columns.</summary>
    public IEnumerable<DataViewSchema.Column> Needed(ActiveColumns active) =>
        InputSchema.Where(column => active.Source[column.Index] || active.Scores && IsInput(column.Index));
}
