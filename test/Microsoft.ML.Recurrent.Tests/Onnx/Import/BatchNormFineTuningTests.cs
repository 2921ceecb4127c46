using Google.Protobuf;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>
/// A model with batch normalization is trained further: its running statistics follow the data only if asked, or if they are of this library.
/// </summary>
[TestClass]
public sealed class BatchNormFineTuningTests
{
    private const int Time = 6, Features = 3, Hidden = 4, Numbers = Time * Features;

    private static readonly string[] s_statistics = ["batch_norm_1.running_mean", "batch_norm_1.running_var", "batch_norm_2.running_mean"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly Random _random = new(11);

    [TestMethod]
    public void At_a_rate_of_nearly_zero_no_answer_moves()
    {
        var path = Foreign();
        try
        {
            var initial = _ml.Model.LoadRecurrentOnnx(path);
            StringAssert.Contains(initial.Summary(), "batch_norm_1 (BatchNorm, fixed statistics)");
            var data = Data();
            var before = Answers(path, data);

            using var trained = Train(initial, data, 1e-12f);
            TestModels.AssertClose(before, Scores(trained, data), "fixed statistics");
            StringAssert.Contains(trained.Model.Summary(), "batch_norm_2 (BatchNorm, fixed statistics)");

            // With the statistics of these rows, which lie elsewhere, the same weights answer otherwise.
            using var following = Train(initial, data, 1e-12f, updates: true);
            NumberAssert.IsGreaterThan(0.1, before.Zip(Scores(following, data), (a, b) => Math.Abs(a - b)).Max());
            Assert.DoesNotContain("fixed statistics", following.Model.Summary());
            // The choice stays in the model.
            CollectionAssert.AreNotEqual(Statistics(following), Statistics(Train(following.Model, data, 1e-12f)));
            CollectionAssert.AreEqual(Statistics(following), Statistics(Train(following.Model, data, 1e-12f, updates: false)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Weights_learn_and_statistics_stay_in_the_file()
    {
        var path = Foreign();
        try
        {
            var initial = _ml.Model.LoadRecurrentOnnx(path);
            var data = Data();
            using var trained = Train(initial, data, 1e-2f);
            using var network = initial.ToNetwork();
            using var after = trained.Model.ToNetwork();
            CollectionAssert.AreNotEqual(network["batch_norm_1.weight"].Value.Span.ToArray(), after["batch_norm_1.weight"].Value.Span.ToArray());
            foreach (var name in s_statistics) CollectionAssert.AreEqual(network[name].Value.Span.ToArray(), after[name].Value.Span.ToArray(), name);

            using var file = new MemoryStream();
            _ml.Model.Save(trained, data.Schema, file);
            using var loaded = (RecurrentRegressionTransformer)_ml.Model.Load(file, out _);
            Assert.IsTrue(loaded.Model.Description.Layers.OfType<BatchNormDescription>().All(layer => layer.FixedStatistics));
            CollectionAssert.AreEqual(Scores(trained, data), Scores(loaded, data));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Statistics_of_this_library_follow_unless_told_otherwise()
    {
        var data = Data();
        var options = Options(1e-2f);
        options.Network.Custom = SequenceNetwork.Create().BatchNorm().Lstm(Hidden).BatchNorm().Pool(SequencePooling.Last);
        using var first = _ml.Regression.Trainers.RecurrentNetwork(options).Fit(data);
        Assert.DoesNotContain("fixed statistics", first.Model.Summary());
        var other = Data(shift: 3);
        CollectionAssert.AreNotEqual(Statistics(first), Statistics(Train(first.Model, other, 1e-12f)));
        CollectionAssert.AreEqual(Statistics(first), Statistics(Train(first.Model, other, 1e-12f, updates: false)));
    }

    [TestMethod]
    public void Without_such_a_layer_the_option_is_refused()
    {
        var options = Options(1e-2f);
        options.Network.Initialization.UpdateBatchNormStatistics = true;
        Refused();
        using var plain = _ml.Regression.Trainers.RecurrentNetwork(Options(1e-2f)).Fit(Data());
        options.Network.Initialization.Model = plain.Model;
        Refused();

        // A model of another task.
        var own = Options(1e-2f);
        own.Network.Custom = SequenceNetwork.Create().BatchNorm().Lstm(Hidden).Pool(SequencePooling.Last);
        using var norm = _ml.Regression.Trainers.RecurrentNetwork(own).Fit(Data());
        var binary = new RecurrentBinaryTrainer.Options { Network = { Initialization = { Model = norm.Model, UpdateBatchNormStatistics = false } } };
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => _ml.BinaryClassification.Trainers.RecurrentNetwork(binary)).Message,
            "Network.Initialization.UpdateBatchNormStatistics is for a model of the same task");

        void Refused()
        {
            var error = Assert.Throws<ArgumentException>(() => _ml.Regression.Trainers.RecurrentNetwork(options));
            Assert.AreEqual("Network.Initialization.UpdateBatchNormStatistics", error.ParamName);
            StringAssert.Contains(error.Message, "a layer of batch normalization");
        }
    }

    private RecurrentRegressionTransformer Train(RecurrentModel initial, IDataView data, float rate, bool? updates = null)
    {
        var options = Options(rate);
        (options.Network.Initialization.Model, options.Network.Initialization.UpdateBatchNormStatistics) = (initial, updates);
        return _ml.Regression.Trainers.RecurrentNetwork(options).Fit(data);
    }

    private static RecurrentRegressionTrainer.Options Options(float rate) => new()
    {
        Network = { HiddenSize = Hidden },
        Optimizer = { LearningRate = rate },
        Stopping = { MaximumNumberOfEpochs = 3 },
        Seed = 3,
    };

    // ONNX Runtime's answers of the file itself.
    private static float[] Answers(string path, IDataView data)
    {
        float[][] rows = [.. data.GetColumn<float[]>("Features")];
        using var session = new InferenceSession(path);
        using var input = OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row).ToArray(), [rows.Length, Time, Features]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["Features"], [input], ["answer"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] Scores(RecurrentRegressionTransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float>("Score")];

    private static float[] Statistics(RecurrentRegressionTransformer model)
    {
        using var network = model.Model.ToNetwork();
        return [.. s_statistics.SelectMany(name => network[name].Value.Span.ToArray())];
    }

    private IDataView Data(float shift = 1.5f) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 80).Select(_ => new Row
    {
        Features = [.. Enumerable.Range(0, Numbers).Select(_ => 2 * _random.NextSingle() + shift)],
        Label = _random.NextSingle(),
    }).ToArray());

    // [batch, features, time] normalized, to an LSTM, its last step normalized, to a linear layer.
    private string Foreign()
    {
        var graph = new OnnxModelBuilder(17, "batch norm", ["Features", "answer"]);
        graph.Input("Features", OnnxType.Single, "batch", Time, Features);
        var x = Norm(graph.Transpose("Features", 0, 2, 1), "first", Features);
        var lstm = graph.Nodes("LSTM", [graph.Transpose(x, 2, 0, 1), Weights("W", 1, 4 * Hidden, Features), Weights("R", 1, 4 * Hidden, Hidden),
            Weights("B", 1, 8 * Hidden)], 2, ("hidden_size", (long)Hidden));
        var last = Norm(graph.Squeeze(lstm[1], 0), "last", Hidden);
        graph.Output("answer", graph.Gemm(last, Weights("head", 1, Hidden), Weights("head_bias", 1)), OnnxType.Single, "batch", 1);
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, graph.Model.ToByteArray());
        return path;

        string Norm(string input, string name, long size) => graph.Node("BatchNormalization", [input, Weights(name + "_gain", size),
            Weights(name + "_shift", size), Weights(name + "_mean", size),
            graph.Parameter(name + "_variance", Enumerable.Repeat(0.7f, (int)size).ToArray(), size)]);

        string Weights(string name, params long[] shape) => graph.Parameter(name,
            [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => _random.NextSingle() - 0.3f)], shape);
    }

    private sealed class Row
    {
        [VectorType(Time, BatchNormFineTuningTests.Features)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
