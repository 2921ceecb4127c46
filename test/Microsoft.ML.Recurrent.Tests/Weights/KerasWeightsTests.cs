using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Weights;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>
/// Files with the layouts of Keras 3 and Keras 2: each parameter comes back. That these layouts are Keras' own, <see cref="PublicKerasTests"/> shows.
/// </summary>
[TestClass]
public sealed class KerasWeightsTests
{
    private static readonly int[] s_lstm = [0, 1, 2, 3], s_gru = [1, 0, 2], s_simple = [0];

    private readonly MLContext _ml = new(seed: 1);
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Every_layer_of_Keras_3_is_read(bool archive)
    {
        var layers = SequenceNetwork.Create().Convolution(4, 3, padding: ConvolutionPadding.Causal).BatchNorm().Lstm(3, bidirectional: true).Gru(5)
            .Gru(2, new RecurrentLayerOptions { ResetAfter = false }).SimpleRnn(3).LayerNorm().Dense(4);
        using var network = Network(layers);
        // With one bias a simple RNN, an LSTM and a GRU with the reset gate before the product have no second one.
        foreach (var name in new[] { "lstm_1.bias_hh", "lstm_1.bias_hh_reverse", "gru_2.bias_hh", "rnn_1.bias_hh" }) network[name].Value.Span.Clear();
        var file = new KerasFile(network)
            .Convolution("layers/conv1d/vars/0", "convolution_1.weight").Vector("layers/conv1d/vars/1", "convolution_1.bias")
            .Vector("layers/batch_normalization/vars/0", "batch_norm_1.weight").Vector("layers/batch_normalization/vars/1", "batch_norm_1.bias")
            .Vector("layers/batch_normalization/vars/2", "batch_norm_1.running_mean").Vector("layers/batch_normalization/vars/3", "batch_norm_1.running_var")
            .Kernel("layers/bidirectional/forward_layer/cell/vars/0", "lstm_1.weight_ih", s_lstm)
            .Kernel("layers/bidirectional/forward_layer/cell/vars/1", "lstm_1.weight_hh", s_lstm)
            .Biases("layers/bidirectional/forward_layer/cell/vars/2", s_lstm, "lstm_1.bias_ih")
            .Kernel("layers/bidirectional/backward_layer/cell/vars/0", "lstm_1.weight_ih_reverse", s_lstm)
            .Kernel("layers/bidirectional/backward_layer/cell/vars/1", "lstm_1.weight_hh_reverse", s_lstm)
            .Biases("layers/bidirectional/backward_layer/cell/vars/2", s_lstm, "lstm_1.bias_ih_reverse")
            .Kernel("layers/gru/cell/vars/0", "gru_1.weight_ih", s_gru).Kernel("layers/gru/cell/vars/1", "gru_1.weight_hh", s_gru)
            .Biases("layers/gru/cell/vars/2", s_gru, "gru_1.bias_ih", "gru_1.bias_hh")
            .Kernel("layers/gru_1/cell/vars/0", "gru_2.weight_ih", s_gru).Kernel("layers/gru_1/cell/vars/1", "gru_2.weight_hh", s_gru)
            .Biases("layers/gru_1/cell/vars/2", s_gru, "gru_2.bias_ih")
            .Kernel("layers/simple_rnn/cell/vars/0", "rnn_1.weight_ih", s_simple).Kernel("layers/simple_rnn/cell/vars/1", "rnn_1.weight_hh", s_simple)
            .Biases("layers/simple_rnn/cell/vars/2", s_simple, "rnn_1.bias_ih")
            .Vector("layers/layer_normalization/vars/0", "layer_norm_1.weight").Vector("layers/layer_normalization/vars/1", "layer_norm_1.bias")
            .Kernel("layers/dense/vars/0", "dense_1.weight").Vector("layers/dense/vars/1", "dense_1.bias")
            .Kernel("layers/time_distributed/layer/vars/0", "head.weight").Vector("layers/time_distributed/layer/vars/1", "head.bias")
            .Other("layers/dropout/seed_generator/vars/0", new uint[] { 1, 2 }).Other("optimizer/vars/1", new float[4, 3]);
        var path = archive ? file.WriteArchive(Path.Combine(_folder, "model.keras"), Config) : file.Write(Path.Combine(_folder, "model.weights.h5"));
        var read = _ml.Model.LoadRecurrentWeights(path, layers);
        Same(network, read);
        Assert.AreEqual(archive ? 0.01f : 1e-3f, read.Description.Layers.OfType<BatchNormDescription>().Single().Epsilon);
        Assert.AreEqual(archive ? 1e-4f : 1e-3f, read.Description.Layers.OfType<LayerNormDescription>().Single().Epsilon);
        Assert.AreEqual(archive ? ModelTask.Multiclass : ModelTask.Foreign, read.Manifest.Task);
    }

