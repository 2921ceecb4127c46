using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Groups of options are copied with the options, are never null, and have the defaults of their trainer also where they are replaced.</summary>
[TestClass]
public sealed class OptionGroupTests
{
    private static readonly MLContext Context = new(1);

    private static IEnumerable<object[]> AllOptions =>
    [
        [new RecurrentRegressionTrainer.Options()], [new RecurrentBinaryTrainer.Options()], [new RecurrentMulticlassTrainer.Options()],
        [new RecurrentForecastingEstimator.Options()], [new RecurrentForecastingEstimator.Options { Input = new WindowInputOptions() }],
        [new RecurrentLanguageModelEstimator.Options()], [new RecurrentTranslationEstimator.Options()],
        [new RecurrentAutoencoderTrainer.Options()],
    ];

    [TestMethod]
    [DynamicData(nameof(AllOptions))]
    public void Groups_are_copied_deeply_and_never_null(object options)
    {
        var groups = 0;
        Compare(options, ((RecurrentTrainerOptions)options).Clone());
        NumberAssert.IsGreaterThan(7, groups);

        void Compare(object original, object copy)
        {
            Assert.AreNotSame(original, copy);
            Assert.AreSame(original.GetType(), copy.GetType());
            foreach (var property in original.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                var (before, after) = (property.GetValue(original), property.GetValue(copy));
                if (property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal))
                {
                    groups++;
                    Compare(before!, after!);
                    Assert.IsInstanceOfType<ArgumentNullException>(
                        Assert.ThrowsExactly<TargetInvocationException>(() => property.SetValue(original, null)).InnerException, property.Name);
                }
                else if (before is Array { Length: > 0 }) Assert.AreNotSame(before, after, property.Name);
                else if (before is Array none) Assert.HasCount(none.Length, (Array)after!, property.Name);
                else if (before is System.Collections.IEnumerable and not string) Assert.AreNotSame(before, after, property.Name);
                else Assert.AreEqual(before, after, property.Name);
            }
        }
    }

    [TestMethod]
    public void A_replaced_group_keeps_the_defaults_of_its_trainer()
    {
        var forecasting = new RecurrentForecastingEstimator.Options
        {
            Optimizer = new() { LearningRate = 1e-3f },
            Stopping = new() { MaximumNumberOfEpochs = 3 }
        };
        Assert.AreEqual((0.999f, 5), (forecasting.Settings(1).EmaDecay, forecasting.Settings(1).EarlyStoppingPatience));
        var regression = new RecurrentRegressionTrainer.Options { Optimizer = new() { LearningRate = 1e-3f }, Stopping = new() { MaximumNumberOfEpochs = 3 } };
        Assert.AreEqual((null, 10), (regression.Settings(1).EmaDecay, regression.Settings(1).EarlyStoppingPatience));
        (forecasting.Optimizer.EmaDecay, regression.Optimizer.EmaDecay) = (0, 0.9f);
        Assert.AreEqual((null, 0.9f), (forecasting.Settings(1).EmaDecay, regression.Settings(1).EmaDecay));
    }

    [TestMethod]
    public void Likelihoods_refuse_what_makes_no_sense()
    {
        Assert.AreEqual("loss", Assert.ThrowsExactly<ArgumentException>(() => ForecastLikelihood.Point(RegressionLoss.Quantile)).ParamName);
        Assert.AreEqual("loss", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ForecastLikelihood.Point((RegressionLoss)9)).ParamName);
        foreach (var level in new[] { 0, 1, -0.5, double.NaN })
            Assert.AreEqual("levels", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ForecastLikelihood.Quantiles(0.5, level)).ParamName);
        var options = Forecasting(ForecastLikelihood.Quantiles(0.1, 0.9));
        options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Low", [0.8] = "High" };
        var error = Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options));
        Assert.AreEqual("Output.QuantileColumnNames", error.ParamName);
        StringAssert.Contains(error.Message, "the level 0.8, which is none of the levels of Likelihood (0.1, 0.9)");
    }

    /// <summary>Levels of the likelihood are learned besides those of columns; columns are those of the output.</summary>
    [TestMethod]
    public void Levels_of_the_likelihood_are_learned()
    {
        var options = Forecasting(ForecastLikelihood.Quantiles(0.1, 0.3, 0.9));
        options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Low", [0.9] = "High" };
        Assert.AreEqual(4, options.Likelihood.Create(options.Output).ParametersPerStep);
        var likelihood = (QuantilesLikelihood)options.Likelihood.Create();
        Assert.AreEqual(1, likelihood.ParametersPerStep);
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Row { Value = i % 7 }));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(data);
        Assert.AreEqual(2 * 4, model.Model.Description.Outputs);
        CollectionAssert.AreEqual(new[] { "Forecast", "Low", "High" }, model.Model.Manifest.Outputs.Select(output => output.Name).ToArray());
        Assert.AreEqual("Quantiles", model.Model.Manifest.Forecast!.Likelihood.Name);
        var scored = model.Transform(data);
        foreach (var (low, high) in scored.GetColumn<float[]>("Low").Zip(scored.GetColumn<float[]>("High")).Skip(4))
            for (var i = 0; i < low.Length; i++) Assert.IsTrue(low[i] <= high[i], $"{low[i]} {high[i]}");
    }

    [TestMethod]
    public void Windows_need_a_label()
    {
        var options = Forecasting(ForecastLikelihood.Point());
        options.Input = new WindowInputOptions { InputColumnName = "Window", WindowSize = 4 };
        Assert.AreEqual("Input.LabelColumnName",
            Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options)).ParamName);
    }

    private static RecurrentForecastingEstimator.Options Forecasting(ForecastLikelihood likelihood) => new()
    {
        Input = { InputColumnName = "Value", WindowSize = 4 },
        Horizon = 2,
        Likelihood = likelihood,
        Network = { HiddenSize = 4 },
        Stopping = { MaximumNumberOfEpochs = 2 },
    };

    private sealed class Row
    {
        public float Value { get; set; }
    }
}
