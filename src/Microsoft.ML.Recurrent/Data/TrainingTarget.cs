using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Writes examples to training batches, where inputs of one kind lie side by side within a step and categories are numbered in the order of the inputs. Not thread-safe.
/// </summary>
internal sealed class TrainingTarget : IExampleTarget
{
    private readonly (InputColumn Column, int Place)[] _inputs;
    private readonly int[] _widths = new int[Enum.GetValues<InputKind>().Length];
    private SequenceBatch _batch = null!;

    /// <param name="inputs">The graph's inputs.</param>
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

    /// <summary>The graph's inputs, neighbours of one kind joined: for a source where these lie side by side as well.</summary>
    public static InputColumn[] Join(IEnumerable<InputColumn> inputs)
    {
        var joined = new List<InputColumn>();
        foreach (var input in inputs)
        {
            if (joined.LastOrDefault() is { Vocabulary: 0 } last && input.Vocabulary == 0 && input.Kind == last.Kind) joined[^1] = last with { Features = last.Features + input.Features };
            else joined.Add(input);
        }
        return [.. joined];
    }

    /// <summary>Begins a batch: sets its size; all examples are to be written then.</summary>
    public void Begin(SequenceBatch batch, int rows, int time, int targets, bool lengths = false, bool labels = false, bool weights = false)
    {
        _batch = batch;
        batch.Resize(rows, time, _widths[(int)InputKind.Sequence], _widths[(int)InputKind.Tokens] > 0, lengths, _widths[(int)InputKind.Static], targets, labels, weights,
            future: _widths[(int)InputKind.Future], horizon: _inputs[^1].Column.Time ?? 0, series: Array.Exists(_inputs, input => input.Column.IsSeries));
    }

    public void Write(int example, int input, int step, ReadOnlySpan<float> source, int stride)
    {
        var (column, place) = _inputs[input];
        var (rows, width, count) = (_batch.Rows, _widths[(int)column.Kind], (column.Time ?? 1) * _batch.Rows);
        var row = step * rows + example;
        if (column.IsSeries) StepCopy.Ids(source, stride, _batch.Series.AsSpan(row), rows);
        else if (column.IsCategory) StepCopy.Ids(source, stride, (column.Kind is InputKind.Future ? _batch.FutureCategories(place, count) : _batch.Categories(place, count)).AsSpan(row), rows);
        else
        {
            var tensor = column.Kind switch { InputKind.Static => _batch.Statics!, InputKind.Future => _batch.Future!, _ => _batch.Values! };
            StepCopy.Numbers(source, stride, tensor.Span[(row * width + place)..], rows * width, column.Features);
        }
    }

    public void Write(int example, int input, ReadOnlySpan<int> tokens) => StepCopy.Ids(tokens, 1, _batch.Tokens.AsSpan(example), _batch.Rows);
}
