using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Writes examples to training batches, where inputs of one kind are interleaved by step and categories are in input order. Not thread-safe.</summary>
internal sealed class TrainingTarget : IExampleTarget
{
    private readonly (InputColumn Column, int Place)[] _inputs;
    private readonly int[] _widths = new int[Enum.GetValues<InputKind>().Length];
    private SequenceBatch _batch = null!;

    /// <param name="inputs">The inputs of the graph.</param>
    public TrainingTarget(IEnumerable<InputColumn> inputs)
    {
        var categories = new List<string>();
        _inputs = [.. inputs.Select(input => (input, PlaceOf(input)))];

        int PlaceOf(InputColumn input)
        {
            if (!input.IsCategory) return (_widths[(int)input.Kind] += input.Features) - input.Features;
            if (input.Kind is not InputKind.Future && !input.IsSeries) categories.Add(input.Column);
            return categories.IndexOf(input.Column);
        }
    }

    /// <summary>The first input, that of the targets.</summary>
    public InputColumn First => _inputs[0].Column;

    /// <summary>Starts a batch of the given size; then all examples must be written.</summary>
    public void Begin(SequenceBatch batch, int rows, int time, int targets, bool lengths = false, bool labels = false, bool weights = false,
        bool stepLabels = false, bool stepTargets = false, StretchPositions? positions = null)
    {
        _batch = batch;
        // Future features are the last of the inputs.
        batch.Resize(rows, time, Width(InputKind.Sequence), Width(InputKind.Tokens) > 0, lengths, Width(InputKind.Static), targets, labels, weights,
            stepLabels, stepTargets,
            future: Width(InputKind.Future), horizon: _inputs[^1].Column is { Kind: InputKind.Future, Time: { } steps } ? steps : 0,
            series: Array.Exists(_inputs, input => input.Column.IsSeries),
            positions: positions);
    }

    public void Write(int example, int input, int step, ReadOnlySpan<float> source, int stride)
    {
        var (column, place) = _inputs[input];
        var rows = Rows(column.Kind);
        var row = step * rows + example;
        if (column.IsCategory)
        {
            // A stretch has more steps than a window.
            var count = rows * (column.Kind is InputKind.Sequence ? _batch.Time : column.Time ?? 1);
            var ids = column.IsSeries ? _batch.Series!
                : column.Kind is InputKind.Future ? _batch.FutureCategories(place, count) : _batch.Categories(place, count);
            StepCopy.Ids(source, stride, ids.AsSpan(row), rows);
            return;
        }
        StepCopy.Numbers(source, stride, Numbers(column, row, place), rows * Width(column.Kind), column.Features);
    }

    public void Write(int example, int input, int step, ReadOnlySpan<float> source, ReadOnlySpan<float> rests, int stride, ReadOnlySpan<double> origin)
    {
        var (column, place) = _inputs[input];
        var rows = Rows(column.Kind);
        Rounding.Subtract(source, rests, stride, Numbers(column, step * rows + example, place), rows * Width(column.Kind), origin);
    }

    private Span<float> Numbers(InputColumn column, int row, int place)
    {
        var tensor = column.Kind switch { InputKind.Static => _batch.Statics!, InputKind.Future => _batch.Future!, _ => _batch.Values! };
        return tensor.Span[(row * Width(column.Kind) + place)..];
    }

    public void Write(int example, int input, ReadOnlySpan<int> tokens) => StepCopy.Ids(tokens, 1, _batch.Tokens.AsSpan(example), _batch.Rows);

    /// <summary>Writes all tokens of an example, or all its ids of a category.</summary>
    public void Write(int example, int input, ReadOnlySpan<long> ids)
    {
        var (column, place) = _inputs[input];
        var rows = Rows(column.Kind);
        var all = column.IsCategory ? _batch.Categories(place, rows * (column.Kind is InputKind.Sequence ? _batch.Time : 1)) : _batch.Tokens;
        StepCopy.Ids(ids, 1, all.AsSpan(example), rows);
    }

    // What is known of a forecast beside its steps has a row for each forecast.
    private int Rows(InputKind kind) => kind is InputKind.Static or InputKind.Future ? _batch.Forecasts : _batch.Rows;

    // Numbers per step of all inputs of a kind.
    private int Width(InputKind kind) => _widths[(int)kind];
}
