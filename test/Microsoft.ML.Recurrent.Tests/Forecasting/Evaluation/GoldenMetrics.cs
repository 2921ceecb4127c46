using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

/// <summary>What evaluation is tested on: the golden metrics and the real series of ../shared.</summary>
internal static class GoldenMetrics
{
    public static JsonElement Read(string part)
    {
        using var stream = File.OpenRead(SharedFolder.Find("parity", "metrics.json"));
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty(part).Clone();
    }

    public static double[] Numbers(this JsonElement element, string property) =>
        [.. element.GetProperty(property).EnumerateArray().Select(number => number.GetDouble())];

    public static double Number(this JsonElement element, string property) => element.GetProperty(property).GetDouble();

    /// <summary>Monthly airline passengers, 144 of them.</summary>
    public static (DateTime Month, float Passengers)[] Airline() =>
        [.. File.ReadLines(SharedFolder.Find("data", "airline_passengers", "airline-passengers.csv")).Skip(1).Select(line => line.Replace("\"", "").Split(','))
            .Select(cells => (DateTime.ParseExact(cells[0], "yyyy-MM", CultureInfo.InvariantCulture), float.Parse(cells[1], CultureInfo.InvariantCulture)))];

    /// <summary>The 414 hourly series of the M4 competition, the training part or the 48 hours after it.</summary>
    public static double[][] HourlyM4(string part) =>
        [.. File.ReadLines(SharedFolder.Find("data", "m4_hourly", $"Hourly-{part}.csv")).Skip(1).Select(line => line.Replace("\"", "").Split(',').Skip(1)
            .Where(cell => cell.Length > 0).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
}
