using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>Every file of ../shared/weights, which the frameworks wrote themselves: the network of ours answers as the module did.</summary>
[TestClass]
public sealed class FrameworkWeightsTests
{
    private readonly MLContext _ml = new(seed: 1);

    private static SequenceNetwork Network(string name) => name switch
    {
        "lstm_tagger" => SequenceNetwork.Create().Embedding(6).Lstm(5, bidirectional: true).Lstm(5, bidirectional: true),
        "gru_regressor" or "checkpoint_with_more" => SequenceNetwork.Create().Gru(7),
        "relu_rnn_regressor" => SequenceNetwork.Create().SimpleRnn(7, activation: RecurrentActivation.Relu),
        "projected_lstm_regressor" => SequenceNetwork.Create().Lstm(7, new RecurrentLayerOptions { Projection = 4 }),
        "gru_cell_norm" => SequenceNetwork.Create().Gru(5).LayerNorm(),
        _ => SequenceNetwork.Create().Lstm(5, bidirectional: true).Lstm(5, bidirectional: true).Pool(SequencePooling.Last, reverseAtLastStep: true),
    };

    [TestMethod]
    [DataRow("lstm_tagger")]
    [DataRow("gru_regressor")]
    [DataRow("relu_rnn_regressor")]
    [DataRow("projected_lstm_regressor")]
    [DataRow("gru_cell_norm")]
    public void A_state_dict_of_PyTorch_answers_as_the_module(string name)
    {
        var known = Case("pytorch.json", name);
        var options = new RecurrentWeightsOptions { OutputPerStep = name == "lstm_tagger" };
        var model = _ml.Model.LoadRecurrentWeights(SharedFolder.Find("weights", name + ".pt"), Network(name), options);
        var (input, shape) = Flatten(known.GetProperty("input"));
        var (output, _) = Flatten(known.GetProperty("output"));
        Answers.AreClose(output, Answers.Of(model, shape.Length == 2 ? Array.ConvertAll(input, value => (long)value) : input, shape));
    }

    [TestMethod]
    [DataRow("lstm2bi.dat")]
    [DataRow("lstm2bi.safetensors")]
    [DataRow("lstm2bi_bridge.pt")]
    public void Files_of_TorchSharp_answer_as_the_module(string file)
    {
        var known = Case("torchsharp.json", "lstm2bi");
        var model = _ml.Model.LoadRecurrentWeights(SharedFolder.Find("weights", file), Network(file));
        long[] shape = [.. known.GetProperty("inputShape").EnumerateArray().Select(size => size.GetInt64())];
        Answers.AreClose(Flatten(known.GetProperty("output")).Values, Answers.Of(model, Flatten(known.GetProperty("input")).Values, shape));
    }

    [TestMethod]
    public void A_checkpoint_has_its_state_dict_under_a_key()
    {
        var path = SharedFolder.Find("weights", "checkpoint_with_more.pt");
        var model = _ml.Model.LoadRecurrentWeights(path, Network("checkpoint_with_more"));
        using var network = model.ToNetwork();
        using var archive = ZipFile.OpenRead(path);
        string[] names = ["gru_1.weight_ih", "gru_1.weight_hh", "gru_1.bias_ih", "gru_1.bias_hh", "head.weight", "head.bias"];
        for (var i = 0; i < names.Length; i++)
        {
            using var stream = archive.GetEntry($"checkpoint_with_more/data/{i}")!.Open();
            using var stored = new MemoryStream();
            stream.CopyTo(stored);
            CollectionAssert.AreEqual(MemoryMarshal.Cast<byte, float>(stored.ToArray()).ToArray(), network[names[i]].Value.Span.ToArray(), names[i]);
        }
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            _ml.Model.LoadRecurrentWeights(path, Network("checkpoint_with_more"), new() { Section = "ema" }));
        StringAssert.Contains(error.Message, "'model'");
    }

    [TestMethod]
    public void The_model_is_trained_further()
    {
        var initial = _ml.Model.LoadRecurrentWeights(SharedFolder.Find("weights", "gru_cell_norm.pt"), Network("gru_cell_norm"));
        var random = new Random(3);
        Row[] rows = [.. Enumerable.Range(0, 64).Select(_ => new Row { Features = [.. Enumerable.Range(0, 12).Select(_ => random.NextSingle())] })];
        foreach (var row in rows) row.Label = row.Features.Sum() / 6;
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var transformer = _ml.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { Initialization = { Model = initial } },
            Stopping = { MaximumNumberOfEpochs = 10 },
            Optimizer = { LearningRate = 0.02f },
            Seed = 1,
        }).Fit(data);
        Assert.AreEqual(5, ((Recurrent.Layers.RecurrentDescription)transformer.Model.Description.Layers[0]).HiddenSize);
        NumberAssert.IsGreaterThan(transformer.Model.History.Epochs[^1].Loss, transformer.Model.History.Epochs[0].Loss);
    }

    private static JsonElement Case(string file, string name) =>
        JsonDocument.Parse(File.ReadAllText(SharedFolder.Find("weights", file))).RootElement.GetProperty("cases").GetProperty(name);

    private static (float[] Values, long[] Shape) Flatten(JsonElement nested)
    {
        var shape = new List<long>();
        for (var at = nested; at.ValueKind is JsonValueKind.Array; at = at[0]) shape.Add(at.GetArrayLength());
        var values = new List<float>();
        Add(nested);
        return ([.. values], [.. shape]);

        void Add(JsonElement element)
        {
            if (element.ValueKind is JsonValueKind.Number) values.Add(element.GetSingle());
            else foreach (var inner in element.EnumerateArray()) Add(inner);
        }
    }

    private sealed class Row
    {
        [VectorType(4, 3)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
