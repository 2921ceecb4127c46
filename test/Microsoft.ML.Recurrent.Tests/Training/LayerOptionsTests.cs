using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Tests.Onnx;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>
/// Options of recurrent layers beyond their size: that they reach the layers of every task, are learned with, saved, and answer alike on the tape and in the
/// exported graph.
/// </summary>
[TestClass]
public sealed class LayerOptionsTests
{
    private static readonly MLContext Context = new(1);

    private static readonly Dictionary<string, Action<RecurrentTrainerOptions>> s_forms = new()
    {
        ["dropout of inputs and state"] = options => (options.Network.Cell, options.Network.Regularization.InputDropoutRate,
            options.Network.Regularization.RecurrentDropoutRate) = (RecurrentCell.Gru, 0.1f, 0.2f),
        ["zoneout"] = options => (options.Network.Cell, options.Network.Regularization.ZoneoutRate) = (RecurrentCell.SimpleRnn, 0.1f),
        ["zoneout of the memory"] = options => (options.Network.Regularization.ZoneoutRate, options.Network.Regularization.CellZoneoutRate) = (0.05f, 0.3f),
        ["projection"] = options => (options.Network.ProjectionSize, options.Network.NumberOfLayers, options.Network.ResidualConnections) = (5, 2, true),
        ["normalization between layers"] =
            options => (options.Network.Cell, options.Network.LayerNormalization, options.Network.NumberOfLayers, options.Network.Regularization.DropoutRate) =
            (RecurrentCell.Gru, LayerNormalizationPlace.BetweenLayers, 2, 0.1f),
        ["normalization inside"] = options => options.Network.LayerNormalization = LayerNormalizationPlace.InsideCell,
        ["residual"] = options => (options.Network.Cell, options.Network.NumberOfLayers, options.Network.ResidualConnections, options.Network.Activation) =
            (RecurrentCell.SimpleRnn, 3, true, RecurrentActivation.Sigmoid),
    };

    public static IEnumerable<object[]> Forms => s_forms.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> Strategies =>
        from form in s_forms.Keys from strategy in Enum.GetValues<ForecastStrategy>() select new object[] { form, strategy };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Regression_learns_saves_and_exports(string form)
    {
        var options = Set(new RecurrentRegressionTrainer.Options
        {
            Network = { HiddenSize = 16, Bidirectional = true },
            Stopping = { MaximumNumberOfEpochs = 25 },
            Optimizer = { LearningRate = 0.01f },
        },
            form);
        var data = Context.Data.LoadFromEnumerable(Sums(300, 1));
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(data);
        var metrics = Context.Regression.Evaluate(model.Transform(Context.Data.LoadFromEnumerable(Sums(200, 2))));
        NumberAssert.IsGreaterThan(0.65, metrics.RSquared, form);
        TrainerEqualityTests.Compare(model.Model, _ => new RegressionHead(default, new Moments(1)));

        using var file = new MemoryStream();
        Context.Model.Save(model, data.Schema, file);
        var loaded = (RecurrentRegressionTransformer)Context.Model.Load(file, out _);
        CollectionAssert.AreEqual(model.Transform(data).GetColumn<float>("Score").ToArray(), loaded.Transform(data).GetColumn<float>("Score").ToArray());
        Assert.IsTrue(model.Model.Description.Layers.SequenceEqual(loaded.Model.Description.Layers));
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Classifiers_of_tokens_export(string form)
    {
        var options = Set(new RecurrentMulticlassTrainer.Options
        {
            LabelColumnName = "Class",
            FeatureColumnName = "Words",
            Network = { HiddenSize = 8, Pooling = SequencePooling.Mean },
            Stopping = { MaximumNumberOfEpochs = 2 },
        }, form);
        var pipeline = Context.Transforms.Conversion.MapValueToKey("Words").Append(Context.Transforms.Conversion.MapValueToKey("Class"))
            .Append(Context.MulticlassClassification.Trainers.RecurrentNetwork(options));
        var model = pipeline.Fit(Context.Data.LoadFromEnumerable(Words(100, 1))).LastTransformer.Model;
        TrainerEqualityTests.Compare(model, _ => new MulticlassHead(model.Description.Outputs));
    }

    [TestMethod]
    [DynamicData(nameof(Strategies))]
    public void Forecasters_and_their_decoders_export(string form, ForecastStrategy strategy)
    {
        var options = Set(new RecurrentForecastingEstimator.Options
        {
            Input = { InputColumnName = "Value", WindowSize = 12 },
            Horizon = 4,
            Normalization = { SeasonLength = 0 },
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Decoding = { Strategy = strategy },
        }, form);
        var rows = Enumerable.Range(0, 150).Select(i => new Point { Value = 2 + MathF.Sin(i / 5f) });
        using var forecaster = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows));
        // Normalization divides a step of one number that is nearly 0 by its own size, and what comes out is fed on.
        TrainerEqualityTests.Compare(forecaster.Model, network => new PointForecastHead(default, new(12, 4, 1, 0, Bounds: false), network),
            form.StartsWith("norm", StringComparison.Ordinal) ? 5e-4f : 1e-5f);
        if (strategy is not ForecastStrategy.EncoderDecoder) return;

