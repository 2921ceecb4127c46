using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;

/// <summary>The time between two steps as users write it.</summary>
internal static class FrequencyText
{
    // The words, and the abbreviations that pandas users know.
    private static readonly Dictionary<string, TimeUnit> s_units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ms"] = TimeUnit.Millisecond, ["millisecond"] = TimeUnit.Millisecond, ["milliseconds"] = TimeUnit.Millisecond,
        ["s"] = TimeUnit.Second, ["second"] = TimeUnit.Second, ["seconds"] = TimeUnit.Second,
        ["min"] = TimeUnit.Minute, ["t"] = TimeUnit.Minute, ["minute"] = TimeUnit.Minute, ["minutes"] = TimeUnit.Minute,
        ["h"] = TimeUnit.Hour, ["hour"] = TimeUnit.Hour, ["hours"] = TimeUnit.Hour,
        ["d"] = TimeUnit.Day, ["day"] = TimeUnit.Day, ["days"] = TimeUnit.Day,
        ["b"] = TimeUnit.BusinessDay, ["businessday"] = TimeUnit.BusinessDay,
        ["w"] = TimeUnit.Week, ["week"] = TimeUnit.Week, ["weeks"] = TimeUnit.Week,
        ["m"] = TimeUnit.Month, ["month"] = TimeUnit.Month, ["months"] = TimeUnit.Month,
        ["y"] = TimeUnit.Year, ["year"] = TimeUnit.Year, ["years"] = TimeUnit.Year,
    };

    /// <summary>Reads a frequency: <c>h</c>, <c>15min</c>, <c>2 weeks</c>, <c>month</c>.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static TimeFrequency Parse(string option, string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var multiple = digits == 0 ? 1 : int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return multiple > 0 && s_units.TryGetValue(text[digits..].Trim().Replace(" ", "", StringComparison.Ordinal), out var unit) ? new(unit, multiple)
            : throw new ArgumentException($"{option} is '{text}': write a number and a unit, as 15min, h, day, b (business day), week, month or year.");
    }

    /// <summary>A frequency as an expression of C#.</summary>
    public static string Code(TimeFrequency frequency) =>
        $"new TimeFrequency(TimeUnit.{frequency.Unit}, {frequency.Multiple.ToString(CultureInfo.InvariantCulture)})";
}
