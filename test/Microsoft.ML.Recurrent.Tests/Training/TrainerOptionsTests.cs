using System.Reflection;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Training;

[TestClass]
public sealed class TrainerOptionsTests
{
    private static readonly MLContext Context = new(1);

    private static RecurrentForecastingEstimator.Options Forecast => new() { Input = { InputColumnName = "Value", WindowSize = 4 }, Horizon = 2 };

    /// <summary>Sets an option by its path, <c>Network.HiddenSize</c> for instance.</summary>
    private static void Set(object options, string path, object? value)
    {
        var names = path.Split('.');
        foreach (var name in names[..^1]) options = options.GetType().GetProperty(name)!.GetValue(options)!;
        options.GetType().GetProperty(names[^1])!.SetValue(options, value);
    }

    /// <summary>Sets one option by its path and makes the estimator.</summary>
    private static ArgumentException Fails<TOptions>(TOptions options, string property, object? value, Action<TOptions> create)
    {
        Set(options!, property, value);
        var error = Assert.Throws<ArgumentException>(() => create(options));
        Assert.AreEqual(property, error.ParamName);
        StringAssert.Contains(error.Message, property);
        return error;
    }

    [TestMethod]
    [DataRow("Network.HiddenSize", 0)]
    [DataRow("Network.NumberOfLayers", 0)]
    [DataRow("Stopping.MaximumNumberOfEpochs", 0)]
    [DataRow("Optimizer.BatchSize", -1)]
    [DataRow("Stopping.Patience", 0)]
    [DataRow("NumberOfThreads", 0)]
    [DataRow("Network.Regularization.DropoutRate", 1f)]
    [DataRow("Network.Regularization.DropoutRate", -0.1f)]
    [DataRow("Network.Regularization.DropoutRate", float.NaN)]
    [DataRow("Network.Regularization.InputDropoutRate", 1f)]
    [DataRow("Network.Regularization.RecurrentDropoutRate", -0.1f)]
    [DataRow("Network.Regularization.ZoneoutRate", 1f)]
    [DataRow("Network.Regularization.CellZoneoutRate", float.NaN)]
    [DataRow("Network.ProjectionSize", 0)]
    [DataRow("Network.LayerNormalization", (LayerNormalizationPlace)9)]
    [DataRow("Network.ResidualConnections", true)]
    [DataRow("Optimizer.Momentum", 1f)]
    [DataRow("Stopping.ValidationFraction", 1f)]
    [DataRow("Optimizer.Gradients.ClipNorm", 0f)]
    [DataRow("Optimizer.LearningRate", 0f)]
    [DataRow("Optimizer.LearningRate", float.PositiveInfinity)]
    [DataRow("Optimizer.WeightDecay", -1f)]
    [DataRow("Optimizer.L1Regularization", float.NaN)]
    [DataRow("Optimizer.Gradients.AccumulationSteps", 0)]
    [DataRow("Optimizer.EmaDecay", 1f)]
    [DataRow("Optimizer.Gradients.ClipValue", 0f)]
    [DataRow("Stopping.MinimumChange", 1f)]
    [DataRow("Logging.EverySteps", 0)]
    [DataRow("Optimizer.Gradients.Noise", -1f)]
    [DataRow("Optimizer.Gradients.CheckpointSteps", 0)]
    [DataRow("Checkpoints.EverySteps", 0)]
    [DataRow("Network.Initialization.ForgetGateBias", float.NaN)]
    [DataRow("Logging.Loggers", null)]
    [DataRow("Checkpoints.Resume", true)]
    [DataRow("Optimizer.Beta1", 1f)]
    [DataRow("Optimizer.Beta2", -0.1f)]
    [DataRow("Optimizer.Epsilon", 0f)]
    [DataRow("Network.Cell", (RecurrentCell)9)]
    [DataRow("Network.Pooling", (SequencePooling)9)]
    [DataRow("Optimizer.Kind", (OptimizerKind)999)]
    [DataRow("Network.Activation", (RecurrentActivation)9)]
    [DataRow("Loss.Kind", (RegressionLoss)9)]
    [DataRow("TruncatedBpttSteps", 0)]
    [DataRow("Loss.HuberDelta", 0f)]
    [DataRow("Loss.HuberDelta", float.PositiveInfinity)]
    [DataRow("Loss.HuberDelta", 0.5f)]
    [DataRow("Loss.QuantileLevel", 1f)]
    [DataRow("Loss.QuantileLevel", float.NaN)]
    [DataRow("Loss.QuantileLevel", 0.9f)]
    [DataRow("Features.StaticColumnNames", new[] { "a", "" })]
    [DataRow("Features.AdditionalColumnNames", null)]
    [DataRow("LabelColumnName", "")]
    [DataRow("FeatureColumnName", "")]
    [DataRow("ExampleWeightColumnName", "")]
    [DataRow("Features.EmbeddingSize", 0)]
    public void Options_out_of_range_are_named(string property, object? value) =>
        Fails(new RecurrentRegressionTrainer.Options(), property, value, options => Context.Regression.Trainers.RecurrentNetwork(options));