        var network = forecaster.Model.Description;
        LayerDescription[] expected = [.. network.Layers.Where(layer => layer is RecurrentDescription or DropoutDescription or LayerNormDescription)
            .Select(layer => layer with { Name = "decoder_" + layer.Name })];
        CollectionAssert.AreEqual(expected, network.Decoder!.Layers.ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Language_models_export(string form)
    {
        var options = Set(new RecurrentLanguageModelEstimator.Options
        {
            InputColumnName = "Words",
            Network = { HiddenSize = 8 },
            Vocabulary = { EmbeddingSize = form == "projection" ? null : 6, TieWeights = true },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Batches = { StepsPerBatch = 8 },
        }, form);
        var rows = Context.Data.LoadFromEnumerable(Words(120, 1));
        var data = Context.Transforms.Conversion.MapValueToKey("Words").Fit(rows).Transform(rows);
        using var model = Context.Transforms.Text.LanguageModelByRecurrentNetwork(options).Fit(data);
        // Vectors have the state's size where none is given, which a tied head needs.
        Assert.AreEqual(form != "projection", model.Model.Description.Layers.Any(layer => layer is DenseDescription));
        Assert.IsTrue(model.Transform(data).GetColumn<float[]>("LogProbabilities").All(row => row.All(float.IsFinite)));
        using var network = model.Model.ToNetwork();
        var plain = TestModels.Model(network);
        using var stream = new MemoryStream();
        plain.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        var examples = TestRows.Random(network.Description, 7, shortest: 6, longest: 6);
        float[] expected = TestModels.Forward(network, examples)[0], actual = TestModels.RunBare(session, plain.Manifest, examples)[0];
        // Time first in the core, rows first in the graph.
        var words = network.Description.Outputs;
        TestModels.AssertClose([.. Enumerable.Range(0, actual.Length).Select(i => expected[(i / words % 6 * 7 + i / (6 * words)) * words + i % words])], actual,
            form);
    }

    [TestMethod]
    public void They_reach_the_layers()
    {
        var data = Context.Data.LoadFromEnumerable(Sums(40, 1));
        var options = new RecurrentRegressionTrainer.Options
        {
            Network =
            {
                HiddenSize = 6, NumberOfLayers = 2,
                Regularization = { InputDropoutRate = 0.1f, RecurrentDropoutRate = 0.2f, ZoneoutRate = 0.3f, CellZoneoutRate = 0.4f }, ProjectionSize = 3,
                ResidualConnections = true, LayerNormalization = LayerNormalizationPlace.InsideCell,
            },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 3,
        };
        var first = new RecurrentDescription("lstm_1", RecurrentCell.Lstm, 6)
        {
            InputDropout = 0.1f, RecurrentDropout = 0.2f, ZoneoutHidden = 0.3f,
            ZoneoutCell = 0.4f, Projection = 3, LayerNormalization = true
        };
        CollectionAssert.AreEqual(new LayerDescription[] { first, first with { Name = "lstm_2", Residual = true },
            new PoolingDescription("pooling_1", SequencePooling.Last) }, Layers());

        (options.Network.ProjectionSize, options.Network.LayerNormalization, options.Network.Regularization.DropoutRate, options.Network.Bidirectional) =
            (null, LayerNormalizationPlace.BetweenLayers, 0.5f, true);
        first = first with { Projection = 0, LayerNormalization = false, Bidirectional = true };
        CollectionAssert.AreEqual(new LayerDescription[]
        {
            first, new LayerNormDescription("layer_norm_1"), new DropoutDescription("dropout_1", 0.5f), first with { Name = "lstm_2", Residual = true },
            new DropoutDescription("dropout_2", 0.5f),
            new PoolingDescription("pooling_1", SequencePooling.Last), new LayerNormDescription("layer_norm_2"),
        }, Layers());

        // A network of one's own has its own.
        options.Network.Custom = SequenceNetwork.Create().Gru(4);
        CollectionAssert.AreEqual(options.Network.Custom.Layers(), Layers());

        LayerDescription[] Layers()
        {
            using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(data);
            return [.. model.Model.Description.Layers];
        }
    }

    [TestMethod]
    public void What_does_not_go_together_is_named_with_the_remedy()
    {
        Refused("Network.ProjectionSize", "goes with RecurrentCell.Lstm or RecurrentCell.PeepholeLstm",
            new() { Network = { Cell = RecurrentCell.Gru, ProjectionSize = 4 } });
        Refused("Network.ProjectionSize", "less than HiddenSize, which is 8", new() { Network = { HiddenSize = 8, ProjectionSize = 8 } });
        Refused("Network.Regularization.CellZoneoutRate", "use ZoneoutRate",
            new() { Network = { Cell = RecurrentCell.SimpleRnn, Regularization = { CellZoneoutRate = 0.1f } } });
        Refused("Network.LayerNormalization", "normalize BetweenLayers", new()
        {
            Network = { Cell = RecurrentCell.Gru, LayerNormalization = LayerNormalizationPlace.InsideCell },
        });
        Refused("Network.ResidualConnections", "NumberOfLayers is 1", new() { Network = { ResidualConnections = true } });
        // They have no effect beside a network of one's own.
        Context.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { Cell = RecurrentCell.Gru, ProjectionSize = 4, Custom = SequenceNetwork.Create().Gru(4) },
        });

        static void Refused(string parameter, string reason, RecurrentRegressionTrainer.Options options)
        {
            var error = Assert.Throws<ArgumentException>(() => Context.Regression.Trainers.RecurrentNetwork(options));
            Assert.AreEqual(parameter, error.ParamName);
            Assert.Contains(reason, error.Message);
        }
    }

    private static TOptions Set<TOptions>(TOptions options, string form)
        where TOptions : RecurrentTrainerOptions
    {
        s_forms[form](options);
        if (options is RecurrentForecastingEstimator.Options or RecurrentLanguageModelEstimator.Options) options.Network.Bidirectional = false;
        options.Seed = 1;
        return options;
    }

    private sealed class Point
    {
        public float Value { get; set; }
    }
}
