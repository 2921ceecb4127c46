namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>A forecast of a series whose bounds follow the outcomes, from the copy of its history until its bounds are kept for the outcomes to come.</summary>
/// <param name="adaptation">The series' adaptation; it belongs to the engine's state, whose lock is held here and in <see cref="Keep"/>.</param>
/// <param name="level">The level of the bounds.</param>
internal sealed class AdaptedForecast(BoundAdaptation adaptation, float level)
{
    private readonly long _row = adaptation.Row;
    private readonly double[] _factors = adaptation.Factors();
    private IssuedBounds? _issued;

    /// <summary>Adapts bounds of the steps of the trained horizon.</summary>
    public void Apply(BoundSpace space, ReadOnlySpan<double> values, Span<double> lower, Span<double> upper)
    {
        _issued = new(_row, level, values.ToArray(), lower.ToArray(), upper.ToArray());
        for (var i = 0; i < values.Length; i++) (lower[i], upper[i]) = space.Scale(values[i], lower[i], upper[i], _factors[i]);
    }

    /// <summary>Keeps the bounds, if no row has come meanwhile.</summary>
    public void Keep()
    {
        if (_issued is not null) adaptation.Keep(_issued);
    }
}
