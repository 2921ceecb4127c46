namespace Microsoft.ML.Recurrent.Data;

/// <summary>Brings sequences into the layout of batches.</summary>
internal static class SequenceFill
{
    /// <summary>Copies a sequence into its row of a time-major batch [time, rows, features].</summary>
    public static void Row(Span<float> batch, ReadOnlySpan<float> values, int row, int rows, int features)
    {
        var (target, stride) = (row * features, rows * features);
        if (features == 1)
        {
            foreach (var value in values)
            {
                batch[target] = value;
                target += stride;
            }
            return;
        }
        for (var source = 0; source < values.Length; source += features, target += stride) values.Slice(source, features).CopyTo(batch[target..]);
    }

    /// <summary>The same where the source's steps hold more than is wanted.</summary>
    public static void Row(Span<float> batch, ReadOnlySpan<float> values, int sourceStride, int row, int rows, int features)
    {
        if (sourceStride == features)
        {
            Row(batch, values, row, rows, features);
            return;
        }
        for (int source = 0, target = row * features; source < values.Length; source += sourceStride, target += rows * features)
            values.Slice(source, features).CopyTo(batch[target..]);
    }

    /// <summary>Several sequences of equal length as channels of one, step by step.</summary>
    public static ReadOnlySpan<float> Join(SequenceReader[] readers, int steps, ref float[] joined)
    {
        var width = 0;
        foreach (var reader in readers) width += reader.Column.Features;
        if (joined.Length < steps * width) joined = new float[Math.Max(steps * width, 2 * joined.Length)];
        var offset = 0;
        foreach (var reader in readers)
        {
            var values = reader.Values;
            var features = reader.Column.Features;
            for (int source = 0, target = offset; source < values.Length; source += features, target += width)
                values.Slice(source, features).CopyTo(joined.AsSpan(target));
            offset += reader.Column.Features;
        }
        return joined.AsSpan(0, steps * width);
    }
}
