using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

[TestClass]
public sealed class BackTestErrorTests
{
    private static readonly MLContext Context = new(1);

    private static SeriesRow[] Rows(int length = 30) =>
        [.. Enumerable.Range(0, length).Select(t => new SeriesRow { Time = new DateTime(2024, 1, 1).AddDays(t), Value = t })];

    private static BackTestResult Run(Action<BackTestOptions> set, IEnumerable<SeriesRow>? rows = null)
    {
        var options = new BackTestOptions { TargetColumnName = "Value", Horizon = 3, TimeColumnName = "Time" };
        set(options);
        return Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(rows ?? Rows()), TestForecasters.LastValue(Context), options);
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        Named("TargetColumnName", options => options.TargetColumnName = "");
        Named("Horizon", options => options.Horizon = 0);
        Named("Stride", options => options.Stride = 0);
        Named("NumberOfOrigins", options => options.NumberOfOrigins = 0);
        Named("InitialTrainingRows", options => options.InitialTrainingRows = 0);
        Named("RefitEvery", options => options.RefitEvery = -1);
        Named("MaximumTrainingRows", options => options.MaximumTrainingRows = 0);
        Named("TrainingGap", options => options.TrainingGap = -1);
        Named("ContextRows", options => options.ContextRows = 0);
        Named("Season", options => options.Season = 0);
        Named("ConfidenceLevel", options => options.ConfidenceLevel = 1);
        Named("UpperBoundColumnName", options => options.LowerBoundColumnName = "Lower");
        Named("QuantileColumnNames", options => options.QuantileColumnNames = new Dictionary<double, string> { [1.5] = "Upper" });
        Named("SamplesColumnName", options => (options.SamplesColumnName, options.StandardDeviationColumnName) = ("Lower", "Upper"));
        Named("Baselines", options => options.Baselines = [ForecastBaseline.Drift, ForecastBaseline.Drift]);
        Named("Baselines", options => options.Baselines = null!);
        Named("Metrics", options => options.Metrics = [ForecastMetric.Bias, ForecastMetric.Bias]);
        Named("options", options => options.TrainingGap = 29);

        static void Named(string name, Action<BackTestOptions> set)
        {
            try
            {
                Run(set);
            }
            catch (ArgumentException error)
            {
                Assert.AreEqual(name, error.ParamName, error.Message);
                return;
            }
            Assert.Fail($"{name}: no error");
        }
    }

    [TestMethod]
    public void Columns_at_fault_are_named_before_anything_is_fitted()
    {
        Says("target column 'Valu'. Did you mean 'Value'?", options => options.TargetColumnName = "Valu");
        Says("The target column 'Series' has the wrong type", options => options.TargetColumnName = "Series");
        Says("forecast column 'Score'", options => options.ForecastColumnName = "Score");
        Says("The forecast column 'Series' has the wrong type: expected Vector<Single, 3> (the option Horizon, 3)",
            options => options.ForecastColumnName = "Series");
        Says("The forecast column 'Forecast' has the wrong type: expected Vector<Single, 4> (the option Horizon, 4), found Vector<Single, 3>",
            options => options.Horizon = 4);
        Says("time column 'When'", options => options.TimeColumnName = "When");
        Says("series column 'Sensor'", options => options.SeriesColumnName = "Sensor");

        static void Says(string text, Action<BackTestOptions> set) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run(set)).Message, text);
    }

    [TestMethod]
    public void Data_at_fault_are_told_with_the_remedy()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Run(_ => { }, [])).Message, "no rows");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Run(_ => { }, Rows(3))).Message, "need 4, there are 3 points in time");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Run(options => options.InitialTrainingRows = 40)).Message,
            "40 training rows and a horizon of 3 need 43");
        var shuffled = Rows();
        (shuffled[7], shuffled[8]) = (shuffled[8], shuffled[7]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Run(_ => { }, shuffled)).Message, "sort the rows by time first");
    }

    [TestMethod]
    public void Catalog_arguments_are_checked()
    {
        var data = Context.Data.LoadFromEnumerable(Rows());
        Assert.AreEqual("data",
            Assert.ThrowsExactly<ArgumentNullException>(() => Context.Forecasting.BackTest(null!, TestForecasters.LastValue(Context), new())).ParamName);
        Assert.AreEqual("estimator",
            Assert.ThrowsExactly<ArgumentNullException>(() => Context.Forecasting.BackTest(data, (IEstimator<ITransformer>)null!, new())).ParamName);
        Assert.AreEqual("options",
            Assert.ThrowsExactly<ArgumentNullException>(() => Context.Forecasting.BackTest(data, TestForecasters.LastValue(Context), null!)).ParamName);
        Assert.AreEqual("estimators", Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.BackTest(data, [], new BackTestOptions())).ParamName);
        Assert.AreEqual("estimators",
            Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.BackTest(data, [new("A", null!)], new BackTestOptions())).ParamName);
    }

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] Label { get; set; } = [];

        [VectorType(2)]
        public float[] Forecast { get; set; } = [];

        public float Other { get; set; }
    }

    [TestMethod]
    public void Forecasts_beside_their_label_are_measured_by_step()
    {
        var data = Context.Data.LoadFromEnumerable(new Pair[] { new() { Label = [1, 2], Forecast = [2, 4] },
            new() { Label = [5, float.NaN], Forecast = [5, float.NaN] } });
        var (metrics, byStep) = Context.Forecasting.EvaluateForecasts(data, lowerBoundColumnName: "Label", upperBoundColumnName: "Forecast");
        Assert.AreEqual(3, metrics.Count);
        Assert.AreEqual(1, metrics.MeanAbsoluteError, 1e-12);
        Assert.AreEqual(0.5, byStep[0].MeanAbsoluteError, 1e-12);
        Assert.AreEqual(2, byStep[1].MeanAbsoluteError, 1e-12);
        Assert.AreEqual(1, metrics.Coverage);
        Assert.IsTrue(double.IsNaN(metrics.MeanAbsoluteScaledError));

        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Context.Forecasting.EvaluateForecasts(data, forecastColumnName: "Other")).Message, "as many numbers as the label column 'Label'");
        var silent = Context.Data.LoadFromEnumerable(new Pair[] { new() { Label = [1, 2], Forecast = [2, float.NaN] } });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.EvaluateForecasts(silent)).Message,
            "Row 0 of the forecast column 'Forecast'");
    }
}
