using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Scoring;
using Microsoft.ML.Transforms;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

/// <summary>A forecaster of this library is given the rows that its forecasts need, forecasts the origins only, and answers as with all rows.</summary>
[TestClass]
public sealed class BackTestCostTests
{
    private const int Window = 12, Horizon = 3, Origins = 4, Count = 160;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "";
        public float Units { get; set; }
        public float Price { get; set; }
    }

    private sealed class Copied
    {
        public float Copy { get; set; }
    }

    /// <summary>Two series; gaps and doubles of times are cut out and put in, if wanted.</summary>
    private static Row[] Rows(bool gaps = false, bool doubles = false) =>
    [
        .. from hour in Enumerable.Range(0, Count)
           where !gaps || hour % 7 != 3
           from shop in (string[])["a", "b"]
           from copy in Enumerable.Range(0, doubles && hour % 25 == 0 ? 2 : 1)
           select new Row
           {
               Time = new DateTime(2026, 1, 1).AddHours(hour), Shop = shop, Price = hour % 3,
               Units = (shop == "a" ? 20 : 50) + 5 * MathF.Sin(hour * MathF.Tau / 12) + hour * 7919 % 13 + copy,
           },
    ];

    private static RecurrentForecastingEstimator Forecaster(Action<Options>? change)
    {
        var options = new Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Units", SeriesColumnNames = ["Shop"], TimeColumnName = "Time", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options);
    }

    private static BackTestOptions Origin(Action<BackTestOptions>? change = null)
    {
        var options = new BackTestOptions
        {
            TargetColumnName = "Units", Horizon = Horizon, TimeColumnName = "Time", SeriesColumnName = "Shop", NumberOfOrigins = Origins, Stride = 5,
            Baselines = [ForecastBaseline.LastValue],
        };
        change?.Invoke(options);
        return options;
    }

    /// <summary>Back-tests a forecaster, and one that is the same but of which nothing is known.</summary>
    private static void AssertSame(Row[] rows, Action<Options>? model = null, Action<BackTestOptions>? options = null)
    {
        var view = Context.Data.LoadFromEnumerable(rows);
        var known = Context.Forecasting.BackTest(view, Forecaster(model), Origin(options));
        var unknown = Context.Forecasting.BackTest(view, Forecaster(model).Then(TestForecasters.Opaque), Origin(options));
        Assert.AreEqual(unknown.Measured, known.Measured);
        Assert.AreEqual(unknown.LeftOut, known.LeftOut);
        foreach (var (expected, actual) in unknown.Model.Forecasts.Zip(known.Model.Forecasts))
        {
            for (var step = 0; step < Horizon; step++)
                Assert.AreEqual(expected.Forecast.Span[step], actual.Forecast.Span[step], 1e-4, $"{expected.Series}, {expected.Origin}, step {step}");
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3)]
    public void Forecasts_are_those_of_all_rows(int refitEvery) => AssertSame(Rows(), options: options => options.RefitEvery = refitEvery);

    [TestMethod]
    public void Lags_and_seasonal_differences_are_those_of_all_rows() => AssertSame(Rows(),
        model => (model.Input.Features.Lags, model.Normalization.SeasonLength) = ([1, 11], 6));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Gaps_are_filled_as_in_all_rows(bool filledInTheBackTest) => AssertSame(Rows(gaps: true), model =>
    {
        (model.MissingValues.FillTimeGaps, model.MissingValues.Handling) = (true, MissingValueHandling.Mask);
    }, options => options.FillTimeGaps = filledInTheBackTest);

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void A_model_that_carries_its_state_reads_all_rows(int refitEvery) =>
        AssertSame(Rows(), model => model.Decoding.Stateful = true, options => options.RefitEvery = refitEvery);

    [TestMethod]
    public void Rows_that_come_twice_count_once() => AssertSame(Rows(doubles: true), options: options => options.RefitEvery = 1);

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Covariates_that_are_known_ahead_are_those_of_all_rows(int refitEvery) => AssertSame(Rows(),
        model => model.Input.FutureCovariateColumnNames = ["Price"],
        options => (options.FutureCovariateColumnNames, options.RefitEvery) = (["Price"], refitEvery));

    [TestMethod]
    public void A_short_history_is_as_short_as_in_all_rows() => AssertSame(Rows(), options: options =>
        (options.NumberOfOrigins, options.InitialTrainingRows) = (null, Count / 2));

    [TestMethod]
    public void No_more_rows_are_read_and_forecast_than_the_origins_need()
    {
        var (read, fitted) = (0, (RecurrentForecastingTransformer?)null);
        var counting = Context.Transforms.CustomMapping<Row, Copied>((row, copy) =>
        {
            read++;
            copy.Copy = row.Units;
        }, contractName: null).Append(Forecaster(model => model.Input.InputColumnName = "Copy"));
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(Rows()), counting.Then(model =>
        {
            fitted = ((TransformerChain<RecurrentForecastingTransformer>)model).LastTransformer;
            (fitted.Scoring, read) = (new() { BatchSize = 1 }, 0);
            return model;
        }), Origin(options => options.VerifyNoLookAhead = false));
        Assert.AreEqual(2 * (Window + (Origins - 1) * 5), read, "two series");
        Assert.AreEqual(2 * Origins, fitted!.Runs);
        Assert.AreEqual(2 * Origins, result.Measured);
    }

    [TestMethod]
    public void Behind_a_part_that_may_need_all_rows_the_origins_alone_are_forecast()
    {
        RecurrentForecastingTransformer? fitted = null;
        var opaque = Context.Transforms.CopyColumns("Copy", "Units").Append(Forecaster(model => model.Input.InputColumnName = "Copy"))
            .Then(model =>
            {
                var parts = ((TransformerChain<RecurrentForecastingTransformer>)model).ToArray();
                fitted = (RecurrentForecastingTransformer)parts[1];
                fitted.Scoring = new() { BatchSize = 1 };
                return new TransformerChain<ITransformer>(TestForecasters.Opaque(parts[0]), fitted);
            });
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(Rows()), opaque, Origin(options => options.VerifyNoLookAhead = false));
        Assert.AreEqual(2 * Origins, fitted!.Runs);
        Assert.AreEqual(2 * Origins, result.Measured);
    }
}
