using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>Marks at calendar units: minutes, hours, days, months, years.</summary>
internal static class TimeMarks
{
    private static readonly int[] s_minutes = [1, 5, 15, 30, 60, 120, 180, 360, 720, 1440, 2 * 1440, 7 * 1440, 14 * 1440];
    private static readonly int[] s_months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

    /// <summary>At most about <paramref name="about"/> marks; the range is unchanged.</summary>
    public static AxisMarks Between(DateTime first, DateTime last, int about)
    {
        if (last <= first) (first, last) = (first.AddHours(-12), first.AddHours(12));
        var minutes = (last - first).TotalMinutes;
        var byMinutes = Array.Find(s_minutes, step => minutes / step <= about);
        var marks = new List<(double, string)>();
        if (byMinutes > 0)
        {
            var step = TimeSpan.FromMinutes(byMinutes);
            var format = byMinutes >= 1440 ? "d MMM" : minutes > 2 * 1440 ? "d MMM HH:mm" : "HH:mm";
            for (var at = (first.Ticks + step.Ticks - 1) / step.Ticks; at * step.Ticks <= last.Ticks; at++) Add(new DateTime(at * step.Ticks), format);
        }
        else
        {
            var months = minutes / (1440 * 30.44);
            var step = Array.Find(s_months, candidate => months / candidate <= about);
            if (step == 0) step = s_months[^1];
            var format = step >= 12 ? "yyyy" : "MMM yyyy";
            var origin = (first.Year * 12 + first.Month - 1 + (first > new DateTime(first.Year, first.Month, 1) ? 1 : 0) + step - 1) / step * step;
            for (var month = origin; month / 12 <= 9999 && new DateTime(month / 12, month % 12 + 1, 1) is var time && time <= last; month += step)
                Add(time, format);
        }
        return new(first.ToOADate(), last.ToOADate(), marks);

        void Add(DateTime time, string format) => marks.Add((time.ToOADate(), time.ToString(format, CultureInfo.InvariantCulture)));
    }
}
