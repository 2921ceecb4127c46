using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

/// <summary>Back-tests of models with columns that are known ahead, with several series columns, with gaps in time.</summary>
[TestClass]
public sealed class BackTestCovariateTests
{
    private const int Horizon = 4;
    private static readonly MLContext Context = new(1);

    private sealed class Sale
    {
        public DateTime Day { get; set; }
        public string Shop { get; set; } = "";
        public int Article { get; set; }
        public float Units { get; set; }
        public float Price { get; set; }
        public float Visitors { get; set; }
        [VectorType(2)] public float[] Pair { get; set; } = [0, 0];
        [VectorType(2)] public double[] Wide { get; set; } = [0, 0];
        [VectorType(2)] public int[] Whole { get; set; } = [5, 6];
        public string Note { get; set; } = "told";
    }

    /// <summary>What is sold follows the day's own price, which nobody could guess.</summary>
    private static Sale[] Sales(int days = 120, int articles = 1)
    {
        var random = new Random(3);
        return [.. from day in Enumerable.Range(0, days)
                   from shop in (string[])["a", "b"]
                   from article in Enumerable.Range(1, articles)
                   let price = random.Next(2)
                   select new Sale { Day = new DateTime(2026, 1, 1).AddDays(day), Shop = shop, Article = article, Price = price,
                       Units = 10 * article + 8 * price, Visitors = 3 * price, Pair = [price, day] }];
    }

