using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Weights;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>Weights that are written are read again, by this library and by PyTorch.</summary>
[TestClass]
public sealed class ExportWeightsTests
{
    private const string Python = "/usr/bin/python3";

    private static readonly Dictionary<string, string> s_names = new() { ["lstm_1"] = "rnn", ["lstm_2"] = "rnn", ["head"] = "out" };

    private readonly MLContext _ml = new(seed: 1);
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    private static SequenceNetwork Stack => SequenceNetwork.Create().Lstm(4, bidirectional: true).Lstm(4, bidirectional: true).LayerNorm().BatchNorm();

    [TestMethod]
    [DataRow(".safetensors", false)]
    [DataRow(".safetensors", true)]
    [DataRow(".pt", false)]
    [DataRow(".pth", true)]
    [DataRow(".onnx", false)]
    public void A_round_trip_answers_the_same(string extension, bool named)
    {
        var model = Model(Stack);
        var path = Path.Combine(_folder, "weights" + extension);
        if (extension == ".onnx") model.ExportToOnnx(path);
        else model.ExportWeights(path, named ? s_names : null);
        var options = new RecurrentWeightsOptions { InputColumnName = "First" };
        var read = _ml.Model.LoadRecurrentWeights(path, Stack, options);
        using var expected = model.ToNetwork();
        using var actual = read.ToNetwork();
        foreach (var parameter in actual.Parameters)
            CollectionAssert.AreEqual(expected[parameter.Name].Value.Span.ToArray(), parameter.Value.Span.ToArray(), parameter.Name);
    }

    [TestMethod]
    [DataRow(".safetensors")]
    [DataRow(".onnx")]
    public void Own_files_pool_after_all_layers_as_the_trainers_do(string extension)
    {
        var path = Path.Combine(_folder, "weights" + extension);
        var layers = SequenceNetwork.Create().Lstm(4, bidirectional: true).Dropout(0.1f).Dense(3);
        var description = new NetworkDescription { Features = 1, Standardize = false, Layers = layers.Layers(), Outputs = 2 };
        var model = TestModels.Model(description);
        if (extension == ".onnx") model.ExportToOnnx(path);
        else model.ExportWeights(path);
        var input = Answers.Random(2 * 5);
        Answers.AreClose(Answers.Of(model, input, 2, 5, 1), Answers.Of(_ml.Model.LoadRecurrentWeights(path, layers), input, 2, 5, 1), 1e-6);
    }

    [TestMethod]
    [DataRow("model.")]
    [DataRow("module._orig_mod.")]
    public void Wrappers_of_a_model_are_passed_over(string prefix)
    {
        var path = Path.Combine(_folder, "weights.safetensors");
        var layers = SequenceNetwork.Create().Gru(4).Dense(4).Dense(4);
        var model = Model(layers);
        model.ExportWeights(path, new[] { "gru_1", "dense_1", "dense_2", "head" }.ToDictionary(name => name, name => prefix + name));
        using var expected = model.ToNetwork();
        using var actual = _ml.Model.LoadRecurrentWeights(path, layers).ToNetwork();
        foreach (var parameter in actual.Parameters)
            CollectionAssert.AreEqual(expected[parameter.Name].Value.Span.ToArray(), parameter.Value.Span.ToArray(), parameter.Name);
    }

