using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>A transformer bound to a schema: which columns go in, which are added, and where each column of the result comes from.</summary>
internal sealed class ScoringMapping
{
    private readonly HashSet<int> _inputs;
    private readonly ColumnBindings _bindings;

    /// <exception cref="ArgumentOutOfRangeException">The schema lacks a column that the model needs, or has it of another type.</exception>
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

    /// <summary>Whether the model reads this column of the input.</summary>
    public bool IsInput(int column) => _inputs.Contains(column);

    /// <summary>Where a column of the result comes from: a column of the input, or an output of the model.</summary>
    public (bool IsSource, int Index) Locate(int column)
    {
        var index = _bindings.MapColumnIndex(out var isSource, column);
        return (isSource, index);
    }

    /// <summary>Splits the columns that a consumer needs into those of the input and the model's outputs.</summary>
    public ActiveColumns Activate(IEnumerable<DataViewSchema.Column> needed)
    {
        var result = new ActiveColumns(new bool[OutputSchema.Count], new bool[InputSchema.Count], new bool[Added.Length]);
        foreach (var column in needed)
        {
            if (column.Index >= OutputSchema.Count || OutputSchema[column.Index].Name != column.Name)
                throw new ArgumentException($"The column '{column.Name}' is none of this data view's: take columns from its own Schema.", nameof(needed));
            result.Result[column.Index] = true;
            var (isSource, index) = Locate(column.Index);
            (isSource ? result.Source : result.Outputs)[index] = true;
        }
        return result;
    }

    /// <summary>The input's columns that have to be read for a choice of active ones.</summary>
    public IEnumerable<DataViewSchema.Column> Needed(ActiveColumns active) =>
        InputSchema.Where(column => active.Source[column.Index] || active.Scores && IsInput(column.Index));
}
