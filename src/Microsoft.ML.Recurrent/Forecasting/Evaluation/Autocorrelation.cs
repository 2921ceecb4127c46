namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Autocorrelation of a series.</summary>
internal static class Autocorrelation
{
    /// <summary>
    /// The sample autocorrelations at lags 1 to <paramref name="maximumLag"/>, normalized by the sum of squares of the whole series (Box and Jenkins); NaN for
    /// a constant series.
    /// </summary>
    public static double[] Compute(ReadOnlySpan<double> series, int maximumLag)
    {
        var mean = 0.0;
        foreach (var value in series) mean += value;
        mean /= Math.Max(series.Length, 1);
        var centred = new double[series.Length];
        for (var i = 0; i < centred.Length; i++) centred[i] = series[i] - mean;
        var squares = System.Numerics.Tensors.TensorPrimitives.SumOfSquares<double>(centred);
        var result = new double[maximumLag];
        for (var lag = 1; lag <= maximumLag; lag++)
        {
            var product = lag < centred.Length
                ? System.Numerics.Tensors.TensorPrimitives.Dot<double>(centred.AsSpan(lag), centred.AsSpan(0, centred.Length - lag))
                : 0;
            result[lag - 1] = squares > 0 ? product / squares : double.NaN;
        }
        return result;
    }
}
