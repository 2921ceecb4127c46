using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>An axis of a chart: its title and the kind of its values.</summary>
/// <param name="Title">The title, with the unit if there is one; empty for none.</param>
/// <param name="Kind">The kind of the values.</param>
public sealed record ChartAxis(string Title, AxisKind Kind = AxisKind.Number)
{
    /// <summary>Formats a value, with the precision that a reader needs.</summary>
    /// <param name="value">A value of this axis.</param>
    public string Say(double value) => Kind switch
    {
        AxisKind.Time when DateTime.FromOADate(value) is var time =>
            time.ToString(time.TimeOfDay != TimeSpan.Zero ? "yyyy-MM-dd HH:mm" : time.Day != 1 ? "yyyy-MM-dd" : "MMM yyyy", CultureInfo.InvariantCulture),
        AxisKind.Whole => value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.ToString("G4", CultureInfo.InvariantCulture),
    };

    /// <summary>Round values that cover a range, with their labels.</summary>
    internal AxisMarks Mark(double minimum, double maximum, int about) => Kind switch
    {
        AxisKind.Time => TimeMarks.Between(DateTime.FromOADate(minimum), DateTime.FromOADate(maximum), about),
        AxisKind.Logarithmic => NumberMarks.Decades(minimum, maximum),
        _ => NumberMarks.Between(minimum, maximum, about, whole: Kind == AxisKind.Whole),
    };
}

/// <summary>The kind of the values of an axis.</summary>
public enum AxisKind
{
    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Whole numbers, such as epochs: there are no marks between them.</summary>
    Whole,

    /// <summary>Points in time (OLE automation dates), marked at calendar units.</summary>
    Time,

    /// <summary>Positive numbers on a logarithmic scale.</summary>
    Logarithmic,
}

/// <summary>The marks of an axis and the range covered with them.</summary>
internal sealed record AxisMarks(double Minimum, double Maximum, IReadOnlyList<(double Value, string Label)> Marks);
