using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>Marks at round numbers: 1, 2, 2.5 or 5 times a power of ten (after Heckbert, "Nice numbers for graph labels", 1990).</summary>
internal static class NumberMarks
{
    /// <summary>About <paramref name="about"/> marks. The range is extended to the next mark at both ends, except for whole numbers.</summary>
    public static AxisMarks Between(double minimum, double maximum, int about, bool whole)
    {
        if (!(maximum > minimum))
        {
            var room = whole || minimum == 0 ? 1 : Math.Abs(minimum) * 0.1;
            (minimum, maximum) = (minimum - room, maximum + room);
        }
        var step = RoundStep((maximum - minimum) / about);
        if (whole) step = Math.Max(1, Math.Ceiling(step));
        var first = (long)(whole ? Math.Ceiling(minimum / step) : Math.Floor(minimum / step + 1e-9));
        var last = (long)(whole ? Math.Floor(maximum / step) : Math.Ceiling(maximum / step - 1e-9));
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) + (HasHalf(step) ? 1e-9 + 1 : -1e-9)), 0, 15);
        var format = Math.Max(Math.Abs(first * step), Math.Abs(last * step)) >= 1e7 || step < 1e-6 ? "0.##E+0" : "#,0." + new string('0', decimals);
        var marks = new List<(double, string)>();
        for (var at = first; at <= last; at++) marks.Add((at * step, (at * step).ToString(format, CultureInfo.InvariantCulture)));
        return whole ? new(minimum, maximum, marks) : new(first * step, last * step, marks);
    }

    /// <summary>Marks at powers of ten, for short ranges also at 2 and 5 times these. Values that are not positive are ignored.</summary>
    public static AxisMarks Decades(double minimum, double maximum)
    {
        double low = Math.Log10(minimum), high = Math.Log10(maximum);
        double[] mantissas = high - low > 3 ? [1] : [1, 2, 5];
        var marks = new List<(double Value, string Label)>();
        for (var power = (int)Math.Floor(low) - 1; power <= (int)Math.Ceiling(high); power++)
            foreach (var mantissa in mantissas)
                marks.Add((mantissa * Math.Pow(10, power), (mantissa * Math.Pow(10, power)).ToString(Math.Abs(power) > 5 ? "0E+0" : "0.######",
                    CultureInfo.InvariantCulture)));
        var first = Math.Max(0, marks.FindLastIndex(mark => mark.Value <= minimum * (1 + 1e-9)));
        var last = marks.FindIndex(mark => mark.Value >= maximum * (1 - 1e-9));
        var kept = marks.GetRange(first, (last < 0 ? marks.Count - 1 : last) - first + 1);
        if (kept.Count == 1) kept = marks.GetRange(Math.Max(0, first - 1), 3);
        return new(kept[0].Value, kept[^1].Value, kept);
    }

    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step))), mantissa = step / power;
        return power * (mantissa <= 1.0001 ? 1 : mantissa <= 2.0001 ? 2 : mantissa <= 2.5001 ? 2.5 : mantissa <= 5.0001 ? 5 : 10);
    }

    private static bool HasHalf(double step) => Math.Abs(step / Math.Pow(10, Math.Floor(Math.Log10(step))) - 2.5) < 1e-6;
}
