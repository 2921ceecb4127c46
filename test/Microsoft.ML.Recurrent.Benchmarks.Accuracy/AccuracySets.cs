using System.Globalization;

namespace Microsoft.ML.Recurrent.Benchmarks.Accuracy;

/// <summary>The sets of the benchmark, read from a folder of data, with the splits of the samples in docs/samples.</summary>
internal static class AccuracySets
{
    /// <summary>Names, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = ["etth1_univariate", "etth1_multivariate", "metr_la_week", "m4_hourly", "vic_electricity"];

    /// <summary>Reads a set.</summary>
    /// <exception cref="ArgumentException">No set has this name.</exception>
    public static AccuracySet Read(string name, string folder) => name switch
    {
        "etth1_univariate" => Transformer(name, folder, 7),
        "etth1_multivariate" => Transformer(name, folder, 1),
        "metr_la_week" => Traffic(folder),
        "m4_hourly" => Competition(folder),
        "vic_electricity" => Demand(folder),
        _ => throw new ArgumentException($"There is no set '{name}'. The sets are {string.Join(", ", Names)}.", nameof(name)),
    };

    // 12, 4 and 4 months, as in the paper of the Informer.
    private static AccuracySet Transformer(string name, string folder, int from)
    {
        const int Window = 96, Month = 720;
        var rows = Lines(folder, "ett", "ETTh1.csv").Skip(1).Take(20 * Month)
            .Select(cells => new SeriesRow { Time = Time(cells[0]), Values = Array.ConvertAll(cells[from..8], Number) }).ToArray();
        return new(name, Window, 24, "test MSE, z-scored", rows[..(12 * Month)], rows[(12 * Month - Window)..(16 * Month)], rows[(16 * Month - Window)..])
        {
            IsSquared = true,
        };
    }

    // 207 sensors, five days and a half of a week; the rest is the test.
    private static AccuracySet Traffic(string folder)
    {
        const int Window = 12;
        var lines = Lines(folder, "metr_la_week", "los_speed.csv").ToArray();
        var train = (lines.Length - 1) * 8 / 10;
        return new("metr_la_week", Window, 12, "test MAE, miles/h", Part(0, train), null, Part(train - Window, lines.Length - 1))
        {
            Configure = static options =>
            {
                options.Likelihood = ForecastLikelihood.Point(RegressionLoss.AbsoluteError);
                (options.Normalization.Scope, options.Normalization.Window) = (NormalizationScope.Series, WindowNormalization.Robust);
                options.Stopping.Patience = 3;
            },
        };

        SeriesRow[] Part(int start, int end) =>
        [
            .. from sensor in Enumerable.Range(0, lines[0].Length)
               from t in Enumerable.Range(start, end - start)
               select new SeriesRow { Series = lines[0][sensor], Time = new DateTime(2012, 3, 1).AddMinutes(5 * t), Values = [Number(lines[1 + t][sensor])] },
        ];
    }

    // 414 series; the competition's own test rows.
    private static AccuracySet Competition(string folder)
    {
        const int Window = 168, Horizon = 48;
        var history = Read("Hourly-train.csv");
        var future = Read("Hourly-test.csv").ToDictionary(series => series.Name, series => series.Values);
        return new("m4_hourly", Window, Horizon, "test MAE over that of the day before",
            [.. history.SelectMany(series => Rows(series.Name, series.Values))], null,
            [.. history.SelectMany(series => Rows(series.Name, [.. series.Values.TakeLast(Window), .. future[series.Name], float.NaN]))]);

        (string Name, float[] Values)[] Read(string file) =>
        [
            .. Lines(folder, "m4_hourly", file).Skip(1)
                .Select(cells => (cells[0], cells.Skip(1).Where(cell => cell.Length > 0).Select(Number).ToArray())),
        ];

        // The series differ in size: each is divided by its mean change from one day to the next, as MASE is.
        IEnumerable<SeriesRow> Rows(string name, float[] values)
        {
            var series = history.First(one => one.Name == name).Values;
            var scale = (float)Enumerable.Range(24, series.Length - 24).Average(t => Math.Abs((double)series[t] - series[t - 24]));
            return values.Select((value, t) => new SeriesRow { Series = name, Time = new DateTime(2015, 1, 1).AddHours(t), Values = [value / scale] });
        }
    }

    // Half hours of three years at UTC+10, with temperature and holidays known ahead; the last 92 days are forecast day by day, the 92 before validate.
    private static AccuracySet Demand(string folder)
    {
        const int Window = 336, Day = 48, Part = 92 * Day;
        var rows = Lines(folder, "vic_electricity", "vic_electricity.csv").Skip(1).Select(static cells => new SeriesRow
        {
            Time = DateTime.Parse(cells[0], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).AddHours(10),
            Values = [Number(cells[1])],
            Known = [Number(cells[2]), cells[4] == "TRUE" ? 1 : 0],
        }).ToArray();
        var (validation, test) = (rows.Length - 2 * Part, rows.Length - Part);
        return new("vic_electricity", Window, Day, "test MAE, MW", rows[..validation], rows[(validation - Window)..test], rows[(test - Window)..])
        {
            Stride = Day, HasKnown = true, Configure = static options => ((SeriesInputOptions)options.Input).CalendarFeatures = CalendarFeatures.Auto,
        };
    }

    private static IEnumerable<string[]> Lines(params string[] path) =>
        File.ReadLines(Path.Combine(path)).Select(line => line.Replace("\"", "", StringComparison.Ordinal).Split(','));

    private static DateTime Time(string cell) => DateTime.Parse(cell, CultureInfo.InvariantCulture);

    private static float Number(string cell) => float.Parse(cell, CultureInfo.InvariantCulture);
}
