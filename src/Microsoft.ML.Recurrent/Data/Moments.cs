namespace Microsoft.ML.Recurrent.Data;

/// <summary>Mean and standard deviation of each channel, gathered in one pass in float64 (Welford 1962); what is missing (NaN) counts for nothing.</summary>
internal sealed class Moments(int channels)
{
    private readonly double[] _mean = new double[channels];
    private readonly double[] _squares = new double[channels];
    private readonly long[] _count = new long[channels];

    public int Channels => _mean.Length;

    /// <summary>Adds the steps of a sequence, channels side by side.</summary>
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

    public float Mean(int channel) => (float)_mean[channel];

    /// <summary>The population's standard deviation; 1 for a channel with no spread, so that nothing is divided by zero.</summary>
    public float Scale(int channel)
    {
        var deviation = _count[channel] == 0 ? 0 : Math.Sqrt(_squares[channel] / _count[channel]);
        // Rounding leaves a constant channel a spread of about its value's last bits.
        return deviation > 1e-7 * Math.Abs(_mean[channel]) && deviation > 1e-30 ? (float)deviation : 1;
    }

    public void CopyTo(Span<float> mean, Span<float> scale)
    {
        for (var channel = 0; channel < _mean.Length; channel++) (mean[channel], scale[channel]) = (Mean(channel), Scale(channel));
    }
}
