using Microsoft.VisualStudio.TestTools.UnitTesting;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>The state of an engine moves to a model that was trained anew.</summary>
[TestClass]
public sealed class EngineMigrationTests
{
    private const int Horizon = 3, Count = 80;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "";
        public string Region { get; set; } = "";
        public float Load { get; set; }
    }

    private static Row[] Rows(bool gaps = false) =>
    [
        .. from hour in Enumerable.Range(0, Count)
           where !gaps || hour % 7 != 3
           from shop in (string[])["a", "b"]
           select new Row
           {
               Time = new DateTime(2026, 1, 1).AddHours(hour), Shop = shop, Region = shop == "b" ? "south" : "north",
               Load = (shop == "b" ? 20 : 50) + 5 * MathF.Sin(hour * MathF.Tau / 12) + hour * 7919 % 13,
           },
    ];

    private static RecurrentForecastEngine Engine(int window, IEnumerable<Row> rows, Action<Options>? change = null)
    {
        var options = new Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Load", SeriesColumnNames = ["Shop"], TimeColumnName = "Time", WindowSize = window },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(View(rows)).CreateForecastEngine(Context);
    }

    private static IDataView View(IEnumerable<Row> rows) => Context.Data.LoadFromEnumerable(rows.ToArray());

    private static void AssertGoesOn(bool gaps, Action<Options> older, Action<Options> newer)
    {
        var rows = Rows(gaps);
        using var old = Engine(16, rows, older);
        // Other values of the categories come first.
        using var moved = Engine(12, Enumerable.Reverse(rows), newer);
        using var whole = Engine(12, Enumerable.Reverse(rows), newer);
        old.Observe(View(rows[..^4]));
        Assert.IsEmpty(moved.MigrateFrom(old));
        whole.Observe(View(rows[..^4]));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            foreach (var shop in (string[])["a", "b"]) CollectionAssert.AreEqual(whole.Predict(shop).Values.ToArray(), moved.Predict(shop).Values.ToArray());
            moved.Observe(View(rows[^4..]));
            whole.Observe(View(rows[^4..]));
        }
    }

    [TestMethod]
    public void Forecasts_go_on_as_if_all_rows_had_been_observed() => AssertGoesOn(false, _ => { }, _ => { });

    [TestMethod]
    public void Categories_and_calendars_are_those_of_the_new_model() => AssertGoesOn(false,
        options => options.Input.StaticColumnNames = ["Region"],
        options => (options.Input.StaticColumnNames, ((SeriesInputOptions)options.Input).CalendarFeatures) = (["Region"], CalendarFeatures.HourOfDay));

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    public void Gaps_are_filled_as_the_new_model_fills_them(bool before, bool after) => AssertGoesOn(true,
        options => options.MissingValues.FillTimeGaps = before, options => options.MissingValues.FillTimeGaps = after);

    /// <summary>
    /// Local times of the night in which Berlin's clock goes back move as instants: the hour that came twice stays two hours, and the next rows continue after
    /// it, also if the engine moves between the two.
    /// </summary>
    [TestMethod]
    [DataRow(-1)]
    [DataRow(3)]
    public void Local_times_move_as_instants(int afterSecondHour)
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        Row[] rows = [.. Rows().Where(row => row.Shop == "a").Select((row, hour) => new Row
        {
            Shop = "a", Load = row.Load,
            Time = TimeZoneInfo.ConvertTimeFromUtc(new DateTime(2024, 10, 24, 6, 0, 0, DateTimeKind.Utc).AddHours(hour), berlin),
        })];
        Assert.AreEqual(2, rows.Count(row => row.Time == new DateTime(2024, 10, 27, 2, 0, 0)));
        // Hours until the clock goes back, at 1:00 UTC of the 27th.
        var move = 24 * 3 - 6 + 1 + afterSecondHour;
        void Zone(Options options) => options.Input.Features.TimeZone = "Europe/Berlin";
        using var old = Engine(16, rows, Zone);
        using var moved = Engine(12, rows, Zone);
        using var whole = Engine(12, rows, Zone);
        old.Observe(View(rows[..move]));
        Assert.IsEmpty(moved.MigrateFrom(old));
        whole.Observe(View(rows[..move]));
        for (var next = move; next < move + 6; next++)
        {
            CollectionAssert.AreEqual(whole.Predict("a").Values.ToArray(), moved.Predict("a").Values.ToArray());
            CollectionAssert.AreEqual(rows[next..(next + Horizon)].Select(row => row.Time).ToArray(), moved.Predict("a").Times.ToArray());
            moved.Observe(View(rows[next..(next + 1)]));
            whole.Observe(View(rows[next..(next + 1)]));
        }

        // Other zones are other times.
        using var other = Engine(12, rows, options => options.Input.Features.TimeZone = "Europe/London");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => other.MigrateFrom(old)).Message, "Europe/London");
    }

    [TestMethod]
    public void A_longer_window_is_told_by_series()
    {
        var rows = Rows();
        using var old = Engine(12, rows);
        using var longer = Engine(16, rows);
        old.Observe(View(rows));
        var lacking = longer.MigrateFrom(old);
        CollectionAssert.AreEqual(new[] { "a", "b" }, lacking.Keys.ToArray());
        StringAssert.Contains(lacking["a"], "12 observations");
        StringAssert.Contains(lacking["a"], "needs 16");
    }

    [TestMethod]
    public void Other_columns_and_frequencies_are_refused()
    {
        var rows = Rows();
        using var old = Engine(12, rows);
        old.Observe(View(rows));
        Refused("'Load, Region (category)'", options => options.Input.StaticColumnNames = ["Region"], rows);
        Refused("'2 hours'", _ => { }, rows.Where(row => row.Time.Hour % 2 == 0));
        Refused("series columns are 'Shop, Region'", options => ((SeriesInputOptions)options.Input).SeriesColumnNames = ["Shop", "Region"], rows);
        using var other = Engine(12, rows);
        other.Observe(View(rows));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => other.MigrateFrom(old)).Message, "Reset");
        Assert.ThrowsExactly<ArgumentException>(() => old.MigrateFrom(old));

        void Refused(string text, Action<Options> change, IEnumerable<Row> data)
        {
            using var engine = Engine(12, data, change);
            var error = Assert.ThrowsExactly<ArgumentException>(() => engine.MigrateFrom(old));
            Assert.AreEqual("engine", error.ParamName);
            StringAssert.Contains(error.Message, text);
            Assert.IsEmpty(engine.Series);
        }
    }
}
