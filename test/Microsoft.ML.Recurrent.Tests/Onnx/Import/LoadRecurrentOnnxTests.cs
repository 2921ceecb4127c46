using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

[TestClass]
public sealed class LoadRecurrentOnnxTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("pytorch_torchscript_lstm_2layer_bidirectional", "Score")]
    [DataRow("pytorch_dynamo_gru_lstm_mean_softmax", "Score")]
    [DataRow("keras_bilstm_stacked_softmax", "Score")]
    [DataRow("keras_lstm_last", "Score")]
    public void A_foreign_model_exported_again_answers_the_same(string name, string output)
    {
        var model = _ml.Model.LoadRecurrentOnnx(SharedFolder.Find("onnx-models", name, "model.onnx"));
        StringAssert.Contains(model.Summary(), "head");
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        var input = TensorProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Find("onnx-models", name, "input_0.pb")));
        var x = Recurrent.Onnx.TensorData.Read(input);
        var expected = Recurrent.Onnx.TensorData.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(SharedFolder.Find("onnx-models", name, "output_0.pb"))));
        using var value = OrtValue.CreateTensorValueFromMemory(x.FloatValues!, x.Shape);
        List<string> names = [session.InputNames[0]];
        List<OrtValue> values = [value];
        if (session.InputNames.Count > 1)
        {
            names.Add("sequence_length");
            values.Add(OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(x.Shape[1], (int)x.Shape[0]).ToArray(), [x.Shape[0]]));
        }
        using var options = new RunOptions();
        using var results = session.Run(options, names, values, [output]);
        TestModels.AssertClose(expected.FloatValues!, results[0].GetTensorDataAsSpan<float>().ToArray(), name);
    }

    [TestMethod]
    [DataRow("pytorch_torchscript_lstm_last", "lstm_1")]
    [DataRow("keras_gru_reset_after", "gru_1")]
    [DataRow("pytorch_dynamo_rnn_last", "rnn_1")]
    public void A_foreign_model_is_trained_further(string name, string layer)
    {
        var initial = _ml.Model.LoadRecurrentOnnx(SharedFolder.Find("onnx-models", name, "model.onnx"));
        var random = new Random(4);
        // Three classes told apart by which of three features stands out.
        Row[] rows = [.. Enumerable.Range(0, 300).Select(i => new Row
        {
            Features = [.. Enumerable.Range(0, 35).Select(at => random.NextSingle() - 0.5f + (at % 5 == i % 3 ? 1.5f : 0))],
            Label = "abc"[i % 3].ToString(),
        })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.RecurrentNetwork(new()
        {
            Network = { Initialization = { Model = initial, FrozenLayers = [layer] } },
            Stopping = { MaximumNumberOfEpochs = 20 },
            Optimizer = { LearningRate = 0.02f },
            Seed = 3,
        }));
        var transformer = pipeline.Fit(data);
        var trained = transformer.LastTransformer.Model;
        var metrics = _ml.MulticlassClassification.Evaluate(transformer.Transform(data));
        NumberAssert.IsGreaterThan(0.8, metrics.MicroAccuracy);
        using Network before = initial.ToNetwork(), after = trained.ToNetwork();
        CollectionAssert.AreEqual(before[layer + ".weight_hh"].Value.Span.ToArray(), after[layer + ".weight_hh"].Value.Span.ToArray());
        CollectionAssert.AreNotEqual(before["head.weight"].Value.Span.ToArray(), after["head.weight"].Value.Span.ToArray());
    }

    [TestMethod]
    public void Our_own_file_is_read_whole()
    {
        var description = TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 4), new PoolingDescription("pool", SequencePooling.Last)],
            statics: 2);
        var path = Path.GetTempFileName();
        try
        {
            var model = TestModels.Model(description);
            model.ExportToOnnx(path);
            Assert.AreEqual(model.Identity, _ml.Model.LoadRecurrentOnnx(path).Identity);

            var bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(path, bytes);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadRecurrentOnnx(path)).Message, path);
            File.WriteAllText(path, "no model");
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadRecurrentOnnx(path)).Message, path);
            File.WriteAllText(path, "");
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadRecurrentOnnx(path)).Message, path);
        }
        finally
        {
            File.Delete(path);
        }
        Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Model.LoadRecurrentOnnx(path));
    }

    [TestMethod]
    public void A_model_that_is_no_such_network_names_the_file_and_what_stands_in_the_way()
    {
        var path = SharedFolder.Find("onnx-real", "silero_vad_v5.onnx");
        var error = Assert.ThrowsExactly<NotSupportedException>(() => _ml.Model.LoadRecurrentOnnx(path));
        StringAssert.Contains(error.Message, path);
        StringAssert.Contains(error.Message, "'sr'");
        StringAssert.Contains(error.Message, "ApplyRecurrentOnnx");
    }

    private sealed class Row
    {
        [VectorType(7, 5)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
