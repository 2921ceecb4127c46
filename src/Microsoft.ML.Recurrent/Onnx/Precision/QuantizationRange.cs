namespace Microsoft.ML.Recurrent.Onnx.Precision;

/// <summary>The numbers that a tensor holds: those from <paramref name="Low"/> to <paramref name="High"/>, 0 among them.</summary>
internal readonly record struct QuantizationRange(float Low, float High)
{
    /// <summary>That of a tensor of which nothing was seen.</summary>
    public static QuantizationRange Unknown { get; } = new(-1, 1);

    /// <summary>The range with one more number in it; what is no number is left out.</summary>
    public QuantizationRange With(float value) => float.IsFinite(value) ? new(Math.Min(Low, value), Math.Max(High, value)) : this;

    /// <summary>The grid of 8 bits over the range, as DynamicQuantizeLinear lays it out: (byte - zero) x scale.</summary>
    public (float Scale, byte Zero) Grid()
    {
        if (High - Low is not (> 0 and <= float.MaxValue)) return (1, 0);
        var scale = (High - Low) / byte.MaxValue;
        return (scale, (byte)Math.Clamp(MathF.Round(-Low / scale), 0, byte.MaxValue));
    }
}
