using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Forecasts drawn toward the naive ones by what validation windows tell.</summary>
[TestClass]
public sealed class NaiveShrinkageTests
{
    private const int Window = 20, Horizon = 4, Rows = 600, Train = 400;

    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public float Value { get; set; }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Row[] Walk(int seed)
    {
        var (random, level) = (new Random(seed), 0.0);
        return [.. Enumerable.Range(0, Rows).Select(_ => new Row { Value = (float)(level += Normal(random)) })];
    }

    private static RecurrentForecastingTransformer Fit(Row[] rows, bool shrinks, Action<RecurrentForecastingEstimator.Options>? change = null)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = { InputColumnName = "Value", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Normalization = { SeasonLength = 0 },
            Stopping = { MaximumNumberOfEpochs = 5, ValidationFraction = 0.3f },
            Seed = 1,
            NumberOfThreads = 1,
            Decoding = { ShrinkTowardNaive = shrinks },
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows[..Train]));
    }

    private static (double Model, double Naive) Errors(RecurrentForecastingTransformer model, Row[] rows)
    {
        var forecasts = model.Transform(Context.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Forecast").ToArray();
        double error = 0, naive = 0;
        for (var t = Train; t < rows.Length - Horizon; t++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                error += Math.Pow(forecasts[t][h] - rows[t + 1 + h].Value, 2);
                naive += Math.Pow(rows[t].Value - rows[t + 1 + h].Value, 2);
            }
        }
        return (error, naive);
    }

    [TestMethod]
    [DataRow(WindowNormalization.LastValue)]
    [DataRow(WindowNormalization.Standard)]
    [DataRow(WindowNormalization.Difference)]
    public void Random_walks_are_forecast_more_like_their_last_value(WindowNormalization normalization)
    {
        double with = 0, without = 0, naive = 0;
        for (var seed = 0; seed < 6; seed++)
        {
            var rows = Walk(seed);
            without += Errors(Fit(rows, false, options => options.Normalization.Window = normalization), rows).Model;
            var drawn = Errors(Fit(rows, true, options => options.Normalization.Window = normalization), rows);
            (with, naive) = (with + drawn.Model, naive + drawn.Naive);
        }
        NumberAssert.IsLessThan(without, with);
        NumberAssert.IsLessThan(1.03 * naive, with, "nearly as good as the last value, by which nothing is better");
    }

    [TestMethod]
    public void What_is_foreseen_well_stays_as_it_is()
    {
        Row[] wave = [.. Enumerable.Range(0, Rows).Select(t => new Row { Value = MathF.Sin(t / 3f) })];
        var (with, without) = (Errors(Fit(wave, true), wave), Errors(Fit(wave, false), wave));
        NumberAssert.IsLessThan(0.05 * with.Naive, with.Model);
        Assert.AreEqual(without.Model, with.Model, 0.1 * without.Model + 1e-4);
    }

    [TestMethod]
    public void It_is_the_mean_of_both_forecasts_by_one_share_a_step()
    {
        var rows = Walk(3);
        var (drawn, plain) = (Forecasts(true), Forecasts(false));
        for (var h = 0; h < Horizon; h++)
        {
            double? kept = null;
            for (var t = Window; t < rows.Length; t++)
            {
                var (own, whole) = (drawn[t][h] - rows[t].Value, plain[t][h] - rows[t].Value);
                if (Math.Abs(whole) < 0.1) continue;
                kept ??= own / whole;
                Assert.AreEqual(kept.Value, own / whole, 1e-3);
            }
            Assert.IsTrue(kept is >= 0 and < 1, $"step {h} keeps {kept}");
        }

        float[][] Forecasts(bool shrinks) => [.. Fit(rows, shrinks).Transform(Context.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Forecast")];
    }

    [TestMethod]
    public void Distributions_keep_their_spread()
    {
        var rows = Walk(3);
        float[][] Column(bool shrinks, string name) =>
            [.. Fit(rows, shrinks, options => (options.Likelihood, options.Output.StandardDeviationColumnName) = (ForecastLikelihood.Gaussian, "Deviation"))
            .Transform(Context.Data.LoadFromEnumerable(rows)).GetColumn<float[]>(name)];
        CollectionAssert.AreEqual(Column(false, "Deviation")[^1], Column(true, "Deviation")[^1]);
        CollectionAssert.AreNotEqual(Column(false, "Forecast")[^1], Column(true, "Forecast")[^1]);
    }

    [TestMethod]
    public void It_needs_a_form_in_which_it_is_possible()
    {
        foreach (var strategy in (ForecastStrategy[])[ForecastStrategy.Recursive, ForecastStrategy.EncoderDecoder])
            Assert.AreEqual("Decoding.ShrinkTowardNaive",
                Assert.ThrowsExactly<ArgumentException>(() => Fit(Walk(1), true, options => options.Decoding.Strategy = strategy)).ParamName);
        Assert.AreEqual("Decoding.ShrinkTowardNaive",
            Assert.ThrowsExactly<ArgumentException>(() => Fit(Walk(1), true, options => options.Likelihood = ForecastLikelihood.Quantiles())).ParamName);
    }
}
