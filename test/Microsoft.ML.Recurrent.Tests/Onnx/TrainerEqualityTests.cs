using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>What every trainer's model answers: its network and head on the tape, against a bare session of ONNX Runtime on the exported bytes.</summary>
[TestClass]
public sealed class TrainerEqualityTests
{
    private static readonly MLContext Context = new(1);

    public static IEnumerable<object[]> Cells => Enum.GetValues<RecurrentCell>().Select(cell => new object[] { cell });

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Regression_agrees(RecurrentCell cell)
    {
        var model = Context.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { Cell = cell, HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Seed = 1,
        })
            .Fit(Context.Data.LoadFromEnumerable(Sums(200, 1))).Model;
        Compare(model, _ => new RegressionHead(default, new Moments(1)));
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Binary_agrees(RecurrentCell cell)
    {
        var model = Context.BinaryClassification.Trainers.RecurrentNetwork(new()
        {
            Network = { Cell = cell, HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Seed = 1,
        })
            .Fit(Context.Data.LoadFromEnumerable(Firsts(200, 1))).Model;
        Compare(model, _ => new BinaryHead());
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Multiclass_agrees_on_tokens(RecurrentCell cell)
    {
        var pipeline = Context.Transforms.Conversion.MapValueToKey("Words").Append(Context.Transforms.Conversion.MapValueToKey("Class"))
            .Append(Context.MulticlassClassification.Trainers
            .RecurrentNetwork(new()
            {
                LabelColumnName = "Class",
                FeatureColumnName = "Words",
                Network = { Cell = cell, HiddenSize = 8 },
                Stopping = { MaximumNumberOfEpochs = 2 },
                Seed = 1,
            }));
        var model = pipeline.Fit(Context.Data.LoadFromEnumerable(Words(200, 1))).LastTransformer.Model;
        Compare(model, _ => new MulticlassHead(model.Description.Outputs));
    }

    public static IEnumerable<object[]> Forecasters =>
        from cell in Enum.GetValues<RecurrentCell>()
        from normalization in Enum.GetValues<WindowNormalization>()
        from bounds in new[] { false, true }
        select new object[] { cell, normalization, bounds };

    [TestMethod]
    [DynamicData(nameof(Forecasters))]
    public void Forecasting_agrees(RecurrentCell cell, WindowNormalization normalization, bool bounds)
    {
        var rows = Enumerable.Range(0, 200).Select(i => new SeriesRow { Value = [2 + MathF.Sin(i / 5f), MathF.Cos(i / 7f)] });
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = { InputColumnName = "Value", WindowSize = 12 },
            Horizon = 4,
            Network = { Cell = cell, HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
            Normalization = { Window = normalization, SeasonLength = bounds ? 3 : 0 },
            Output = { ConfidenceLowerBoundColumn = bounds ? "Lower" : null, ConfidenceUpperBoundColumn = bounds ? "Upper" : null, ConfidenceLevel = 0.5f },
        }).Fit(Context.Data.LoadFromEnumerable(rows)).Model;
        Compare(model, network => new PointForecastHead(default, ForecastHeadOptions.Create(model.Manifest.Forecast!), network), 3e-5f);
    }

    public static IEnumerable<object[]> Likelihoods =>
        from likelihood in Enum.GetValues<LikelihoodName>().Except([LikelihoodName.Point, LikelihoodName.NegativeBinomial])
        from normalization in Enum.GetValues<WindowNormalization>()
        from bounds in new[] { false, true }
        select new object[] { likelihood, normalization, bounds };

    [TestMethod]
    [DynamicData(nameof(Likelihoods))]
    public void Distributions_agree(LikelihoodName likelihood, WindowNormalization normalization, bool bounds)
    {
        var rows = Enumerable.Range(0, 200).Select(i => new SeriesRow { Value = [2 + MathF.Sin(i / 5f), MathF.Cos(i / 7f)] });
        var deviation = likelihood is not LikelihoodName.Quantiles;
        double[] levels = [0.1, 0.8];
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = { InputColumnName = "Value", WindowSize = 12 },
            Horizon = 4,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
            Normalization = { Window = normalization, SeasonLength = bounds ? 0 : 6 },
            Likelihood = likelihood.ToOption(),
            Output =
            {
                ConfidenceLevel = 0.9f, ConfidenceLowerBoundColumn = bounds ? "Lower" : null, ConfidenceUpperBoundColumn = bounds ? "Upper" : null,
                QuantileColumnNames = levels.ToDictionary(level => level, level => $"q{level}"), StandardDeviationColumnName = deviation ? "Deviation" : null,
            },
        }).Fit(Context.Data.LoadFromEnumerable(rows)).Model;
        Compare(model, network => ForecastHead.Create(likelihood.Create(levels, bounds ? 0.9f : null), default, levels, deviation,
            ForecastHeadOptions.Create(model.Manifest.Forecast!), network));
    }

    public static IEnumerable<object[]> Decoders =>
        from strategy in new[] { ForecastStrategy.Recursive, ForecastStrategy.EncoderDecoder }
        from cell in Enum.GetValues<RecurrentCell>()
        from likelihood in Enum.GetValues<LikelihoodName>().Except([LikelihoodName.NegativeBinomial])
        from normalization in Enum.GetValues<WindowNormalization>()
        select new object[] { strategy, cell, likelihood, normalization };

    [TestMethod]
    [DynamicData(nameof(Decoders))]
    public void Forecasts_step_by_step_agree(ForecastStrategy strategy, RecurrentCell cell, LikelihoodName likelihood, WindowNormalization normalization)
    {
        var rows = Enumerable.Range(0, 120).Select(i => new SeriesRow { Value = [2 + MathF.Sin(i / 5f), MathF.Cos(i / 7f)] });
        var season = cell is RecurrentCell.Gru ? 3 : 0;
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = { InputColumnName = "Value", WindowSize = 12 },
            Horizon = 5,
            Network = { Cell = cell, HiddenSize = 8, Bidirectional = strategy is ForecastStrategy.EncoderDecoder && cell is RecurrentCell.Lstm },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
            Normalization = { Window = normalization, SeasonLength = season },
            Likelihood = likelihood.ToOption(),
            Decoding =
            {
                Strategy = strategy, Attention = strategy is ForecastStrategy.EncoderDecoder && cell is RecurrentCell.Gru ? AttentionForm.General : null,
                TeacherForcing = cell is RecurrentCell.SimpleRnn ? TeacherForcing.Constant(0.5f) : null,
            },
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.5f },
        }).Fit(Context.Data.LoadFromEnumerable(rows)).Model;
        var shape = ForecastHeadOptions.Create(model.Manifest.Forecast!);
        Compare(model, network => ForecastHead.Create(likelihood.Create([], shape.Bounds ? 0.5f : null), default, [], false, shape, network), 3e-5f);
    }

    internal static void Compare(RecurrentModel model, Func<Network, Head> createHead, float tolerance = 1e-5f)
    {
        using var network = model.ToNetwork();
        var head = createHead(network);
        foreach (var parameter in head.Parameters) model.HeadParameter(parameter.Name).CopyTo(parameter.Value.Span);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        foreach (var size in new[] { 1, 7, 256 })
        {
            var rows = TestRows.Random(model.Description, size);
            using var tape = new Tape { Recording = false };
            using var batch = rows.ToBatch(model.Description);
            var expected = head.Predict(tape, network.Forward(tape, batch));
            var actual = TestModels.RunBare(session, model.Manifest, rows);
            Assert.HasCount(model.Manifest.Outputs.Length, expected);
            Assert.HasCount(model.Manifest.Outputs.Length, actual);
            for (var i = 0; i < actual.Length; i++)
                TestModels.AssertClose(expected[i].Span.ToArray(), actual[i], $"{model.Manifest.Outputs[i].Name} of {size} rows", tolerance);
        }
    }

    private sealed class SeriesRow
    {
        [VectorType(2)]
        public float[] Value { get; set; } = [];
    }
}
