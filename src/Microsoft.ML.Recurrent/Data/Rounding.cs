namespace Microsoft.ML.Recurrent.Data;

/// <summary>Numbers as a Single and the rest that it leaves, another Single: together 48 bits.</summary>
internal static class Rounding
{
    // A typical change of at least 1024 steps of a Single loses less than a thousandth of itself.
    private const double Enough = 1 << 14;

    // Fewer distinct values are reported; a few of many random numbers always coincide.
    private const double Kept = 0.9;

    /// <summary>What is lost of a number as Single; 0 for NaN and infinities.</summary>
    public static float Rest(double value) => double.IsFinite(value) && (float)value is var single && float.IsFinite(single) ? (float)(value - single) : 0;

    /// <summary>A Single in the middle of some values, and whether their changes are too small for Singles. Both lists are sorted.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="changes">Magnitudes of changes other than 0.</param>
    public static (float Level, bool Hides) Measure(List<double> values, List<double> changes)
    {
        if (values.Count == 0) return (0, false);
        values.Sort();
        changes.Sort();
        return ((float)values[values.Count / 2], changes.Count > 0 && Hides(Math.Max(-values[0], values[^1]), changes[changes.Count / 2]));
    }

    /// <summary>Says of the numbers of a column how many of them can be told apart as Single; null if most can.</summary>
    /// <param name="column">The name of the column.</param>
    /// <param name="numbers">Its numbers.</param>
    /// <param name="level">What is subtracted from them first.</param>
    /// <param name="reason">Why it can be no more.</param>
    public static string? Describe(string column, IEnumerable<double> numbers, float level, string reason)
    {
        HashSet<double> exact = [];
        HashSet<float> rounded = [];
        foreach (var value in numbers)
        {
            if (!double.IsFinite(value)) continue;
            exact.Add(value);
            rounded.Add((float)(value - level));
        }
        return rounded.Count < Kept * exact.Count
            ? $"The column '{column}' has {exact.Count} distinct values, of which {rounded.Count} can be told apart, {reason}."
            : null;
    }

    /// <summary>Whether a change is too small beside the numbers in which it occurs for them to be Singles.</summary>
    /// <param name="greatest">The greatest magnitude of the numbers.</param>
    /// <param name="change">A typical change; 0 if there are none.</param>
    private static bool Hides(double greatest, double change) => change > 0 && double.IsFinite(greatest) && greatest > Enough * change;

    /// <summary>Subtracts an origin in Double from each step of a number.</summary>
    public static void Subtract(ReadOnlySpan<float> source, ReadOnlySpan<float> rests, int sourceStride, Span<float> destination, int stride,
        ReadOnlySpan<double> origin)
    {
        for (int from = 0, to = 0; from < source.Length; from += sourceStride, to += stride)
        {
            for (var i = 0; i < origin.Length; i++) destination[to + i] = (float)(source[from + i] - origin[i] + rests[from + i]);
        }
    }
}
