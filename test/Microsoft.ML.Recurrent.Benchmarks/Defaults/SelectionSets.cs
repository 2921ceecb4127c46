using System.Globalization;

namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>
/// The data sets by which defaults are chosen, those of docs/samples with their windows and errors. A loader reads no further than the first row of the set's
/// test part; the selection part is as long as the test part. Of large sets some series or some training windows are taken, so that all sets together take
/// about a minute.
/// </summary>
internal static class SelectionSets
{
    public static SelectionSet[] All { get; } =
    [
        new("etth1_univariate", 96, 24, "MSE, z-scored", parts => SelectionErrors.ScaledSquared(parts), folder => Transformer(folder, 7, 8)) { Stride = 2,
            Subset = "every second training window" },
        new("etth1_multivariate", 96, 24, "MSE, z-scored", parts => SelectionErrors.ScaledSquared(parts), folder => Transformer(folder, 1, 8)) { Stride = 2,
            Subset = "every second training window" },
        new("m4_hourly", 168, 48, "mean of sMAPE and MASE over those of the repeated day", SelectionErrors.OverallByDay, Competition) { Stride = 11,
            Subset = "every sixth series, every eleventh training window" },
        new("metr_la_week", 12, 12, "MAE, miles/h", SelectionErrors.MeanAbsolute, Traffic) { Subset = "every ninth sensor" },
        new("exchange_rate", 30, 5, "RMSE at step 1, z-scored", parts => Math.Sqrt(SelectionErrors.ScaledSquared(parts, steps: 1)), ExchangeRates),
        new("daily_min_temperature", 30, 1, "RMSE, degrees", SelectionErrors.RootMeanSquared, Temperatures),
        new("sunspots", 48, 12, "RMSE", SelectionErrors.RootMeanSquared, Sunspots),
        new("airline_passengers", 24, 24, "RMSE, thousands", SelectionErrors.RootMeanSquared, Passengers) { Cuts = [0, 4, 8, 12],
            Subset = "all, from four origins" },
        new("beijing_pm25", 72, 24, "MAE, ug/m3", SelectionErrors.MeanAbsolute, Dust) { Stride = 5, Subset = "every fifth training window" },
        new("stocks", 60, 5, "MAE over that of the last price", SelectionErrors.RelativeToLastPrice, Prices),
    ];

    // 12 and 4 months; the next 4 are the test.
    private static SelectionSeries[] Transformer(string folder, int from, int to)
    {
        var cells = Cells(folder, "ett/ETTh1.csv", 1, 11_520);
        return [new("ETTh1", [.. cells.Select(row => Numbers(row[from..to]))], 2880) { Times = Times(cells) }];
    }

    // The file of training rows alone; the test is another file.
    private static SelectionSeries[] Competition(string folder) =>
    [
        .. Cells(folder, "m4_hourly/Hourly-train.csv", 1, int.MaxValue).Where((_, i) => i % 6 == 0)
            .Select(row => new SelectionSeries(row[0], [.. row.Skip(1).Where(cell => cell.Length > 0).Select(cell => Numbers([cell]))], 48)),
    ];

    // The first 80% of a week; 20% are the test.
    private static SelectionSeries[] Traffic(string folder)
    {
        var (names, rows) = (Cells(folder, "metr_la_week/los_speed.csv", 0, 1)[0], Cells(folder, "metr_la_week/los_speed.csv", 1, 1612));
        return [.. Enumerable.Range(0, names.Length).Where(i => i % 9 == 0)
            .Select(i => new SelectionSeries(names[i], [.. rows.Select(row => Numbers([row[i]]))], 404))];
    }

    // The first 80%, of which the sample validates by the last quarter.
    private static SelectionSeries[] ExchangeRates(string folder) =>
        [new("rates", [.. Cells(folder, "exchange_rate/exchange_rate.csv", 0, 6069).Select(Numbers)], 1517)];

    // All but the last year.
    private static SelectionSeries[] Temperatures(string folder)
    {
        var cells = Cells(folder, "daily_min_temp/daily-min-temperatures.csv", 1, 3650 - 365);
        return [new("Melbourne", [.. cells.Select(row => Numbers(row[1..]))], 365) { Times = Times(cells) }];
    }

    // The first four fifths.
    private static SelectionSeries[] Sunspots(string folder)
    {
        var cells = Cells(folder, "sunspots/monthly-sunspots.csv", 1, 2256);
        return [new("sun", [.. cells.Select(row => Numbers(row[1..]))], 564) { Times = Times(cells) }];
    }

    // All but the last two years.
    private static SelectionSeries[] Passengers(string folder)
    {
        var cells = Cells(folder, "airline_passengers/airline-passengers.csv", 1, 120);
        return [new("passengers", [.. cells.Select(row => Numbers(row[1..]))], 24) { Times = Times(cells) }];
    }

    // The hours of 2010 to 2013, with the weather so far; 2014 is the test.
    private static SelectionSeries[] Dust(string folder)
    {
        var cells = Cells(folder, "beijing_pm25/pollution.csv", 1, (4 * 365 + 1) * 24);
        return
        [
            new("Beijing", [.. cells.Select(row => new[] { row[5] == "NA" ? float.NaN : Number(row[5]) })], 365 * 24)
            {
                Times = [.. cells.Select(row => new DateTime(int.Parse(row[1], CultureInfo.InvariantCulture), int.Parse(row[2], CultureInfo.InvariantCulture),
                    int.Parse(row[3], CultureInfo.InvariantCulture), int.Parse(row[4], CultureInfo.InvariantCulture), 0, 0))],
                Past = [.. cells.Select(row => new[] { Number(row[6]), Number(row[7]), Number(row[8]), MathF.Log(1 + Number(row[10])), Number(row[12]) })],
                Kinds = [.. cells.Select(row => row[9])],
            },
        ];
    }

    // The first four fifths of each share's days: logarithms of prices adjusted for splits and dividends.
    private static SelectionSeries[] Prices(string folder)
    {
        return [Share("AAPL", 6), Share("GOOG", 6), Share("SP500", 5)];

        SelectionSeries Share(string name, int column)
        {
            var file = $"stocks/{name}.csv";
            var days = File.ReadLines(Path.Combine(folder, file)).Count() - 1;
            var cells = Cells(folder, file, 1, days * 8 / 10);
            return new(name, [.. cells.Select(row => new[] { MathF.Log(Number(row[column])) })], days - days * 8 / 10) { Times = Times(cells) };
        }
    }

    // Some lines of a file, after those that are skipped.
    private static string[][] Cells(string folder, string file, int skip, int take) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Skip(skip).Take(take).Select(line => line.Replace("\"", "", StringComparison.Ordinal).Split(','))];

    private static DateTime[] Times(string[][] cells) => [.. cells.Select(row => DateTime.Parse(row[0], CultureInfo.InvariantCulture))];

    private static float[] Numbers(string[] cells) => Array.ConvertAll(cells, Number);

    private static float Number(string cell) => float.Parse(cell, CultureInfo.InvariantCulture);
}
