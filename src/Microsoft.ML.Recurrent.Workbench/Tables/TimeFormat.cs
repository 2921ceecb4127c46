using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>A way to write dates and times.</summary>
/// <param name="Pattern">The pattern, as .NET has them.</param>
/// <param name="HasZone">Whether each time has an offset from UTC; such times are converted to UTC.</param>
public sealed record TimeFormat(string Pattern, bool HasZone = false)
{
    // Most frequent first. One digit in a pattern also reads two.
    private static readonly string[] s_dates = ["yyyy-M-d", "yyyy/M/d", "d/M/yyyy", "M/d/yyyy", "d.M.yyyy", "d-M-yyyy", "M-d-yyyy", "d MMM yyyy",
        "MMM d, yyyy"];
    private static readonly string[] s_times = ["", " H:mm:ss", " H:mm", "'T'H:mm:ss", "'T'H:mm", " H:mm:ss.FFFFFFF", "'T'H:mm:ss.FFFFFFF", " h:mm tt",
        " h:mm:ss tt"];

    /// <summary>All formats that are looked for.</summary>
    public static ImmutableArray<TimeFormat> All { get; } =
    [
        .. s_dates.SelectMany(static date => s_times.Select(time => new TimeFormat(date + time))),
        .. s_times.Where(static time => time.Length > 0 && !time.EndsWith("tt", StringComparison.Ordinal))
            .Select(static time => new TimeFormat("yyyy-M-d" + time + "zzz", true)),
        .. s_times.Where(static time => time.StartsWith('\'')).Select(static time => new TimeFormat("yyyy-M-d" + time + "'Z'", true)),
        new("yyyyMMdd"), new("yyyyMMddHHmm"), new("yyyyMMddHHmmss"), new("yyyy-M"), new("MMM yyyy"),
    ];

    /// <summary>Whether the day stands before the month in numbers, after it, or there is no doubt.</summary>
    public bool? IsDayFirst => Pattern.StartsWith("d/M", StringComparison.Ordinal) || Pattern.StartsWith("d-M", StringComparison.Ordinal) ? true
        : Pattern.StartsWith("M/d", StringComparison.Ordinal) || Pattern.StartsWith("M-d", StringComparison.Ordinal) ? false
        : null;

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="time">The time; in UTC where the text has an offset, else without a zone.</param>
    /// <returns>False if the text is not written so.</returns>
    public bool TryParse(ReadOnlySpan<char> text, out DateTime time)
    {
        var style = Pattern.EndsWith("'Z'", StringComparison.Ordinal) ? DateTimeStyles.AssumeUniversal : DateTimeStyles.None;
        return DateTime.TryParseExact(text, Pattern, CultureInfo.InvariantCulture, HasZone ? style | DateTimeStyles.AdjustToUniversal : style, out time);
    }
}