    [TestMethod]
    [DataRow("Input.WindowSize", 0)]
    [DataRow("Horizon", 0)]
    [DataRow("Normalization.SeasonLength", 5)]
    [DataRow("Input.TrainingStride", 0)]
    [DataRow("Input.InputColumnName", "")]
    [DataRow("Output.ForecastColumnName", "")]
    [DataRow("Output.ForecastColumnName", "Value")]
    [DataRow("Output.ConfidenceLevel", 1f)]
    [DataRow("Output.ConfidenceUpperBoundColumn", "Upper", "Output.ConfidenceLowerBoundColumn")]
    [DataRow("Normalization.Window", (WindowNormalization)9)]
    [DataRow("Input.PastCovariateColumnNames", new[] { "Value" }, "Input.InputColumnName")]
    [DataRow("Input.TimeColumnName", "")]
    [DataRow("Input.SeriesColumnNames", new[] { "" })]
    public void Forecasting_options_out_of_range_are_named(string property, object? value, string? named = null)
    {
        var options = Forecast;
        Set(options, property, value);
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
            Check(beta1, "Beta1", new() { Optimizer = { Kind = optimizer, Beta1 = 0.5f } });
            Check(beta2, "Beta2", new() { Optimizer = { Kind = optimizer, Beta2 = 0.5f } });
            Check(epsilon, "Epsilon", new() { Optimizer = { Kind = optimizer, Epsilon = 1e-4f } });

            void Check(bool known, string name, RecurrentRegressionTrainer.Options options)
            {
                if (known) Context.Regression.Trainers.RecurrentNetwork(options);
                else StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Context.Regression.Trainers.RecurrentNetwork(options)).Message,
                    $"Optimizer.{name} has no meaning for the optimizer {optimizer}");
            }
        }
    }

    [TestMethod]
    public void Defaults_are_valid_and_options_are_copied()
    {
        var options = Forecast;
        var estimator = Context.Forecasting.ForecastByRecurrentNetwork(options);
        options.Input.WindowSize = 1000;
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
        var exported = typeof(RecurrentTrainerOptions).Assembly.GetExportedTypes();
        HashSet<Type> groups = [];
        foreach (var type in exported.Where(type => type.IsAssignableTo(typeof(RecurrentTrainerOptions)))) Add(type);
        NumberAssert.IsGreaterThan(25, groups.Count);
        foreach (var property in groups.SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)))
        {
            var text = documentation[$"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}"];
            Assert.IsTrue(text.Contains("Default:") || text.Contains("Has to be set."), $"{property.DeclaringType.Name}.{property.Name}");
        }

        void Add(Type type)
        {
            if (!groups.Add(type)) return;
            foreach (var group in type.GetProperties().Select(property => property.PropertyType)
                .Where(group => group.Name.EndsWith("Options", StringComparison.Ordinal)))
                foreach (var kind in exported.Where(kind => kind.IsAssignableTo(group))) Add(kind);
        }
    }

    private sealed class Point
    {
        public float Value { get; set; }
    }
}
