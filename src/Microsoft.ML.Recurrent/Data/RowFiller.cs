namespace Microsoft.ML.Recurrent.Data;

/// <summary>Writes examples from rows that hold a whole sequence each: numbers or tokens, and statics.</summary>
internal sealed class RowFiller
{
    private readonly (InputKind Kind, int Offset)[] _inputs;
    private readonly int _features;

    /// <param name="inputs">The target's inputs.</param>
    public RowFiller(IEnumerable<InputColumn> inputs)
    {
        var (features, statics) = (0, 0);
        _inputs = [.. inputs.Select(input => (input.Kind, input.Kind is InputKind.Static ? (statics += input.Features) - input.Features : (features += input.Features) - input.Features))];
        _features = features;
    }

    /// <summary>Writes one example, of which a <see cref="RowReader"/> gave the parts.</summary>
    public void Fill(IExampleTarget target, int example, ReadOnlySpan<float> values, ReadOnlySpan<int> tokens, ReadOnlySpan<float> statics)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var (kind, offset) = _inputs[i];
            if (kind is InputKind.Tokens) target.Write(example, i, tokens);
            else if (kind is InputKind.Static) target.Write(example, i, 0, statics[offset..], statics.Length);
            else target.Write(example, i, 0, values[offset..], _features);
        }
    }
}
