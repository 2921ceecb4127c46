using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Collects rows that hold windows, one by one. Where missing numbers are masked, a window without any target has no answer; else what is missing goes into the
/// graph as it is, and comes out as NaN.
/// </summary>
internal sealed class WindowCollector : IExampleCollector
{
    private readonly WindowLayout _layout;
    private readonly WindowColumnReader[] _readers;
    private readonly bool _allowsMissing;

    // For each graph input: whose numbers go there, from which of them on.
    private readonly (int Input, int From, int Count, bool IsCategory)[][] _targets;
    private readonly float[] _finite;

    /// <summary>Opens the model's input columns of a row whose schema has passed <see cref="Check"/>.</summary>
    public WindowCollector(DataViewRow row, ModelManifest manifest)
    {
        _layout = WindowLayout.Create(manifest);
        _readers = _layout.Open(row);
        _allowsMissing = manifest.Forecast!.AllowsMissing;
        _targets = [
            .. _layout.All.Select(column => manifest.Inputs.Select((input, i) => (Column: input, Index: i)).Where(input => input.Column.Column == column.Name)
            .Select(input => (input.Index, input.Column.Kind is InputKind.Future ? column.Window * column.Input.Size : 0,
                column.Steps == 0
                    ? column.Length
                    : (input.Column.Kind is InputKind.Future ? column.Future : column.Window) * column.Input.Size, input.Column.IsCategory)).ToArray())];
        _finite = new float[_layout.All.Max(column => column.Length)];
    }

    public bool Collect(ScoringBatch batch)
    {
        var first = Finite(_readers[0].Read());
        if (_allowsMissing && !_layout.HasTarget(first, _layout.All[0].Input.Size)) return false;
        var example = batch.Add(_layout.WindowSize);
        for (var i = 0; i < _readers.Length; i++)
        {
            var values = i == 0 ? first : Finite(_readers[i].Read());
            foreach (var (input, from, count, isCategory) in _targets[i])
            {
                var part = values.Slice(from, count);
                if (!isCategory)
                {
                    part.CopyTo(batch.Values(example, input));
                    continue;
                }
                var ids = batch.Tokens(example, input);
                for (var step = 0; step < count; step++) ids[step] = (long)part[step];
            }
        }
        return true;
    }

    /// <summary>Checks that a schema has the columns that the model was trained on, and returns them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static IEnumerable<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema) => WindowLayout.Create(manifest).Find(schema);

    // What is infinite counts as missing, where that is masked.
    private ReadOnlySpan<float> Finite(ReadOnlySpan<float> values)
    {
        if (!_allowsMissing) return values;
        values.CopyTo(_finite);
        FiniteNumbers.LeaveOutInfinite(_finite.AsSpan(0, values.Length));
        return _finite.AsSpan(0, values.Length);
    }
}