    [TestMethod]
    public void Files_of_Keras_2_are_read()
    {
        var layers = SequenceNetwork.Create().Embedding(3).Gru(4, bidirectional: true);
        using var network = Network(layers, vocabulary: 9);
        var path = new KerasFile(network)
            .Table("model_weights/embedding/embedding/embeddings:0", "embedding_1.weight")
            .Kernel("model_weights/bidirectional/bidirectional/forward_gru/gru_cell_1/kernel:0", "gru_1.weight_ih", s_gru)
            .Kernel("model_weights/bidirectional/bidirectional/forward_gru/gru_cell_1/recurrent_kernel:0", "gru_1.weight_hh", s_gru)
            .Biases("model_weights/bidirectional/bidirectional/forward_gru/gru_cell_1/bias:0", s_gru, "gru_1.bias_ih", "gru_1.bias_hh")
            .Kernel("model_weights/bidirectional/bidirectional/backward_gru/gru_cell_2/kernel:0", "gru_1.weight_ih_reverse", s_gru)
            .Kernel("model_weights/bidirectional/bidirectional/backward_gru/gru_cell_2/recurrent_kernel:0", "gru_1.weight_hh_reverse", s_gru)
            .Biases("model_weights/bidirectional/bidirectional/backward_gru/gru_cell_2/bias:0", s_gru, "gru_1.bias_ih_reverse", "gru_1.bias_hh_reverse")
            .Kernel("model_weights/dense/dense/kernel:0", "head.weight").Vector("model_weights/dense/dense/bias:0", "head.bias")
            .Other("optimizer_weights/Adam/m:0", new float[4]).Write(Path.Combine(_folder, "model.h5"));
        Same(network, _ml.Model.LoadRecurrentWeights(path, layers));
    }