    private static RecurrentForecastingEstimator Forecaster(Action<RecurrentForecastingEstimator.Options>? change = null)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Units", FutureCovariateColumnNames = ["Price"], SeriesColumnNames = ["Shop"], TimeColumnName = "Day", WindowSize = 8,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 25 },
            Optimizer = { LearningRate = 0.01f },
            Decoding = { Strategy = ForecastStrategy.EncoderDecoder },
            Seed = 1,
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options);
    }

    private static BackTestOptions Options(int refitEvery = 0) => new()
    {
        TargetColumnName = "Units", Horizon = Horizon, TimeColumnName = "Day", SeriesColumnName = "Shop", FutureCovariateColumnNames = ["Price"],
        NumberOfOrigins = 4, RefitEvery = refitEvery,
        Baselines = [ForecastBaseline.LastValue],
    };

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void What_is_known_ahead_is_given_at_every_origin(int refitEvery)
    {
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(Sales()), Forecaster(), Options(refitEvery));
        Assert.AreEqual(0, result.LeftOut);
        Assert.AreEqual(8, result.Measured);
        NumberAssert.IsLessThan(0.5 * result["Last value"].Metrics.MeanAbsoluteError, result.Model.Metrics.MeanAbsoluteError, result.ToString());
    }

    [TestMethod]
    public void Without_naming_it_the_remedy_is_told()
    {
        var data = Context.Data.LoadFromEnumerable(Sales());
        var options = Options();
        options.FutureCovariateColumnNames = [];
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(
            () => Context.Forecasting.BackTest(data, Forecaster(o => o.Stopping.MaximumNumberOfEpochs = 1), options)).Message, "FutureCovariateColumnNames");
        options.RefitEvery = 1;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(
            () => Context.Forecasting.BackTest(data, Forecaster(o => o.Stopping.MaximumNumberOfEpochs = 1), options)).Message, "FutureCovariateColumnNames");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Change(o => o.FutureCovariateColumnNames = ["Units"])).Message,
            "cannot be a future covariate");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Change(o => o.FutureCovariateColumnNames = ["Prise"])).Message, "Did you mean 'Price'?");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Change(o => o.SeriesColumnNames = ["Shop", "Article"])).Message, "SeriesColumnNames");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Change(o => (o.FillTimeGaps, o.TimeColumnName) = (true, null))).Message, "TimeColumnName");

        void Change(Action<BackTestOptions> change)
        {
            var changed = Options();
            change(changed);
            Context.Forecasting.BackTest(data, Forecaster(), changed);
        }
    }

    [TestMethod]
    public void Rows_of_the_horizon_tell_of_nothing_else()
    {
        var sales = Sales(40);
        var seen = new List<Sale[]>();
        var spy = new Spy(Forecaster(o => o.Stopping.MaximumNumberOfEpochs = 1), rows => seen.Add([.. Context.Data.CreateEnumerable<Sale>(rows, false)]));
        Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(sales), spy, Options(refitEvery: 1));
        Assert.HasCount(4, seen);
        for (var origin = 0; origin < 4; origin++)
        {
            var cut = 2 * (40 - Horizon * (4 - origin));
            Assert.HasCount(cut + 2 * Horizon, seen[origin]);
            for (var row = 0; row < seen[origin].Length; row++)
            {
                var (told, truth) = (seen[origin][row], sales[row]);
                Assert.AreEqual((truth.Day, truth.Shop, truth.Price), (told.Day, told.Shop, told.Price));
                var known = row < cut;
                Assert.AreEqual(known ? truth.Units : float.NaN, told.Units);
                Assert.AreEqual(known ? truth.Visitors : float.NaN, told.Visitors);
                CollectionAssert.AreEqual(known ? truth.Pair : [float.NaN, float.NaN], told.Pair);
                CollectionAssert.AreEqual(known ? truth.Wide : [double.NaN, double.NaN], told.Wide);
                CollectionAssert.AreEqual(known ? truth.Whole : [0, 0], told.Whole);
                Assert.AreEqual(known ? 1 : 0, told.Article);
                Assert.AreEqual(known ? "told" : "", told.Note);
            }
        }
    }

    [TestMethod]
    public void Several_columns_tell_the_series()
    {
        var options = Options();
        (options.SeriesColumnName, options.SeriesColumnNames) = (null, ["Shop", "Article"]);
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(Sales(60, articles: 3)), Forecaster(o =>
        {
            (o.Series.SeriesColumnNames, o.Stopping.MaximumNumberOfEpochs) = (["Shop", "Article"], 2);
        }), options);
        CollectionAssert.AreEquivalent(new[] { "a|1", "a|2", "a|3", "b|1", "b|2", "b|3" }, result.Series.ToArray());
        Assert.AreEqual(24, result.Measured);
    }

    [TestMethod]
    public void Gaps_in_time_are_steps_without_a_truth()
    {
        // A season of a week, Sundays without a row but for the first, so that they are steps: the value one season before is right at each step.
        var rows = Enumerable.Range(0, 140)
            .Select(day => new SeriesRow { Time = new DateTime(2026, 1, 1).AddDays(day), Value = (int)new DateTime(2026, 1, 1).AddDays(day).DayOfWeek * 10 })
            .Where((row, day) => day < 7 || row.Time.DayOfWeek is not DayOfWeek.Sunday).ToArray();
        BackTestOptions Gaps(bool fill) => new()
        {
            TargetColumnName = "Value", Horizon = 10, TimeColumnName = "Time", FillTimeGaps = fill, NumberOfOrigins = 6, Stride = 8, Season = 7,
            Baselines = [ForecastBaseline.SeasonalNaive],
        };
        var forecaster = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = "Time", WindowSize = 14 },
            MissingValues = { FillTimeGaps = true },
            Horizon = 10,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Seed = 1,
        });
        var filled = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(rows), forecaster, Gaps(true));
        Assert.AreEqual(0, filled["Seasonal naive"].Metrics.MeanAbsoluteError, 1e-6);
        // An origin on a Sunday has no row to answer.
        Assert.AreEqual(6, filled.Measured + filled.LeftOut);
        foreach (var forecast in filled.Model.Forecasts)
        {
            var origin = rows[forecast.Row].Time;
            for (var step = 0; step < 10; step++)
            {
                var day = origin.AddDays(step + 1).DayOfWeek;
                Assert.AreEqual(day is DayOfWeek.Sunday ? float.NaN : (int)day * 10, forecast.Actual.Span[step]);
            }
        }
        NumberAssert.IsGreaterThan(1,
            Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(rows), forecaster, Gaps(false))["Seasonal naive"].Metrics.MeanAbsoluteError);
    }

    /// <summary>
    /// One day of the shop b lacks its row: forecasts whose horizons hold it are left out, whichever fit they belong to, and the others stay.
    /// </summary>
    [TestMethod]
    [DataRow(0, 110)]
    [DataRow(1, 110)]
    [DataRow(0, 117)]
    [DataRow(1, 117)]
    public void Forecasts_without_a_step_of_what_is_known_ahead_are_left_out_and_counted(int refitEvery, int missing)
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        var day = new DateTime(2026, 1, 1).AddDays(missing);
        var rows = context.Data.LoadFromEnumerable(Sales().Where(sale => sale.Shop == "a" || sale.Day != day));
        var options = Options(refitEvery);
        (options.NumberOfOrigins, options.Stride) = (9, 2);
        var result = context.Forecasting.BackTest(rows, Estimator(fills: false), options);
        // The origins lie on the days 99, 101 ... 115.
        int[] lacking = [.. Enumerable.Range(0, 9).Where(i => 99 + 2 * i < missing && missing <= 99 + 2 * i + Horizon)];
        Assert.IsNotEmpty(lacking);
        Assert.AreEqual((18 - lacking.Length, lacking.Length), (result.Measured, result.LeftOut));
        CollectionAssert.AreEqual(lacking, Enumerable.Range(0, 9).Where(i => !result.Model.Forecasts.Any(forecast =>
            forecast.Series == "b" && forecast.Origin.Index == i)).ToArray());
        CollectionAssert.AreEqual(new[] { "MLR1102" }, seen.Codes);
        StringAssert.Contains(seen.Messages[0], $"{lacking.Length} of 18 forecasts of 'Model' are left out");
        StringAssert.Contains(seen.Messages[0], $"After {new DateTime(2026, 1, 1).AddDays(99 + 2 * lacking[0]):yyyy-MM-dd} 00:00:00, the first one, "
            + $"the rows of the series 'b' lack the step {day:yyyy-MM-dd} 00:00:00");
        StringAssert.Contains(seen.Messages[0], "FillTimeGaps");

        options.FillTimeGaps = true;
        var filled = context.Forecasting.BackTest(rows, Estimator(fills: true), options);
        Assert.HasCount(1, seen.Messages);
        Assert.AreEqual(18, filled.Measured);

        RecurrentForecastingEstimator Estimator(bool fills) => context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Units", FutureCovariateColumnNames = ["Price"], SeriesColumnNames = ["Shop"], TimeColumnName = "Day", WindowSize = 8,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            MissingValues = { FillTimeGaps = fills },
            Seed = 1,
        });
    }

    [TestMethod]
    public void A_fit_that_has_too_few_rows_is_told_by_origin()
    {
        var rows = Context.Data.LoadFromEnumerable(Sales(40));
        var options = Options();
        (options.NumberOfOrigins, options.Stride) = (9, 4);
        var error = Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.BackTest(rows, Forecaster(), options));
        StringAssert.Contains(error.Message, "'Model' could not be fitted on the 8 rows up to 2026-01-04 00:00: No series is long enough");
        StringAssert.Contains(error.Message, "InitialTrainingRows");
    }

    [TestMethod]
    public void The_defaults_hold_the_strong_methods_and_others_take_their_place_where_they_are_named()
    {
        var rows = Context.Data.LoadFromEnumerable(GoldenMetrics.Airline().Select(row => new SeriesRow { Time = row.Month, Value = row.Passengers }));
        var options = new BackTestOptions { TargetColumnName = "Value", Horizon = 3, TimeColumnName = "Time", NumberOfOrigins = 8 };
        var result = Context.Forecasting.BackTest(rows, TestForecasters.LastValue(Context), options);
        CollectionAssert.AreEqual((string[])["Last value", "Seasonal naive", "Drift", "Naive2", "Theta", "ETS"],
            result.Baselines.Select(baseline => baseline.Name).ToArray());
        foreach (var name in (string[])["Theta", "ETS"])
            Assert.IsTrue(result[name].Metrics.MeanAbsoluteError < 0.8 * result["Last value"].Metrics.MeanAbsoluteError, result.ToString());
        options.Baselines = [ForecastBaseline.LastValue];
        Assert.AreEqual(1, Context.Forecasting.BackTest(rows, TestForecasters.LastValue(Context), options).Baselines.Count());
    }

    [TestMethod]
    public void SSA_says_which_package_it_needs()
    {
        var steps = new double[3];
        ForecastBaseline.Ssa.Forecast([7, 8], 12, steps);
        CollectionAssert.AreEqual(new double[] { 8, 8, 8 }, steps);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => ForecastBaseline.Ssa.Forecast([.. Enumerable.Repeat(5.0, 100)], 12, steps));
        StringAssert.Contains(error.Message, "reference the packages Microsoft.ML.TimeSeries and Microsoft.ML.Mkl.Redist");
    }

    private sealed class Spy(IEstimator<ITransformer> inner, Action<IDataView> see) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => new Transformer(inner.Fit(input), see);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);

        private sealed class Transformer(ITransformer inner, Action<IDataView> see) : ITransformer
        {
            public bool IsRowToRowMapper => false;

            public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

            public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

            public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

            public IDataView Transform(IDataView input)
            {
                see(input);
                return inner.Transform(input);
            }
        }
    }
}
