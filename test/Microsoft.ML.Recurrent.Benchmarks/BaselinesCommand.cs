using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary><c>-- baselines</c>: milliseconds that the fitted baselines of a back-test take to fit 1,000 values, on one thread.</summary>
internal static class BaselinesCommand
{
    private const int Length = 1000, Repetitions = 9;

    // Series of the forms that the automatic choice tells apart: without trend or season, with a trend, with seasons of a day, a week and a year of months.
    private static readonly (string Name, int Season, Func<int, Random, double> Value)[] s_series =
    [
        ("noise about a level", 1, static (_, random) => 100 + Noise(random)),
        ("trend", 1, static (t, random) => 100 + 0.1 * t + Noise(random)),
        ("negative values, season 7", 7, static (t, random) => 10 * Math.Sin(t * Math.Tau / 7) + Noise(random)),
        ("season 7", 7, static (t, random) => 100 + 20 * Math.Sin(t * Math.Tau / 7) + Noise(random)),
        ("trend, season 12 in proportion", 12, static (t, random) => (100 + 0.3 * t) * (1 + 0.3 * Math.Sin(t * Math.Tau / 12)) + Noise(random)),
        ("season 24", 24, static (t, random) => 100 + 20 * Math.Sin(t * Math.Tau / 24) + Noise(random)),
    ];

    public static int Run()
    {
        var baselines = ForecastBaseline.Defaults.OfType<FittedBaseline>().ToArray();
        Console.WriteLine($"Milliseconds to fit {Length:N0} values, the least of {Repetitions}, one thread");
        Console.WriteLine($"| series | {string.Join(" | ", baselines.Select(baseline => baseline.Name))} |");
        Console.WriteLine($"| --- |{string.Concat(baselines.Select(_ => " ---: |"))}");
        foreach (var (name, season, value) in s_series)
        {
            var random = new Random(1);
            var history = Enumerable.Range(0, Length).Select(t => value(t, random)).ToArray();
            var times = baselines.Select(baseline => Milliseconds(() => baseline.Fit(history, season)).ToString("F1", CultureInfo.InvariantCulture));
            Console.WriteLine($"| {name} | {string.Join(" | ", times)} |");
        }
        return 0;
    }

    private static double Milliseconds(Action fit)
    {
        fit();
        var times = new double[Repetitions];
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            fit();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[0];
    }

    // Normal by the sum of uniform numbers.
    private static double Noise(Random random)
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++) sum += random.NextDouble();
        return 5 * sum;
    }
}
