using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>What is known ahead is used non-linearly by the default strategy.</summary>
[TestClass]
public sealed class DynamicRegressionTests
{
    private const int Window = 48, Horizon = 6;
    private static readonly ForecasterFixture<Hour, Answer> Forecaster = new(() => Options(Window, Horizon));

    private sealed class Hour
    {
        public DateTime Time { get; set; }
        public float Load { get; set; }
        public float Temperature { get; set; }
        public string Day { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options(int window, int horizon) => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Load", FutureCovariateColumnNames = ["Temperature"], TimeColumnName = "Time", WindowSize = window,
        },
        Horizon = horizon,
        Network = { HiddenSize = 32 },
        Stopping = { MaximumNumberOfEpochs = 25 },
        Seed = 1,
    };

    /// <summary>Loads that depend on how far the temperature of the hour, which nothing before tells, is from 0.</summary>
    private static Hour[] Hours(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(t => new Hour { Time = new DateTime(2026, 1, 1).AddHours(t), Temperature = 2 * random.NextSingle() - 1 })
            .Select(hour =>
            {
                hour.Load = 100 + 50 * Math.Abs(hour.Temperature);
                hour.Day = hour.Time.Hour < 12 ? "am" : "pm";
                return hour;
            })];
    }

    private static double Error(ITransformer model, Hour[] hours, int first, int stride)
    {
        var forecasts = Forecaster.Forecast(model, hours);
        double sum = 0;
        var count = 0;
        for (var origin = first; origin + Horizon <= hours.Length; origin += stride)
            for (var h = 0; h < Horizon; h++, count++) sum += Math.Abs(forecasts[origin - 1].Forecast[h] - hours[origin + h].Load);
        return sum / count;
    }

    /// <summary>The mean deviation of the loads is 12.5; one dense layer over all covariates has an error of 12.3, the decoder .78.</summary>
    [TestMethod]
    public void The_default_learns_a_known_covariate_that_is_not_linear()
    {
        var hours = Hours(3000);
        var learned = hours.Length - 60 * Horizon;
        NumberAssert.IsLessThan(1, Error(Forecaster.Fit(hours[..learned]), hours, learned, Horizon));
    }

    [TestMethod]
    public void The_calendar_joins_what_is_known_ahead_but_alone_it_needs_no_regression()
    {
        var options = Options(24, 4);
        (options.Series.CalendarFeatures, options.Stopping.MaximumNumberOfEpochs) = (CalendarFeatures.HourOfDay, 1);
        var regression = Forecaster.Fit(Hours(200), options).Model.Description.DynamicRegression!;
        Assert.IsTrue(regression.ReadsWindow);
        Assert.IsEmpty(regression.Averages);
        Assert.AreEqual(2 * options.Network.HiddenSize, regression.Units);
        options.Input.FutureCovariateColumnNames = [];
        Assert.IsNull(Forecaster.Fit(Hours(200), options).Model.Description.DynamicRegression);
    }

    /// <summary>Averages of a sixth of a season, a season and three, at most the window: by the frequency, or else by the horizon.</summary>
    [TestMethod]
    [DataRow(24, 4, true, null, 4, 24)]
    [DataRow(90, 4, true, null, 4, 24, 72)]
    [DataRow(90, 4, false, null, 2, 4, 12)]
    [DataRow(90, 4, false, 2, 2, 12, 36)]
    [DataRow(2, 1, false, null, 2)]
    public void Averages_are_as_long_as_seasons(int window, int horizon, bool hasTimes, int? hours, params int[] lengths)
    {
        var options = Options(window, horizon);
        options.Stopping.MaximumNumberOfEpochs = 1;
        if (!hasTimes) options.Series.TimeColumnName = null;
        if (hours is { } step) options.Input.Frequency = new(TimeUnit.Hour, step);
        CollectionAssert.AreEqual(lengths, Forecaster.Fit(Hours(300), options).Model.Description.DynamicRegression!.ExponentialAverages.ToArray());
    }

    [TestMethod]
    [DataRow(LikelihoodName.Point, true)]
    [DataRow(LikelihoodName.Point, false)]
    [DataRow(LikelihoodName.Quantiles, true)]
    [DataRow(LikelihoodName.Gaussian, true)]
    [DataRow(LikelihoodName.StudentT, true)]
    [DataRow(LikelihoodName.NegativeBinomial, true)]
    public void The_graph_agrees_and_models_survive_their_file(LikelihoodName likelihood, bool linearSkip)
    {
        var options = Options(24, 4);
        (options.Likelihood, options.Stopping.MaximumNumberOfEpochs, options.Decoding.LinearSkip) = (likelihood.ToOption(), 2, linearSkip);
        options.Input.FutureCovariateColumnNames = ["Temperature", "Day"];
        options.Series.CalendarFeatures = CalendarFeatures.HourOfDay;
        var hours = Hours(400);
        foreach (var hour in hours) hour.Load = MathF.Round(hour.Load);
        var model = Forecaster.Fit(hours, options);
        Assert.AreEqual(linearSkip && likelihood is not LikelihoodName.NegativeBinomial, model.Model.Description.DynamicRegression!.ReadsWindow);
        var season = model.Model.Manifest.Forecast!.SeasonLength;
        ForecastEquality.Check(model.Model, network => ForecastHead.Create(options.Likelihood.Create(options.Output), RegressionLoss.AbsoluteError, [], false,
            new(24, 4, 1, season), network), (random, input) =>
            input.IsCategory ? random.Next(2) : input.Name == model.Model.Manifest.Inputs[0].Name
                ? 100 + 50 * random.NextSingle()
                : 2 * random.NextSingle() - 1);
        var (before, after) = (Forecaster.Forecast(model, hours), Forecaster.Forecast(Forecaster.Reload(model, hours), hours));
        for (var i = 0; i < hours.Length; i++) CollectionAssert.AreEqual(before[i].Forecast, after[i].Forecast);
    }

    [TestMethod]
    public void Shrinking_toward_the_naive_forecast_keeps_all_weights_in_the_head()
    {
        var options = Options(24, 4);
        (options.Decoding.ShrinkTowardNaive, options.Stopping.MaximumNumberOfEpochs) = (true, 1);
        Assert.IsNull(Forecaster.Fit(Hours(200), options).Model.Description.DynamicRegression);
    }

    [TestMethod]
    public void Fine_tuning_keeps_the_regression()
    {
        var options = Options(24, 4);
        options.Stopping.MaximumNumberOfEpochs = 10;
        var first = Forecaster.Fit(Hours(1000), options);
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs) = (first.Model, 1);
        var tuned = Forecaster.Fit(Hours(200, seed: 2), options);
        Assert.IsNotNull(tuned.Model.Description.DynamicRegression);
        var hours = Hours(300, seed: 3);
        var forecasts = Forecaster.Forecast(tuned, hours);
        var error = Enumerable.Range(24, 200).Average(origin => Enumerable.Range(0, 4).Average(h =>
            Math.Abs(forecasts[origin - 1].Forecast[h] - hours[origin + h].Load)));
        NumberAssert.IsLessThan(4, error);
    }
}