    [TestMethod]
    [DataRow(".safetensors")]
    [DataRow(".pt")]
    public void A_trained_regression_keeps_its_units(string extension)
    {
        var random = new Random(3);
        Row[] rows = [.. Enumerable.Range(0, 64).Select(_ => new Row { Features = [.. Enumerable.Range(0, 8).Select(_ => 50 + 9 * random.NextSingle())] })];
        foreach (var row in rows) row.Label = 1000 + row.Features.Sum();
        using var transformer = _ml.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { Custom = SequenceNetwork.Create().Gru(4) }, Stopping = { MaximumNumberOfEpochs = 3 }, Seed = 1,
        }).Fit(_ml.Data.LoadFromEnumerable(rows));
        var path = Path.Combine(_folder, "weights" + extension);
        transformer.Model.ExportWeights(path);
        var read = _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Gru(4));
        var input = rows[0].Features;
        var expected = Answers.Of(transformer.Model, input, 1, 4, 2);
        NumberAssert.IsGreaterThan(1000f, expected[0]);
        Answers.AreClose(expected, Answers.Of(read, input, 1, 4, 2), 1e-2);
    }

    [TestMethod]
    public void Both_sides_of_a_mismatch_are_listed()
    {
        var path = Path.Combine(_folder, "weights.pt");
        Model(Stack).ExportWeights(path, s_names);
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Lstm(4, bidirectional: true).Gru(6)));
        Assert.AreEqual("network", error.ParamName);
        StringAssert.Contains(error.Message, "gru_1.weight_ih [18, 8]");
        StringAssert.Contains(error.Message, "rnn.weight_hh_l1_reverse [16, 4]");
        StringAssert.Contains(error.Message, "Names");
        var part = _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Lstm(4, bidirectional: true), new() { IgnoreUnusedTensors = true });
        Assert.HasCount(2, part.Description.Layers);
        _ml.Model.LoadRecurrentWeights(path, Stack.Gru(6), new() { IgnoreMissingParameters = true, IgnoreUnusedTensors = true });
    }

    [TestMethod]
    public void Files_without_an_order_need_names_where_shapes_are_equal()
    {
        var path = Path.Combine(_folder, "weights.safetensors");
        var network = SequenceNetwork.Create().Gru(4).Dense(4, name: "b").Dense(4, name: "a");
        Model(network).ExportWeights(path);
        var described = SequenceNetwork.Create().Gru(4).Dense(4).Dense(4);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.Model.LoadRecurrentWeights(path, described)).Message, "Names");
        var options = new RecurrentWeightsOptions { Names = { ["dense_1"] = "b", ["dense_2"] = "a" } };
        using var read = _ml.Model.LoadRecurrentWeights(path, described, options).ToNetwork();
        using var expected = Model(network).ToNetwork();
        CollectionAssert.AreEqual(expected["b.weight"].Value.Span.ToArray(), read["dense_1.weight"].Value.Span.ToArray());
    }

    [TestMethod]
    public void Tensors_of_any_name_and_gate_order_are_mapped()
    {
        // Gates o i f g, under names of its own.
        var path = Path.Combine(_folder, "weights.safetensors");
        var model = Model(SequenceNetwork.Create().Lstm(2));
        using var network = model.ToNetwork();
        float[] Reordered(string name)
        {
            var values = network[name].Value.Span.ToArray();
            var block = values.Length / 4;
            return [.. values[(3 * block)..], .. values[..(3 * block)]];
        }
        using (var file = File.Create(path))
            Recurrent.Weights.Safetensors.SafetensorsWriter.Write(file,
            [
                new("model.cell.W", [8, 3], Reordered("lstm_1.weight_ih")), new("model.cell.U", [8, 2], Reordered("lstm_1.weight_hh")),
                new("model.cell.b", [8], Reordered("lstm_1.bias_ih")), new("model.y.weight", [2, 2], network["head.weight"].Value.Span.ToArray()),
            ]);
        var read = _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Lstm(2), new()
        {
            Prefix = "model.", Gates = { [RecurrentCell.Lstm] = "oifg" },
            Names = { ["lstm_1.weight_ih"] = "cell.W", ["lstm_1.weight_hh"] = "cell.U", ["lstm_1.bias_ih"] = "cell.b", ["head"] = "y" },
        });
        using var actual = read.ToNetwork();
        foreach (var name in new[] { "lstm_1.weight_ih", "lstm_1.weight_hh", "lstm_1.bias_ih", "head.weight" })
            CollectionAssert.AreEqual(network[name].Value.Span.ToArray(), actual[name].Value.Span.ToArray(), name);
        Assert.IsFalse(actual["lstm_1.bias_hh"].Value.Span.ContainsAnyExcept(0f));
        Assert.AreEqual("Gates", Assert.ThrowsExactly<ArgumentException>(() =>
            _ml.Model.LoadRecurrentWeights(path, SequenceNetwork.Create().Lstm(2), new() { Gates = { [RecurrentCell.Lstm] = "ifgg" } })).ParamName);
    }

    [TestMethod]
    public void PyTorch_loads_a_state_dict_and_answers_the_same()
    {
        if (!File.Exists(Python) || Run("-c", "import torch").Code != 0) Assert.Inconclusive("This test needs Debian's python3-torch.");
        var layers = SequenceNetwork.Create().Lstm(4, bidirectional: true).Lstm(4, bidirectional: true).Pool(SequencePooling.Last).LayerNorm();
        var model = Model(layers);
        var path = Path.Combine(_folder, "weights.pt");
        model.ExportWeights(path, new Dictionary<string, string>(s_names) { ["layer_norm_1"] = "norm" });
        var input = Answers.Random(2 * 5 * 3);
        var numbers = string.Join(",", input.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
        var script = $$"""
            import torch, torch.nn as nn
            class Model(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
                    self.norm, self.out = nn.LayerNorm(8), nn.Linear(8, 2)
                def forward(self, x):
                    return self.out(self.norm(torch.cat(list(self.rnn(x)[1][0][-2:]), 1)))
            model = Model()
            print(model.load_state_dict(torch.load(r"{{path}}", weights_only=True)))
            x = torch.tensor([{{numbers}}]).reshape(2, 5, 3)
            print(*["%.9g" % value for value in model.eval()(x).flatten().tolist()])
            """;
        var (code, output) = Run("-c", script);
        Assert.AreEqual(0, code, output);
        var lines = output.Trim().Split('\n');
        StringAssert.Contains(lines[0], "All keys matched");
        float[] expected = [.. lines[1].Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        Answers.AreClose(expected, Answers.Of(_ml.Model.LoadRecurrentWeights(path, layers), input, 2, 5, 3));
        // Without a pooling the last states are those of the last recurrent layer.
        var unpooled = SequenceNetwork.Create().Lstm(4, bidirectional: true).Lstm(4, bidirectional: true).LayerNorm();
        Answers.AreClose(expected, Answers.Of(_ml.Model.LoadRecurrentWeights(path, unpooled), input, 2, 5, 3));
    }

    [TestMethod]
    public void A_file_of_PyTorch_before_1_6_is_read()
    {
        if (!File.Exists(Python) || Run("-c", "import torch").Code != 0) Assert.Inconclusive("This test needs Debian's python3-torch.");
        var path = SharedFolder.Find("weights", "lstm_tagger.pt");
        var old = Path.Combine(_folder, "old.pt");
        var (code, output) = Run("-c", $"""
            import torch
            torch.save(torch.load(r"{path}"), r"{old}", _use_new_zipfile_serialization=False)
            """);
        Assert.AreEqual(0, code, output);
        using Recurrent.Weights.Files.WeightsFile expected = WeightsReader.Open(path), actual = WeightsReader.Open(old);
        for (var i = 0; i < expected.Tensors.Count; i++)
        {
            Assert.AreEqual(expected.Tensors[i].ToString(), actual.Tensors[i].ToString());
            CollectionAssert.AreEqual(expected.Tensors[i].Read(), actual.Tensors[i].Read());
        }
        var bytes = File.ReadAllBytes(old);
        File.WriteAllBytes(old, bytes[..^100]);
        using var truncated = WeightsReader.Open(old);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            foreach (var tensor in truncated.Tensors) tensor.Read();
        }).Message, "truncated");
    }

    [TestMethod]
    public void What_cannot_be_written_is_refused()
    {
        var model = Model(SequenceNetwork.Create().Lstm(2).Dense(2));
        Assert.AreEqual("path", Assert.ThrowsExactly<ArgumentException>(() => model.ExportWeights(Path.Combine(_folder, "x.bin"))).ParamName);
        var path = Path.Combine(_folder, "x.pt");
        Assert.AreEqual("names", Assert.ThrowsExactly<ArgumentException>(() =>
            model.ExportWeights(path, new Dictionary<string, string> { ["gru_1"] = "rnn" })).ParamName);
        Assert.AreEqual("names", Assert.ThrowsExactly<ArgumentException>(() =>
            model.ExportWeights(path, new Dictionary<string, string> { ["dense_1"] = "same", ["head"] = "same" })).ParamName);
        Assert.IsFalse(File.Exists(path));
    }

    private static RecurrentModel Model(SequenceNetwork layers) => TestModels.Model(new NetworkDescription
    {
        Features = 3, Standardize = false, Layers = layers.Layers(), Outputs = 2,
    });

    private static (int Code, string Output) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private sealed class Row
    {
        [VectorType(4, 2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
