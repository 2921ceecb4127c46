using System.Reflection;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Training;

[TestClass]
public sealed class TrainerOptionsTests
{
    private static readonly MLContext Context = new(1);

    private static RecurrentForecastingEstimator.Options Forecast => new() { InputColumnName = "Value", WindowSize = 4, Horizon = 2 };

    /// <summary>Sets one property by name and makes the estimator.</summary>
    private static ArgumentException Fails<TOptions>(TOptions options, string property, object? value, Action<TOptions> create)
    {
        typeof(TOptions).GetProperty(property, BindingFlags.Public | BindingFlags.Instance | BindingFlags.FlattenHierarchy)!.SetValue(options, value);
        var error = Assert.Throws<ArgumentException>(() => create(options));
        Assert.AreEqual(property, error.ParamName);
        StringAssert.Contains(error.Message, property);
        return error;
    }

    [TestMethod]
    [DataRow("HiddenSize", 0)]
    [DataRow("NumberOfLayers", 0)]
    [DataRow("MaximumNumberOfEpochs", 0)]
    [DataRow("BatchSize", -1)]
    [DataRow("EarlyStoppingPatience", 0)]
    [DataRow("NumberOfThreads", 0)]
    [DataRow("DropoutRate", 1f)]
    [DataRow("DropoutRate", -0.1f)]
    [DataRow("DropoutRate", float.NaN)]
    [DataRow("InputDropoutRate", 1f)]
    [DataRow("RecurrentDropoutRate", -0.1f)]
    [DataRow("ZoneoutRate", 1f)]
    [DataRow("CellZoneoutRate", float.NaN)]
    [DataRow("ProjectionSize", 0)]
    [DataRow("LayerNormalization", (LayerNormalizationPlace)9)]
    [DataRow("ResidualConnections", true)]
    [DataRow("Momentum", 1f)]
    [DataRow("ValidationFraction", 1f)]
    [DataRow("GradientClipNorm", 0f)]
    [DataRow("LearningRate", 0f)]
    [DataRow("LearningRate", float.PositiveInfinity)]
    [DataRow("WeightDecay", -1f)]
    [DataRow("L1Regularization", float.NaN)]
    [DataRow("GradientAccumulationSteps", 0)]
    [DataRow("EmaDecay", 1f)]
    [DataRow("GradientClipValue", 0f)]
    [DataRow("EarlyStoppingMinimumChange", 1f)]
    [DataRow("LogEverySteps", 0)]
    [DataRow("GradientNoise", -1f)]
    [DataRow("GradientCheckpointSteps", 0)]
    [DataRow("CheckpointEverySteps", 0)]
    [DataRow("ForgetGateBias", float.NaN)]
    [DataRow("Loggers", null)]
    [DataRow("Resume", true)]
    [DataRow("Beta1", 1f)]
    [DataRow("Beta2", -0.1f)]
    [DataRow("Epsilon", 0f)]
    [DataRow("Cell", (RecurrentCell)9)]
    [DataRow("Pooling", (SequencePooling)9)]
    [DataRow("Optimizer", (OptimizerKind)999)]
    [DataRow("Activation", (RecurrentActivation)9)]
    [DataRow("Loss", (RegressionLoss)9)]
    [DataRow("TruncatedBpttSteps", 0)]
    [DataRow("HuberDelta", 0f)]
    [DataRow("HuberDelta", float.PositiveInfinity)]
    [DataRow("HuberDelta", 0.5f)]
    [DataRow("QuantileLevel", 1f)]
    [DataRow("QuantileLevel", float.NaN)]
    [DataRow("QuantileLevel", 0.9f)]
    [DataRow("StaticColumnNames", new[] { "a", "" })]
    [DataRow("AdditionalFeatureColumnNames", null)]
    [DataRow("LabelColumnName", "")]
    [DataRow("FeatureColumnName", "")]
    [DataRow("ExampleWeightColumnName", "")]
    [DataRow("EmbeddingSize", 0)]
    public void Options_out_of_range_are_named(string property, object? value) =>
        Fails(new RecurrentRegressionTrainer.Options(), property, value, options => Context.Regression.Trainers.RecurrentNetwork(options));

