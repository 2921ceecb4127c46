using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

[TestClass]
public sealed class ForecastLikelihoodTests
{
    private const int Window = 8, Horizon = 2;
    private static readonly MLContext Context = new(1);

    private sealed class Point
    {
        public float Value { get; set; }
    }

    private sealed class Answer
    {
        public float Value { get; set; }
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
    }

    /// <summary>A wave whose noise is eight times as great in its upper half.</summary>
    private static Point[] Uneven(int length, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. Enumerable.Range(0, length)
            .Select(t => new Point { Value = (float)(100 + 20 * Math.Sin(t * 0.4) + (Math.Sin(t * 0.4) > 0 ? 4 : 0.5) * Normal()) })];
    }

    private static RecurrentForecastingEstimator.Options Options(LikelihoodName likelihood) => new()
    {
        Input = { InputColumnName = "Value", WindowSize = Window },
        Horizon = Horizon,
        Likelihood = likelihood.ToOption(),
        Network = { HiddenSize = 24 },
        Optimizer = { LearningRate = 5e-3f },
        Stopping = { MaximumNumberOfEpochs = 40, ValidationFraction = 0.2f },
        Seed = 3,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.8f },
        Normalization = { Window = WindowNormalization.None },
    };

    private static Answer[] Score(ITransformer model, Point[] rows) =>
        [.. Context.Data.CreateEnumerable<Answer>(model.Transform(Context.Data.LoadFromEnumerable(rows)), false)];

    [TestMethod]
    [DataRow(LikelihoodName.Quantiles)]
    [DataRow(LikelihoodName.Gaussian)]
    [DataRow(LikelihoodName.StudentT)]
    public void Bounds_cover_their_level_and_follow_the_noise(LikelihoodName likelihood)
    {
        var model = Context.Forecasting.ForecastByRecurrentNetwork(Options(likelihood)).Fit(Context.Data.LoadFromEnumerable(Uneven(2000, 1)));
        var rows = Uneven(1500, 2);
        var answers = Score(model, rows);
        double quiet = 0, loud = 0, quiets = 0, louds = 0, inside = 0, count = 0;
        for (var t = Window; t < rows.Length - Horizon; t++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                var truth = rows[t + 1 + h].Value;
                count++;
                if (truth >= answers[t].Lower[h] && truth <= answers[t].Upper[h]) inside++;
                Assert.IsTrue(answers[t].Lower[h] <= answers[t].Forecast[h] + 1e-3 && answers[t].Forecast[h] <= answers[t].Upper[h] + 1e-3
                    || likelihood is LikelihoodName.Quantiles);
                if (Math.Sin((t + 1 + h) * 0.4) > 0.3) (loud, louds) = (loud + answers[t].Upper[h] - answers[t].Lower[h], louds + 1);
                if (Math.Sin((t + 1 + h) * 0.4) < -0.3) (quiet, quiets) = (quiet + answers[t].Upper[h] - answers[t].Lower[h], quiets + 1);
            }
        }
        Assert.AreEqual(0.8, inside / count, 0.06);
        NumberAssert.IsGreaterThan(2 * quiet / quiets, loud / louds);
    }

    [TestMethod]
    public void Quantiles_have_columns_and_never_cross()
    {
        var options = Options(LikelihoodName.Quantiles);
        (options.Stopping.MaximumNumberOfEpochs, options.Output.QuantileColumnNames) =
            (2, new Dictionary<double, string> { [0.95] = "P95", [0.05] = "P5", [0.3] = "P30" });
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Uneven(400, 1)));
        var view = model.Transform(Context.Data.LoadFromEnumerable(Uneven(300, 2)));
        string[] rising = ["P5", "P30", "Forecast", "P95"];
        var columns = rising.Select(name => view.GetColumn<float[]>(name).ToArray()).ToArray();
        for (var t = Window; t < 300; t++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                for (var i = 1; i < columns.Length; i++) NumberAssert.IsLessThanOrEqualTo(columns[i][t][h] + 1e-4f, columns[i - 1][t][h], rising[i]);
            }
        }
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(Uneven(50, 2)));
        Assert.IsFalse(double.IsNaN(engine.Predict().UpperBounds[0]));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict(confidenceLevel: 0.5f)).Message, "for the level 0.8 only");
    }

    [TestMethod]
    public void A_normal_distribution_has_deviations_and_quantiles_that_belong_together()
    {
        var options = Options(LikelihoodName.Gaussian);
        (options.Output.StandardDeviationColumnName, options.Output.QuantileColumnNames, options.Stopping.MaximumNumberOfEpochs) =
            ("Deviation", new Dictionary<double, string> { [0.841344746] = "P84" }, 2);
        var view = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Uneven(400, 1)))
            .Transform(Context.Data.LoadFromEnumerable(Uneven(300, 2)));
        var (mean, deviation, quantile) =
            (view.GetColumn<float[]>("Forecast").ToArray(), view.GetColumn<float[]>("Deviation").ToArray(), view.GetColumn<float[]>("P84").ToArray());
        for (var t = Window; t < 300; t++)
        {
            NumberAssert.IsGreaterThan(0, deviation[t][1]);
            Assert.AreEqual(mean[t][1] + deviation[t][1], quantile[t][1], 1e-3f * Math.Abs(quantile[t][1]));
        }
    }

    [TestMethod]
    public void Back_tests_judge_the_distribution()
    {
        var options = Options(LikelihoodName.Gaussian);
        (options.Output.StandardDeviationColumnName, options.Stopping.MaximumNumberOfEpochs) = ("Deviation", 5);
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(Uneven(500, 1)), Context.Forecasting.ForecastByRecurrentNetwork(options),
            new()
            {
                TargetColumnName = "Value", Horizon = Horizon, LowerBoundColumnName = "Lower", UpperBoundColumnName = "Upper", ConfidenceLevel = 0.8f,
                StandardDeviationColumnName = "Deviation",
            });
        StringAssert.Contains(result.ToString(), "CRPS");
    }

    [TestMethod]
    public void Columns_that_a_likelihood_cannot_give_are_refused()
    {
        void Says(string name, LikelihoodName likelihood, Action<RecurrentForecastingEstimator.Options> change)
        {
            var options = Options(likelihood);
            change(options);
            Assert.AreEqual(name, Assert.Throws<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options)).ParamName);
        }
        var quantile = new Dictionary<double, string> { [0.1] = "P10" };
        Says("Output.QuantileColumnNames", LikelihoodName.Point,
            options => (options.Output.QuantileColumnNames, options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) =
                (quantile, null, null));
        Says("Output.QuantileColumnNames", LikelihoodName.Quantiles,
            options => options.Output.QuantileColumnNames = new Dictionary<double, string> { [1] = "P" });
        Says("Output.StandardDeviationColumnName", LikelihoodName.Quantiles, options => options.Output.StandardDeviationColumnName = "D");
        Says("Output.ForecastColumnName", LikelihoodName.Quantiles,
            options => options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Forecast" });
    }
}
