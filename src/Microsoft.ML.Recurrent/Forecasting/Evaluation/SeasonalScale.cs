namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>
/// The scales of MASE and RMSSE at every position of one series, from running sums of seasonal differences, so that a rolling origin costs one subtraction.
/// Differences with a missing value are ignored.
/// </summary>
internal sealed class SeasonalScale
{
    private readonly double[] _absolute;
    private readonly double[] _squared;
    private readonly int[] _count;

    public SeasonalScale(ReadOnlySpan<double> series, int season)
    {
        (_absolute, _squared, _count) = (new double[series.Length + 1], new double[series.Length + 1], new int[series.Length + 1]);
        for (var i = 0; i < series.Length; i++)
        {
            var difference = i >= season ? series[i] - series[i - season] : double.NaN;
            var known = double.IsFinite(difference);
            _absolute[i + 1] = _absolute[i] + (known ? Math.Abs(difference) : 0);
            _squared[i + 1] = _squared[i] + (known ? difference * difference : 0);
            _count[i + 1] = _count[i] + (known ? 1 : 0);
        }
    }

    /// <summary>Mean |y[t] - y[t - season]| over the first <paramref name="length"/> values; NaN without differences.</summary>
    public double Absolute(int length) => _count[length] > 0 ? _absolute[length] / _count[length] : double.NaN;

    /// <summary>Mean (y[t] - y[t - season])^2 over the first <paramref name="length"/> values; NaN without differences.</summary>
    public double Squared(int length) => _count[length] > 0 ? _squared[length] / _count[length] : double.NaN;
}
