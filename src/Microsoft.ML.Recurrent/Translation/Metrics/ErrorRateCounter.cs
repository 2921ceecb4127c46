namespace Microsoft.ML.Recurrent.Translation.Metrics;

/// <summary>Sums edit distances to the nearest references, and the lengths of these.</summary>
internal sealed class ErrorRateCounter
{
    private long _errors, _length;

    public double Rate => _length == 0 ? double.NaN : (double)_errors / _length;

    public void Add<T>(T[] text, IReadOnlyList<T[]> references) where T : IEquatable<T>
    {
        var (errors, length) = references.Select(reference => (Errors: EditDistance.Between<T>(text, reference), reference.Length))
            .MinBy(pair => (pair.Errors, -pair.Length));
        (_errors, _length) = (_errors + errors, _length + length);
    }
}
