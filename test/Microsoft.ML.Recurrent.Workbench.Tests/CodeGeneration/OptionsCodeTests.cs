using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

[TestClass]
public sealed class OptionsCodeTests
{
    private const int Count = 40;

    private static readonly string s_vectors = Path.Combine(Directory.CreateTempSubdirectory("recurrent-options-").FullName, "a \"file\" of vectors.txt");

    [ClassCleanup]
    public static void Delete() => Directory.Delete(Path.GetDirectoryName(s_vectors)!, recursive: true);

    /// <summary>A property of all options: compiled, what is written is an object with the same values in all fields.</summary>
    [TestMethod]
    public void A_default_in_a_collection_of_another_type_is_a_default()
    {
        var options = new RecurrentForecastingEstimator.Options { Output = { QuantileColumnNames = ImmutableDictionary<double, string>.Empty } };
        Assert.AreEqual("new RecurrentForecastingEstimator.Options()", OptionsCode.Write(options));
    }

    [TestMethod]
    public void Code_of_any_options_gives_an_equal_object()
    {
        File.WriteAllText(s_vectors, "the 1 2\nof 3 4\n");
        var culture = CultureInfo.CurrentCulture;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign, other.DateTimeFormat.TimeSeparator) = (",", "~", ".");
        CultureInfo.CurrentCulture = other;
        try
        {
            RecurrentTrainerOptions[] options = [.. Enumerable.Range(0, Count).SelectMany(static seed => All(new RandomOptions(seed, s_vectors)))];
            var source = new StringBuilder("""
                using Microsoft.ML;
                using Microsoft.ML.Recurrent;

                public static class Generated
                {
                    private static readonly MLContext mlContext = new();

                """);
            for (var i = 0; i < options.Length; i++)
                source.AppendLine(CultureInfo.InvariantCulture,
                    $"    public static RecurrentTrainerOptions Create{i}() => {OptionsCode.Write(options[i], 4)};\n");
            source.Append('}');

            var generated = CompiledCode.Compile(source.ToString()).GetType("Generated")!;
            for (var i = 0; i < options.Length; i++)
            {
                var actual = (RecurrentTrainerOptions)generated.GetMethod($"Create{i}")!.Invoke(null, null)!;
                SameObjects.Assert(options[i], actual, $"{i}");
                Assert.AreEqual(OptionsCode.Write(options[i]), OptionsCode.Write(actual));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void Only_what_differs_from_the_defaults_is_written()
    {
        Assert.AreEqual("new RecurrentRegressionTrainer.Options()", OptionsCode.Write(new RecurrentRegressionTrainer.Options()));
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "OT", TimeColumnName = "date", WindowSize = 96, FutureCovariateColumnNames = ["day"] },
            Horizon = 24,
            Likelihood = ForecastLikelihood.Quantiles(0.1, 0.9),
            Network = { HiddenSize = 32, Regularization = { DropoutRate = 0.2f } },
            Optimizer = { LearningRate = null, LearningRateSchedule = LearningRateSchedule.OneCycle(endDivisor: 100).WithWarmup(50) },
            Checkpoints = { Interval = TimeSpan.FromSeconds(90) },
            Normalization = { TargetTransform = TargetTransform.Log1p, Window = WindowNormalization.LastValue },
        };
        Assert.AreEqual("""
            new RecurrentForecastingEstimator.Options
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "OT",
                    WindowSize = 96,
                    FutureCovariateColumnNames = ["day"],
                    TimeColumnName = "date",
                },
                Horizon = 24,
                Likelihood = ForecastLikelihood.Quantiles(0.1, 0.9),
                Normalization = { Window = WindowNormalization.LastValue, TargetTransform = TargetTransform.Log1p },
                Network = { HiddenSize = 32, Regularization = { DropoutRate = 0.2f } },
                Optimizer =
                {
                    LearningRate = null,
                    LearningRateSchedule = LearningRateSchedule.OneCycle(endDivisor: 100f).WithWarmup(steps: 50),
                },
                Checkpoints = { Interval = TimeSpan.FromSeconds(90) },
            }
            """.ReplaceLineEndings("\n"), OptionsCode.Write(options));
    }

    private static IEnumerable<RecurrentTrainerOptions> All(RandomOptions random) =>
    [
        random.Create<RecurrentForecastingEstimator.Options>(), random.Create<RecurrentRegressionTrainer.Options>(),
        random.Create<RecurrentBinaryTrainer.Options>(), random.Create<RecurrentMulticlassTrainer.Options>(),
        random.Create<RecurrentTaggingTrainer.Options>(), random.Create<RecurrentLanguageModelEstimator.Options>(),
        random.Create<RecurrentTranslationEstimator.Options>(),
    ];
}
