namespace Microsoft.ML.Recurrent.Data;

/// <summary>Mean and standard deviation of each channel, computed in one pass in float64 (Welford 1962); missing values (NaN) are ignored.</summary>
internal sealed class Moments(int channels)
{
    private readonly double[] _mean = new double[channels];
    private readonly double[] _squares = new double[channels];
    private readonly long[] _count = new long[channels];

    public int Channels => _mean.Length;

    /// <summary>Adds the steps of a sequence, with interleaved channels.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        for (var start = 0; start < values.Length; start += _mean.Length)
        {
            for (var channel = 0; channel < _mean.Length; channel++)
            {
                var value = values[start + channel];
                if (float.IsNaN(value)) continue;
                var delta = value - _mean[channel];
                _mean[channel] += delta / ++_count[channel];
                _squares[channel] += delta * (value - _mean[channel]);
            }
        }
    }

    /// <summary>The values of a channel that were not missing.</summary>
    public long Count(int channel) => _count[channel];

    public float Mean(int channel) => (float)_mean[channel];

    /// <summary>The population variance; 0 without values.</summary>
    public double Variance(int channel) => _count[channel] == 0 ? 0 : _squares[channel] / _count[channel];

    /// <summary>The population standard deviation; 1 for a constant channel, to avoid division by zero.</summary>
    public float Scale(int channel)
    {
        var deviation = Math.Sqrt(Variance(channel));
        // Rounding gives a constant channel a spread of about the last bits of its value.
        return deviation > 1e-7 * Math.Abs(_mean[channel]) && deviation > 1e-30 ? (float)deviation : 1;
    }

    public void CopyTo(Span<float> mean, Span<float> scale)
    {
        for (var channel = 0; channel < _mean.Length; channel++) (mean[channel], scale[channel]) = (Mean(channel), Scale(channel));
    }
}
