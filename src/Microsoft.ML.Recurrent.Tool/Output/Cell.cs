using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>The texts of cells of tables.</summary>
internal static class Cell
{
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const int SparkWidth = 20;

    /// <summary>A number in five digits; empty for none.</summary>
    public static string Number(double? value) => value is { } number ? double.IsNaN(number) ? "-" : number.ToString("G5", CultureInfo.InvariantCulture) : "";

    /// <summary>A time, without its time of day where that is midnight.</summary>
    public static string Time(DateTime time) =>
        time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Numbers as a line of bars, from the lowest to the highest; a blank for none.</summary>
    public static string Spark(IReadOnlyList<double> values)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        if (known.Length == 0) return "";
        var width = Math.Min(values.Count, SparkWidth);
        var (low, high) = (known.Min(), known.Max());
        var text = new StringBuilder(width);
        for (var i = 0; i < width; i++)
        {
            double[] part = [.. values.Skip(i * values.Count / width).Take((i + 1) * values.Count / width - i * values.Count / width).Where(double.IsFinite)];
            text.Append(part.Length == 0 ? ' ' : high > low ? Levels[(int)Math.Min(Levels.Length - 1, (part.Average() - low) / (high - low) * Levels.Length)]
                : Levels[Levels.Length / 2]);
        }
        return text.ToString();
    }
}
