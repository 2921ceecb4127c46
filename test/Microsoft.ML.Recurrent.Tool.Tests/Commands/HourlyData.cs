using System.Globalization;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

/// <summary>Hours of a daily pattern with noise, small enough to train on in a test.</summary>
internal static class HourlyData
{
    /// <summary>The options that train on these rows.</summary>
    public static readonly string[] Options = ["--label-col", "load", "--time-col", "time", "--horizon", "3", "--window", "12", "--max-trials", "1",
        "--train-time", "20"];

    /// <summary>The lines of a CSV file.</summary>
    public static string[] Lines(int count = 240, int from = 0)
    {
        var random = new Random(1);
        double[] noise = [.. Enumerable.Range(0, from + count).Select(_ => random.NextDouble())];
        return
        [
            "time,load,warmth",
            .. Enumerable.Range(from, count).Select(hour => string.Create(CultureInfo.InvariantCulture,
                $"{new DateTime(2024, 1, 1).AddHours(hour):yyyy-MM-dd HH:mm},{10 + 3 * Math.Sin(hour * Math.PI / 12) + noise[hour]:0.000},{hour % 7}")),
        ];
    }
}
