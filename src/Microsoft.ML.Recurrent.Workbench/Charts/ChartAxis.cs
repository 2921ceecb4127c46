using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>An axis of a chart: its title, what its values mean, and where it is marked.</summary>
/// <param name="Title">Its title, with the unit where there is one; empty for none.</param>
/// <param name="Kind">What its values mean.</param>
public sealed record ChartAxis(string Title, AxisKind Kind = AxisKind.Number)
{
    /// <summary>A value in words, as exact as a reader needs it.</summary>
    /// <param name="value">A value of this axis.</param>
    public string Say(double value) => Kind switch
    {
        AxisKind.Time when DateTime.FromOADate(value) is var time =>
            time.ToString(time.TimeOfDay != TimeSpan.Zero ? "yyyy-MM-dd HH:mm" : time.Day != 1 ? "yyyy-MM-dd" : "MMM yyyy", CultureInfo.InvariantCulture),
        AxisKind.Whole => value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.ToString("G4", CultureInfo.InvariantCulture),
    };

    /// <summary>Round values that cover a range, and what is written beside each.</summary>
    internal AxisMarks Mark(double minimum, double maximum, int about) => Kind switch
    {
        AxisKind.Time => TimeMarks.Between(DateTime.FromOADate(minimum), DateTime.FromOADate(maximum), about),
        AxisKind.Logarithmic => NumberMarks.Decades(minimum, maximum),
        _ => NumberMarks.Between(minimum, maximum, about, whole: Kind == AxisKind.Whole),
    };
}

/// <summary>What the values of an axis mean.</summary>
public enum AxisKind
{
    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Whole numbers, for instance epochs: no mark stands between two of them.</summary>
    Whole,

    /// <summary>Points in time (OLE automation dates), marked at the calendar's own steps.</summary>
    Time,

    /// <summary>Positive numbers on a logarithmic scale.</summary>
    Logarithmic,
}

/// <summary>Where an axis is marked, and the range that it covers with its marks.</summary>
internal sealed record AxisMarks(double Minimum, double Maximum, IReadOnlyList<(double Value, string Label)> Marks);