    [TestMethod]
    [DataRow("WindowSize", 0)]
    [DataRow("Horizon", 0)]
    [DataRow("SeasonLength", 5)]
    [DataRow("TrainingStride", 0)]
    [DataRow("InputColumnName", "")]
    [DataRow("OutputColumnName", "")]
    [DataRow("OutputColumnName", "Value")]
    [DataRow("ConfidenceLevel", 1f)]
    [DataRow("ConfidenceUpperBoundColumn", "Upper", "ConfidenceLowerBoundColumn")]
    [DataRow("WindowNormalization", (WindowNormalization)9)]
    [DataRow("Loss", RegressionLoss.Quantile)]
    [DataRow("PastCovariateColumnNames", new[] { "Value" }, "InputColumnName")]
    [DataRow("TimeColumnName", "")]
    [DataRow("SeriesColumnName", "")]
    public void Forecasting_options_out_of_range_are_named(string property, object? value, string? named = null)
    {
        var options = Forecast;
        options.GetType().GetProperty(property)!.SetValue(options, value);
        var error = Assert.Throws<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options));
        Assert.AreEqual(named ?? property, error.ParamName);
    }

    [TestMethod]
    public void Constants_that_an_optimizer_has_not_are_named()
    {
        foreach (var (optimizer, beta1, beta2, epsilon) in new[]
        {
            (OptimizerKind.Sgd, false, false, false), (OptimizerKind.Nesterov, false, false, false), (OptimizerKind.Adagrad, false, false, true),
            (OptimizerKind.RmsProp, false, true, true),
            (OptimizerKind.CenteredRmsProp, false, true, true), (OptimizerKind.Adadelta, false, true, true), (OptimizerKind.Adam, true, true, true),
            (OptimizerKind.AdamW, true, true, true),
            (OptimizerKind.AmsGrad, true, true, true), (OptimizerKind.NAdam, true, true, true), (OptimizerKind.Adamax, true, true, true),
        })
        {
            Check(beta1, "Beta1", new() { Optimizer = optimizer, Beta1 = 0.5f });
            Check(beta2, "Beta2", new() { Optimizer = optimizer, Beta2 = 0.5f });
            Check(epsilon, "Epsilon", new() { Optimizer = optimizer, Epsilon = 1e-4f });

            void Check(bool known, string name, RecurrentRegressionTrainer.Options options)
            {
                if (known) Context.Regression.Trainers.RecurrentNetwork(options);
                else StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Context.Regression.Trainers.RecurrentNetwork(options)).Message,
                    $"{name} has no meaning for the optimizer {optimizer}");
            }
        }
    }

    [TestMethod]
    public void Defaults_are_valid_and_options_are_copied()
    {
        var options = Forecast;
        var estimator = Context.Forecasting.ForecastByRecurrentNetwork(options);
        options.WindowSize = 1000;
        var rows = Enumerable.Range(0, 30).Select(i => new Point { Value = i % 5 }).ToArray();
        Assert.AreEqual(4, estimator.Fit(Context.Data.LoadFromEnumerable(rows)).Model.Manifest.Forecast!.WindowSize);
        Context.Regression.Trainers.Lstm();
        Context.BinaryClassification.Trainers.Gru();
        Context.MulticlassClassification.Trainers.SimpleRnn();
    }

    [TestMethod]
    public void Every_public_option_has_a_default_in_its_documentation()
    {
        // XML docs lie beside the assembly.
        var path = Path.ChangeExtension(typeof(RecurrentTrainerOptions).Assembly.Location, ".xml");
        var documentation = System.Xml.Linq.XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value,
            member => member.Value);
        Type[] types = [typeof(RecurrentTrainerOptions), typeof(SequenceTrainerOptions), typeof(RecurrentRegressionTrainer.Options),
            typeof(RecurrentBinaryTrainer.Options),
            typeof(RecurrentMulticlassTrainer.Options), typeof(ClassificationTrainerOptions), typeof(RecurrentForecastingEstimator.Options)];
        foreach (var property in types.SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)))
        {
            var text = documentation[$"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}"];
            Assert.IsTrue(text.Contains("Default:") || text.Contains("Has to be set."), property.Name);
        }
    }

    private sealed class Point
    {
        public float Value { get; set; }
    }
}
