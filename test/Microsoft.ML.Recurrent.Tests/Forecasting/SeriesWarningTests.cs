using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Tests.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Warnings before a forecaster is trained: missing rows, mixed frequencies, zeros that were empty cells, an outlier.</summary>
[TestClass]
public sealed class SeriesWarningTests
{
    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Series { get; set; } = "a";
        public float Y { get; set; }
        public float Temp { get; set; }
    }

    private static readonly DateTime s_start = new(2026, 1, 5);

    private static Row[] Hours(int count, double step = 1, string series = "a") =>
        [.. Enumerable.Range(0, count).Select(i =>
            new Row { Time = s_start.AddHours(i * step), Series = series, Y = 50 + 9 * MathF.Sin(i * MathF.Tau / 24), Temp = i % 24 })];

    private static string[] Fit(IEnumerable<Row> rows, Action<RecurrentForecastingEstimator.Options>? change = null, bool splits = false, string? time = "Time")
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Y", TimeColumnName = time, WindowSize = 8 },
            Horizon = 2,
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
        };
        change?.Invoke(options);
        var data = context.Data.LoadFromEnumerable(rows);
        if (splits) data = context.Data.TrainTestSplit(data, 0.2, seed: 1).TrainSet;
        using var _ = context.Forecasting.ForecastByRecurrentNetwork(options).Fit(data);
        return seen.Messages;
    }

    private static void Only(string[] messages, string code, params string[] parts)
    {
        Assert.HasCount(1, messages, string.Join('\n', messages));
        StringAssert.StartsWith(messages[0], code);
        foreach (var part in parts) StringAssert.Contains(messages[0], part);
    }

    private static void None(string[] messages) => Assert.AreEqual("", string.Join('\n', messages));

    [TestMethod]
    [DataRow("Time", false)]
    [DataRow("Time", true)]
    [DataRow(null, false)]
    public void A_random_split_before_a_forecaster(string? time, bool streams)
    {
        var messages = Fit(Hours(800), options =>
        {
            if (streams) (options.Series.MaximumRowsInMemory, options.Series.SeriesColumnNames) = (1000, ["Series"]);
        }, splits: true, time);
        // The seed of the split decides how many rows it draws; first and last may be among them.
        Only(messages, WarningCode.MissingRows, " hours lack a row, in ", "TrainTestSplit", "FillTimeGaps");
        var missing = int.Parse(messages[0].Split(' ')[1], CultureInfo.InvariantCulture);
        NumberAssert.IsGreaterThan(120, missing);
        NumberAssert.IsLessThan(200, missing);
        None(Fit(Hours(800), time: time));
        None(Fit(Hours(800), options => options.MissingValues.FillTimeGaps = time is not null, splits: time is not null, time));
    }

    [TestMethod]
    [DataRow(1, "of 800 times lack a row")]
    [DataRow(3600, "of 800 steps of 3600 lack a row")]
    public void A_random_split_of_rows_whose_times_are_whole_numbers(int step, string expected)
    {
        Only(Messages(Counts(800), splits: true), WarningCode.MissingRows, expected, "Split a series by time");
        None(Messages(Counts(800)));
        // Five of seven days, with holidays; trading hours of business days; single rows that lack; times between the steps.
        None(Messages(Counts(800).Where(row => row.Number / step % 7 < 5 && row.Number / step % 90 != 40)));
        None(Messages(Counts(2400).Where(row => row.Number / step % 24 is > 8 and < 17 && row.Number / step % 168 < 120)));
        None(Messages(Counts(800).Where(row => row.Number / step % 101 != 50)));
        None(Messages(Counts(800).Select((row, i) => new Counted { Number = row.Number * 2 + (i % 3 == 0 ? 1 : 0), Y = row.Y })));

        Only(Messages(Counts(800), "Fraction", splits: true), WarningCode.MissingRows, expected);
        None(Messages(Counts(800), "Fraction"));
        None(Messages(Counts(800).Select(row => new Counted { Fraction = row.Fraction + 0.5, Y = row.Y }), "Fraction", splits: true));
        Only(Messages(Counts(800), "Span", splits: true), WarningCode.MissingRows,
            step == 1 ? "of 800 steps of 00:00:01 lack" : "of 800 steps of 01:00:00 lack");
        None(Messages(Counts(800), "Span"));

        Counted[] Counts(int count) => [.. Hours(count).Select((row, i) =>
            new Counted { Number = (long)i * step, Fraction = (double)i * step, Span = TimeSpan.FromSeconds((long)i * step), Y = row.Y })];

        static string[] Messages(IEnumerable<Counted> rows, string time = "Number", bool splits = false)
        {
            var context = new MLContext(1);
            using var seen = new SeenWarnings(context);
            var data = context.Data.LoadFromEnumerable(rows);
            if (splits) data = context.Data.TrainTestSplit(data, 0.2, seed: 1).TrainSet;
            using var _ = context.Forecasting.ForecastBySimpleRnn("Forecast", "Y", windowSize: 8, horizon: 2, timeColumnName: time,
                maximumNumberOfEpochs: 1).Fit(data);
            return seen.Messages;
        }
    }

    [TestMethod]
    [DataRow(300, "Row 300 has the time 2099-01-01 00:00:00, but the row before it in the series is that of 2026-01-29 23:00:00")]
    [DataRow(599, "Row 599 has the time 2099-01-01 00:00:00, but the row before it in the series is that of 2026-01-29 22:00:00")]
    public void A_date_far_from_the_others(int wrong, string expected)
    {
        var hours = Hours(600);
        (hours[wrong].Time, var right) = (new DateTime(2099, 1, 1), hours[wrong].Time);
        Only(Fit(hours), WarningCode.DistantTime, expected, "Is the date right?");
        hours[wrong].Time = new DateTime(1926, 1, 1);
        Only(Fit(hours), WarningCode.DistantTime, $"Row {wrong} has the time 1926-01-01 00:00:00",
            "the row after it in the series is that of 2026-01-05 00:00:00");
        // An outage of a year, and rows after a pause of a month, are no wrong dates.
        hours[wrong].Time = right;
        foreach (var row in hours[400..]) row.Time = row.Time.AddDays(365);
        None(Fit(hours));
        foreach (var row in hours[599..]) row.Time = row.Time.AddDays(30);
        None(Fit(hours));
    }

    [TestMethod]
    public void A_date_far_from_the_others_in_a_back_test()
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        var hours = Hours(100);
        hours[^1].Time = new DateTime(2099, 1, 1);
        context.Forecasting.BackTest(context.Data.LoadFromEnumerable(hours), context.Forecasting.ForecastBySimpleRnn("Forecast", "Y", 8, 2, "Time",
            maximumNumberOfEpochs: 1), new() { TargetColumnName = "Y", TimeColumnName = "Time", Horizon = 2, NumberOfOrigins = 3 });
        Only(seen.Messages, WarningCode.DistantTime, "Row 99 has the time 2099-01-01 00:00:00");
    }

    private sealed class Counted
    {
        public long Number { get; set; }
        public double Fraction { get; set; }
        public TimeSpan Span { get; set; }
        public float Y { get; set; }
    }

    [TestMethod]
    public void Every_fifth_hour_lacks_a_row()
    {
        var random = new Random(3);
        HashSet<int> dropped = [];
        while (dropped.Count < 160) dropped.Add(1 + random.Next(798));
        var messages = Fit(Hours(800).Where((_, i) => !dropped.Contains(i)));
        // Times of the week without any row left count as closed.
        var missing = int.Parse(messages[0].Split(' ')[1], CultureInfo.InvariantCulture);
        NumberAssert.IsGreaterThanOrEqualTo(150, missing);
        StringAssert.Contains(messages[0], $"{missing} of {640 + missing} hours lack a row");
        StringAssert.Contains(messages[0], $"the first after {s_start.AddHours(dropped.Min() - 1):yyyy-MM-dd HH:mm:ss} (row {dropped.Min() - 1})");
        Only(messages, WarningCode.MissingRows);
    }

    [TestMethod]
    [DataRow("business hours")]
    [DataRow("six days")]
    [DataRow("business days with holidays")]
    [DataRow("an outage")]
    [DataRow("months")]
    public void Times_that_are_missing_as_a_rule_are_none(string calendar)
    {
        var random = new Random(5);
        bool Keeps(DateTime time, int i) => calendar switch
        {
            "business hours" => time.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && time.Hour is >= 9 and < 17,
            "six days" => time.DayOfWeek is not DayOfWeek.Sunday,
            "business days with holidays" => time.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && random.Next(28) > 0,
            "an outage" => i is < 300 or > 420,
            _ => true,
        };
        Row[] rows = [.. Hours(calendar == "months" ? 120 : calendar is "business hours" or "an outage" ? 2400 : 600,
            calendar is "business hours" or "an outage" ? 1 : 24).Where((row, i) => Keeps(row.Time, i))];
        if (calendar == "months")
            for (var i = 0; i < rows.Length; i++) rows[i].Time = new DateTime(2015, 1, 31).AddMonths(i);
        None(Fit(rows));
    }

    [TestMethod]
    public void Days_among_hours_with_gaps_that_are_filled()
    {
        Row[] rows = [.. Hours(60 * 24), .. Hours(300, 24, "daily"), .. Hours(200, 48, "every other day")];
        void Change(RecurrentForecastingEstimator.Options options)
        {
            options.Series.SeriesColumnNames = ["Series"];
            options.MissingValues.FillTimeGaps = true;
        }
        Only(Fit(rows, Change), WarningCode.MixedFrequencies, "The series 'every other day' has a row every 2 days", "a row every hour", "97.9% of its steps",
            "2 series are like that");
        // Sparse series of the same frequency are right.
        var random = new Random(1);
        None(Fit([.. Hours(800), .. Hours(800, 1, "sparse").Where((_, i) => i < 400 || random.Next(4) > 0)], Change));
    }

    [TestMethod]
    public void Zeros_where_cells_were_empty()
    {
        var rows = Hours(400);
        for (var i = 3; i < rows.Length; i += 10) rows[i].Y = 0;
        Only(Fit(rows), WarningCode.ZerosAmongValues, "The column 'Y' has exact zeros in 40 of 400 rows of a series whose other values lie above 41",
            "MissingRealsAsNaNs");
        for (var i = 3; i < rows.Length; i += 10) rows[i].Y = float.NaN;
        None(Fit(rows));
        Only(Fit(Hours(400).Select((row, i) => new Row { Time = row.Time, Y = row.Y, Temp = i % 11 == 4 ? 0 : -200 + i * 0.25f }),
            options => options.Input.PastCovariateColumnNames = ["Temp"]), WarningCode.ZerosAmongValues, "'Temp'");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_file_with_empty_cells(bool asMissing)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, Hours(400).Select((row, i) => string.Create(CultureInfo.InvariantCulture,
                $"{row.Time:yyyy-MM-dd HH:mm},{(i % 10 == 3 ? "" : row.Y.ToString("F3", CultureInfo.InvariantCulture))}")).Prepend("Time,Y"));
            var context = new MLContext(1);
            using var seen = new SeenWarnings(context);
            var data = context.Data.CreateTextLoader(new TextLoader.Options
            {
                Separators = [','],
                HasHeader = true,
                MissingRealsAsNaNs = asMissing,
                Columns = [new("Time", DataKind.DateTime, 0), new("Y", DataKind.Single, 1)],
            }).Load(path);
            Assert.AreEqual(40, data.GetColumn<float>("Y").Count(value => asMissing ? float.IsNaN(value) : value == 0));
            using var model = context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Y", TimeColumnName = "Time", WindowSize = 48 },
                Horizon = 6,
                Network = { HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 10 },
                Seed = 1,
            }).Fit(data);
            CollectionAssert.AreEqual(asMissing ? [] : new[] { WarningCode.ZerosAmongValues }, seen.Codes);
            if (!asMissing) return;
            var forecast = model.Transform(data).GetColumn<float[]>("Forecast").Last();
            for (var step = 0; step < forecast.Length; step++)
                Assert.AreEqual(50 + 9 * MathF.Sin((400 + step) * MathF.Tau / 24), forecast[step], 3);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    [DataRow("closed on Sundays")]
    [DataRow("closed at nights")]
    [DataRow("intermittent")]
    [DataRow("bulk")]
    [DataRow("temperatures")]
    [DataRow("indicator")]
    public void Zeros_that_are_right(string kind)
    {
        var random = new Random(2);
        var rows = Hours(600, kind == "closed at nights" ? 1 : 24);
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i].Y = kind switch
            {
                "closed on Sundays" => i % 7 == 6 ? 0 : 100 + random.Next(80),
                "closed at nights" => i % 24 < 6 ? 0 : 100 + random.Next(50),
                "intermittent" => random.Next(5) == 0 ? 0 : random.Next(9),
                "bulk" => random.Next(3) == 0 ? 65 + random.Next(30) : 0,
                "temperatures" => MathF.Round(5 * MathF.Sin(i * MathF.Tau / 365)),
                _ => random.Next(6) == 0 ? 0 : 1,
            };
        }
        None(Fit(rows));
    }

    [TestMethod]
    public void A_value_that_ruins_the_scale_of_a_series()
    {
        var rows = Hours(500);
        rows[200].Y = 1e30f;
        var wanted = WarningCode.Outlier + ": The column 'Y' holds 1E+30 (row 200), but its other values lie from 41";
        Assert.AreEqual(1, Fit(rows).Count(message => message.StartsWith(wanted, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void One_window()
    {
        Only(Fit(Hours(10)), WarningCode.OneExample);
        None(Fit(Hours(30)));
    }

    [TestMethod]
    public void Bounds_without_validation()
    {
        static void Change(RecurrentForecastingEstimator.Options options) =>
            (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) = ("Lower", "Upper");
        None(Fit(Hours(200), Change));
        Only(Fit(Hours(200), options =>
        {
            Change(options);
            (options.Stopping.ValidationFraction, options.Output.AllowMissingBounds) = (0, true);
        }), WarningCode.MissingBounds);
    }

    [TestMethod]
    public void A_back_test_says_it_once_for_all_its_fits()
    {
        var random = new Random(3);
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        var rows = context.Data.LoadFromEnumerable(Hours(800).Where(_ => random.Next(5) > 0).ToArray());
        context.Forecasting.BackTest(rows, context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Y", TimeColumnName = "Time", WindowSize = 8 },
            Horizon = 2,
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        }), new() { TargetColumnName = "Y", TimeColumnName = "Time", Horizon = 2, NumberOfOrigins = 3, RefitEvery = 1 });
        CollectionAssert.AreEqual(new[] { WarningCode.MissingRows }, seen.Codes);
    }
}
