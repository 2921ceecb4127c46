using System.Globalization;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Exact zeros among values that are far from zero: ML.NET reads an empty cell of a CSV file as 0. Counts that are often zero, columns of few different values,
/// and zeros that return with the day, the week or the year (closing days) are not meant.
/// </summary>
internal sealed class EmptyCells
{
    private const int FewestRows = 20, FewestValues = 10;
    private const double LeastShare = 0.05, GreatestShare = 0.3, RegularShare = 0.7;

    // Usual seasons in steps: of business days, weeks, months, hours, parts of an hour.
    private static readonly int[] s_seasons = [5, 6, 7, 12, 24, 48, 52, 96, 144, 168, 288, 336, 365];

    private (string Column, string? Series, int Zeros, int Rows, float Least)? _worst;
    private int _count;

    /// <summary>Adds one column of one series.</summary>
    public void Add(ReadOnlySpan<float> values, string column, string? series)
    {
        var (zeros, rows, least, greatest, sign) = (0, 0, float.PositiveInfinity, 0f, 0);
        var distinct = new HashSet<float>();
        foreach (var value in values)
        {
            if (float.IsNaN(value)) continue;
            rows++;
            if (value == 0)
            {
                zeros++;
                continue;
            }
            if (sign != 0 && Math.Sign(value) != sign) return;
            sign = Math.Sign(value);
            (least, greatest) = (Math.Min(least, Math.Abs(value)), Math.Max(greatest, Math.Abs(value)));
            if (distinct.Count < FewestValues) distinct.Add(value);
        }
        if (rows < FewestRows || distinct.Count < FewestValues || zeros < LeastShare * rows || zeros > GreatestShare * rows) return;
        // Zero is no end of their range.
        if (least <= 0.5 * (greatest - least) || IsRegular(values, zeros)) return;
        _count++;
        if (_worst is not { } worst || zeros > worst.Zeros) _worst = (column, series, zeros, rows, sign * least);
    }

    /// <summary>The column with most zeros, and what to do; null for none.</summary>
    public string? Describe() => _worst is not { } worst ? null
        : string.Create(CultureInfo.InvariantCulture,
            $"The column '{worst.Column}' has exact zeros in {worst.Zeros} of {worst.Rows} rows of a series"
                + $"{(worst.Series is null ? "" : $" ('{worst.Series}')")} whose other values lie {(worst.Least > 0 ? "above" : "below")} {worst.Least:G4}"
                + $"{(_count > 1 ? $", and {_count - 1} more columns or series alike" : "")}. ML.NET reads an empty cell of a text file as 0: if these "
                + $"values are missing, load the file with MissingRealsAsNaNs = true (TextLoader.Options), or make them NaN.");

    private static bool IsRegular(ReadOnlySpan<float> values, int zeros)
    {
        foreach (var season in s_seasons)
        {
            var (returning, asked) = (0, 0);
            for (var i = season; i < values.Length; i++)
            {
                if (values[i] != 0) continue;
                asked++;
                if (values[i - season] == 0) returning++;
            }
            if (asked > zeros / 2 && returning >= RegularShare * asked) return true;
        }
        return false;
    }
}