    [TestMethod]
    [DataRow("\"activation\": \"tanh\"", "\"activation\": \"relu\"", "activation = relu")]
    [DataRow("\"recurrent_activation\": \"sigmoid\"", "\"recurrent_activation\": \"hard_sigmoid\"", "hard_sigmoid")]
    [DataRow("\"go_backwards\": false", "\"go_backwards\": true", "go_backwards")]
    [DataRow("\"class_name\": \"LSTM\"", "\"class_name\": \"ConvLSTM1D\"", "ConvLSTM1D")]
    [DataRow("\"activation\": \"linear\"", "\"activation\": \"relu\"", "relu")]
    public void A_configuration_that_computes_something_else_is_refused(string setting, string changed, string reason)
    {
        const string Plain = """
            {"class_name": "Sequential", "config": {"layers": [
                {"class_name": "Bidirectional", "config": {"layer": {"class_name": "LSTM", "config":
                    {"activation": "tanh", "recurrent_activation": "sigmoid", "go_backwards": false}}}},
                {"class_name": "Dense", "config": {"activation": "linear"}}]}}
            """;
        var layers = SequenceNetwork.Create().Lstm(2);
        using var network = Network(layers);
        network["lstm_1.bias_hh"].Value.Span.Clear();
        var file = new KerasFile(network).Kernel("layers/bidirectional/cell/vars/0", "lstm_1.weight_ih")
            .Kernel("layers/bidirectional/cell/vars/1", "lstm_1.weight_hh")
            .Vector("layers/bidirectional/cell/vars/2", "lstm_1.bias_ih").Kernel("layers/dense/vars/0", "head.weight").Vector("layers/dense/vars/1",
                "head.bias");
        Same(network, _ml.Model.LoadRecurrentWeights(file.WriteArchive(Path.Combine(_folder, "plain.keras"), Plain), layers));
        var path = file.WriteArchive(Path.Combine(_folder, "changed.keras"), Plain.Replace(setting, changed, StringComparison.Ordinal));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.Model.LoadRecurrentWeights(path, layers)).Message, reason);
    }

    [TestMethod]
    [DataRow("layers/")]
    [DataRow("_layer_checkpoint_dependencies/")]
    public void Layers_have_the_order_of_the_configuration(string folder)
    {
        // Eleven layers of equal shapes, whose groups are sorted as dense, dense_1, dense_10, dense_2 ...; classes in between are counted by themselves.
        var layers = SequenceNetwork.Create().SimpleRnn(3);
        for (var i = 0; i < 11; i++) layers = layers.Dense(3);
        using var network = Network(layers);
        network["rnn_1.bias_hh"].Value.Span.Clear();
        var file = new KerasFile(network).Kernel(folder + "simple_rnn/cell/vars/0", "rnn_1.weight_ih")
            .Kernel(folder + "simple_rnn/cell/vars/1", "rnn_1.weight_hh")
            .Vector(folder + "simple_rnn/cell/vars/2", "rnn_1.bias_ih").Kernel(folder + "dense_11/vars/0", "head.weight").Vector(folder + "dense_11/vars/1",
                "head.bias");
        for (var i = 0; i < 11; i++)
            file.Kernel($"{folder}dense{(i == 0 ? "" : $"_{i}")}/vars/0", $"dense_{i + 1}.weight").Vector($"{folder}dense{(i == 0 ? "" : $"_{i}")}/vars/1",
                $"dense_{i + 1}.bias");
        var dense = string.Concat(Enumerable.Repeat("""{"class_name": "Dense", "config": {"activation": "relu"}},""", 11));
        var config = $$$"""
            {"class_name": "Sequential", "config": {"layers": [{"class_name": "SimpleRNN", "config": {"activation": "tanh"}},
                {"class_name": "Dropout", "config": {}},
                {{{dense}}} {"class_name": "Dense", "config": {"activation": "linear"}}]}}
            """;
        Same(network, _ml.Model.LoadRecurrentWeights(file.WriteArchive(Path.Combine(_folder, "model.keras"), config), layers));
        Same(network, _ml.Model.LoadRecurrentWeights(file.Write(Path.Combine(_folder, "model.weights.h5")), layers));
    }

    [TestMethod]
    public void A_GRU_with_its_reset_gate_elsewhere_does_not_fit()
    {
        using var network = Network(SequenceNetwork.Create().Gru(2));
        var path = new KerasFile(network).Kernel("layers/gru/cell/vars/0", "gru_1.weight_ih", s_gru).Kernel("layers/gru/cell/vars/1", "gru_1.weight_hh", s_gru)
            .Biases("layers/gru/cell/vars/2", s_gru, "gru_1.bias_ih").Kernel("layers/dense/vars/0", "head.weight").Vector("layers/dense/vars/1", "head.bias")
            .Write(Path.Combine(_folder, "model.weights.h5"));
        var error = Assert.ThrowsExactly<ArgumentException>(() => _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Gru(2)));
        StringAssert.Contains(error.Message, "layers/gru/cell/vars/2 [6]");
        _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Gru(2, new RecurrentLayerOptions { ResetAfter = false }));
    }

    [TestMethod]
    public void Truncated_and_changed_files_are_told()
    {
        using var network = Network(SequenceNetwork.Create().Gru(2));
        var path = new KerasFile(network).Kernel("layers/gru/cell/vars/0", "gru_1.weight_ih", s_gru).Kernel("layers/gru/cell/vars/1", "gru_1.weight_hh", s_gru)
            .Biases("layers/gru/cell/vars/2", s_gru, "gru_1.bias_ih").Write(Path.Combine(_folder, "model.weights.h5"));
        var bytes = File.ReadAllBytes(path);
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var changed = i % 2 == 0 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
            for (var k = 0; i % 2 == 1 && k < 3; k++) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, changed);
            try
            {
                using var file = WeightsReader.Open(path);
                foreach (var tensor in file.Tensors.Where(tensor => tensor.IsNumbers)) tensor.Read();
            }
            catch (InvalidDataException error)
            {
                StringAssert.Contains(error.Message, "model.weights.h5");
            }
        }
    }

    private const string Config = """
        {"class_name": "Sequential", "config": {"layers": [
            {"class_name": "InputLayer", "config": {"name": "input"}},
            {"class_name": "Conv1D", "config": {"name": "a"}},
            {"class_name": "BatchNormalization", "config": {"name": "b", "epsilon": 0.01}},
            {"class_name": "Bidirectional", "config": {"name": "c", "layer": {"class_name": "LSTM", "config": {"activation": "tanh"}}}},
            {"class_name": "GRU", "config": {"name": "d", "reset_after": true}},
            {"class_name": "GRU", "config": {"name": "e", "reset_after": false}},
            {"class_name": "SimpleRNN", "config": {"name": "f", "activation": "tanh"}},
            {"class_name": "LayerNormalization", "config": {"name": "g", "epsilon": 0.0001}},
            {"class_name": "Dense", "config": {"name": "h", "activation": "relu"}},
            {"class_name": "TimeDistributed", "config": {"name": "i", "layer": {"class_name": "Dense", "config": {"activation": "softmax"}}}}
        ]}}
        """;

    private static Network Network(SequenceNetwork layers, int vocabulary = 0) => TestModels.Network(new()
    {
        Features = vocabulary > 0 ? 0 : 3, Vocabulary = vocabulary, Standardize = false, Layers = layers.Layers(), Outputs = 2,
    });

    private static void Same(Network expected, RecurrentModel model)
    {
        using var actual = model.ToNetwork();
        foreach (var parameter in actual.Parameters)
            CollectionAssert.AreEqual(expected[parameter.Name].Value.Span.ToArray(), parameter.Value.Span.ToArray(), parameter.Name);
    }
}
