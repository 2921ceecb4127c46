using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Counts by the negative binomial likelihood, and paths drawn from forecasts.</summary>
[TestClass]
public sealed class CountAndSampleTests
{
    private const int Window = 14, Horizon = 7;
    private static readonly MLContext Context = new(1);

    private sealed class Day
    {
        public string Shop { get; set; } = "";
        public float Sold { get; set; }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static int Poisson(Random random, double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0);
        for (; product > limit; count++) product *= random.NextDouble();
        return count;
    }

    /// <summary>Sales with a week's course, one shop selling forty times as much as the other.</summary>
    private static Day[] Sales(int days, int seed)
    {
        var random = new Random(seed);
        return [.. from shop in new[] { ("small", 1.0), ("big", 40.0) } from day in Enumerable.Range(0, days)
            select new Day { Shop = shop.Item1, Sold = Poisson(random, shop.Item2 * (day % 7 == 6 ? 3 : 1)) }];
    }

    public static IEnumerable<object[]> CountForms =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from normalization in Enum.GetValues<WindowNormalization>()
        where strategy is not ForecastStrategy.Recursive || normalization is not WindowNormalization.Difference
        select new object[] { strategy, normalization };

    private static RecurrentForecastingTransformer Fit(LikelihoodName likelihood, IEnumerable<Day> rows,
        Action<RecurrentForecastingEstimator.Options>? change = null)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Sold", SeriesColumnNames = ["Shop"], WindowSize = Window },
            Horizon = Horizon,
            Likelihood = likelihood.ToOption(),
            Network = { HiddenSize = 16 },
            Optimizer = { LearningRate = 5e-3f },
            Stopping = { MaximumNumberOfEpochs = 30, ValidationFraction = 0.3f },
            Seed = 1,
            Output =
            {
                ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f,
                StandardDeviationColumnName = likelihood is LikelihoodName.Point ? null : "Deviation",
            },
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows.ToArray()));
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct, null)]
    [DataRow(ForecastStrategy.Recursive, WindowNormalization.Mean)] // learns from the window's steps, too
    [DataRow(ForecastStrategy.Recursive, WindowNormalization.LastValue)]
    [DataRow(ForecastStrategy.EncoderDecoder, null)]
    public void Counts_are_foreseen_at_each_series_own_size(ForecastStrategy strategy, WindowNormalization? normalization)
    {
        var model = Fit(LikelihoodName.NegativeBinomial, Sales(700, 1),
            options => (options.Decoding.Strategy, options.Normalization.Window) = (strategy, normalization));
        using var engine = model.CreateForecastEngine(Context);
        // 147 days end on a Sunday, the best day.
        engine.Observe(Context.Data.LoadFromEnumerable(Sales(147, 2)));
        foreach (var (shop, mean) in new[] { ("small", 1.0), ("big", 40.0) })
        {
            var forecast = engine.Predict(shop);
            Assert.AreEqual(mean, forecast.Values[2], 0.5 * mean, shop);
            // Two weeks of so few sales hardly tell which day is the Sunday.
            if (shop == "big") Assert.AreEqual(3 * mean, forecast.Values[6], 0.6 * mean);
            Assert.AreEqual(Math.Sqrt(mean), forecast.StandardDeviations[2], 0.75 * Math.Sqrt(mean), "sales are Poisson, whose variance is their mean");
            NumberAssert.IsGreaterThanOrEqualTo(0, forecast.LowerBounds.Min());
            var paths = engine.Sample(shop, 2000, seed: 3).Paths;
            Assert.IsTrue(paths.All(path => path.All(value => value >= 0 && value == Math.Floor(value))), "samples are counts");
            // The mean of what comes after draws is not what comes after their mean.
            var slack = strategy is ForecastStrategy.Recursive ? 0.3 : 0.1;
            Assert.AreEqual(forecast.Values[6], paths.Average(path => path[6]), slack * mean + slack);
            var center = paths.Average(path => path[2]);
            var deviation = Math.Sqrt(paths.Average(path => Math.Pow(path[2] - center, 2)));
            Assert.AreEqual(forecast.StandardDeviations[2], deviation, slack * deviation);
        }
    }

    [TestMethod]
    [DynamicData(nameof(CountForms))]
    public void The_graph_agrees(ForecastStrategy strategy, WindowNormalization normalization)
    {
        var model = Fit(LikelihoodName.NegativeBinomial, Sales(100, 1), options =>
            (options.Decoding.Strategy, options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs, options.Output.NumberOfSamples) =
                (strategy, normalization, 2, 5));
        var shape = ForecastHeadOptions.Create(model.Model.Manifest.Forecast!) with { Paths = 5 };
        ForecastEquality.Check(model.Model,
            network => ForecastHead.Create(LikelihoodName.NegativeBinomial.Create([], shape.Bounds ? 0.95f : null), default, [], true, shape, network),
            (random, _) => random.Next(0, 5)); // of means below 16 the graph has the very same quantiles
        Assert.IsNull(model.Model.Description.LinearSkip);
        Assert.AreEqual("NegativeBinomial", RecurrentModel.Load(model.Model.File().Graph.ToArray()).Manifest.Forecast!.Likelihood.Name);
    }

    [TestMethod]
    public void What_is_no_count_is_refused()
    {
        var half = Sales(60, 1);
        half[30].Sold = 1.5f;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(LikelihoodName.NegativeBinomial, half)).Message, "'Sold' holds 1.5");
        Assert.AreEqual("Normalization.SeasonLength",
            Assert.ThrowsExactly<ArgumentException>(
                () => Fit(LikelihoodName.NegativeBinomial, Sales(60, 1), options => options.Normalization.SeasonLength = 7)).ParamName);
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Recursive)]
    [DataRow(ForecastStrategy.EncoderDecoder)]
    public void A_forecaster_of_counts_that_goes_step_by_step_is_saved_and_trained_on(ForecastStrategy strategy)
    {
        var rows = Context.Data.LoadFromEnumerable(Sales(120, 1));
        var model = Fit(LikelihoodName.NegativeBinomial, Sales(120, 1),
            options => (options.Decoding.Strategy, options.Stopping.MaximumNumberOfEpochs) = (strategy, 3));
        using var file = new MemoryStream();
        Context.Model.Save(model, rows.Schema, file);
        file.Position = 0;
        var loaded = Context.Model.Load(file, out _);
        foreach (var column in new[] { "Forecast", "Lower", "Upper", "Deviation" })
            CollectionAssert.AreEqual(model.Transform(rows).GetColumn<float[]>(column).Last(), loaded.Transform(rows).GetColumn<float[]>(column).Last(),
                column);
        var further = Fit(LikelihoodName.NegativeBinomial, Sales(120, 1),
            options => (options.Decoding.Strategy, options.Stopping.MaximumNumberOfEpochs, options.Network.Initialization.Model) = (strategy, 6, model.Model));
        NumberAssert.IsLessThan(model.Model.History.Epochs[^1].ValidationLoss!.Value, further.Model.History.Epochs.Min(epoch => epoch.ValidationLoss!.Value));
        Assert.Contains("likelihood",
            Assert.ThrowsExactly<ArgumentException>(
                () => Fit(LikelihoodName.Gaussian, Sales(120, 1),
                    options => (options.Decoding.Strategy, options.Network.Initialization.Model) = (strategy, model.Model))).Message);
    }

    [TestMethod]
    public void Quantiles_of_counts_are_those_of_their_probabilities()
    {
        // Mean 3, variance 12: r = 1, so geometric with p = 1/4: P(X <= k) = 1 - 0.75^(k + 1).
        foreach (var probability in new[] { 0.1, 0.26, 0.4, 0.5, 0.9, 0.999 })
            Assert.AreEqual(Math.Max(0, Math.Ceiling(Math.Log(1 - probability) / Math.Log(0.75) - 1 - 1e-9)), NegativeBinomialQuantile.At(3, 1, probability),
                $"{probability}");
        Assert.AreEqual(1_000_000, NegativeBinomialQuantile.At(1e6, 1e-9, 0.5), 10);
    }

    [TestMethod]
    [DataRow(LikelihoodName.Point)]
    [DataRow(LikelihoodName.Gaussian)]
    [DataRow(LikelihoodName.StudentT)]
    public void Paths_spread_as_the_truth_does_and_hang_together(LikelihoodName likelihood)
    {
        // A random walk: the errors of neighbouring steps are all but the same, and grow with the square root of the distance.
        var (random, level) = (new Random(3), 0.0);
        var rows = Enumerable.Range(0, 1500).Select(_ => new Day { Shop = "a", Sold = (float)(level += Normal(random)) }).ToArray();
        var model = Fit(likelihood, rows, options => options.Stopping.MaximumNumberOfEpochs = 8);
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(rows));
        var (paths, forecast) = (engine.Sample("a", 3000, seed: 1).Paths, engine.Predict("a"));
        double Deviation(int h) => Math.Sqrt(paths.Average(path => Math.Pow(path[h] - forecast.Values[h], 2)));
        double first = Deviation(0), last = Deviation(Horizon - 1);
        // A point forecaster's spread follows that of the last window.
        Assert.IsTrue(likelihood is LikelihoodName.Point ? first is > 0.5 and < 2 : first is > 0.75 and < 1.25, $"{first}");
        Assert.AreEqual(Math.Sqrt(Horizon), last / first, 0.6);
        var tie = paths.Average(path => (path[5] - forecast.Values[5]) * (path[6] - forecast.Values[6])) / (Deviation(5) * last);
        NumberAssert.IsGreaterThan(0.75, tie, "steps 6 and 7 of a random walk are correlated by .93");
        var inside = paths.Average(path => path[3] >= forecast.LowerBounds[3] && path[3] <= forecast.UpperBounds[3] ? 1.0 : 0.0);
        Assert.AreEqual(0.9, inside, 0.05);

        CollectionAssert.AreEqual(paths[7], engine.Sample("a", 10, seed: 1).Paths[7], "the same seed, the same paths");
        CollectionAssert.AreNotEqual(paths[7], engine.Sample("a", 10, seed: 2).Paths[7]);

        // The samples' CRPS is that of a forecast that knows its spread.
        var crps = Enumerable.Range(0, Horizon).Average(
            h => ForecastDistribution.FromSamples(paths.Take(200).Select(path => path[h]).ToArray()).RankedProbabilityScore(forecast.Values[h]));
        Assert.IsTrue(crps is > 0.1 and < 1, $"{crps}");
    }

    [TestMethod]
    public void A_model_that_cannot_be_drawn_from_says_what_it_lacks()
    {
        void Says(string part, LikelihoodName likelihood, Action<RecurrentForecastingEstimator.Options> change)
        {
            using var engine = Fit(likelihood, Sales(60, 1), options =>
            {
                (options.Stopping.MaximumNumberOfEpochs, options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn,
                    options.Output.StandardDeviationColumnName) =
                    (1, null, null, null);
                change(options);
            }).CreateForecastEngine(Context);
            engine.Observe(Context.Data.LoadFromEnumerable(Sales(30, 1)));
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Sample("small")).Message, part);
        }
        Says("bounds", LikelihoodName.Point, _ => { });
        Says("not a full distribution", LikelihoodName.Quantiles,
            options => (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) = ("L", "U"));
    }
}
