using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Cells that become loops in the graph: the tape against a bare session, in every opset, and the weights read back.</summary>
[TestClass]
public sealed class LoopExportTests
{
    private static readonly Dictionary<string, LayerDescription[]> s_networks = new()
    {
        ["LSTM with zoneout"] = [Zoneout(RecurrentCell.Lstm), Zoneout(RecurrentCell.Lstm) with { Name = "b", ZoneoutHidden = 0 }, Last()],
        ["GRU with zoneout"] = [Zoneout(RecurrentCell.Gru), Zoneout(RecurrentCell.Gru) with { Name = "b", ResetAfter = false, Bidirectional = true }, Last()],
        ["minimal gated unit with zoneout"] =
            [Zoneout(RecurrentCell.MinimalGated), Zoneout(RecurrentCell.MinimalGated) with { Name = "b", Bidirectional = true }, Last()],
        ["simple network with zoneout"] = [.. Enum.GetValues<RecurrentActivation>()
            .Select(activation => Zoneout(RecurrentCell.SimpleRnn) with { Name = $"rnn_{activation}", Activation = activation }), Last()],
        ["normalised LSTM"] = [Normalised(), Normalised() with { Name = "b" }, Last()],
        ["normalised LSTM in two directions"] = [Normalised() with { Bidirectional = true }, Normalised() with { Name = "b", Bidirectional = true },
            new PoolingDescription("pool", SequencePooling.Mean)],
        ["everything in one cell"] =
            [Normalised() with { Bidirectional = true, ZoneoutHidden = 0.2f, ZoneoutCell = 0.1f, Projection = 3, Merge = BidirectionalMerge.Sum }, Last()],
        ["zoneout with a projection and a residual"] = [Zoneout(RecurrentCell.Lstm) with { Projection = 4 },
            Zoneout(RecurrentCell.Lstm) with { Name = "b", Projection = 4, Residual = true }, Last()],
        ["peepholes with zoneout"] = [Zoneout(RecurrentCell.PeepholeLstm) with { Projection = 3 },
            Zoneout(RecurrentCell.PeepholeLstm) with { Name = "b", Bidirectional = true, ZoneoutCell = 0.2f }, Last()],
        ["coupled gates with zoneout"] = [Zoneout(RecurrentCell.CoupledLstm) with { ZoneoutCell = 0.2f },
            Zoneout(RecurrentCell.CoupledPeepholeLstm) with { Name = "b", Bidirectional = true, ZoneoutCell = 0.1f }, Last()],
        ["normalised coupled gates"] = [Normalised() with { Cell = RecurrentCell.CoupledLstm, Bidirectional = true }, Last()],
        ["dilated"] = [Normalised() with { Dilation = 3 }, Zoneout(RecurrentCell.Gru) with { Dilation = 2, Bidirectional = true }, Last()],
        ["between nodes"] = [new RecurrentDescription("a", RecurrentCell.Gru, 4), Normalised(),
            new RecurrentDescription("c", RecurrentCell.Lstm, 4) { Bidirectional = true }, new AttentionDescription("attention", AttentionForm.Dot)],
    };

    public static IEnumerable<object[]> Names => s_networks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_with_the_tape(string name)
    {
        foreach (var time in new int?[] { null, 7 }) Check(TestModels.Describe(s_networks[name], time: time), [1, 7, 256], OnnxExportOptionsOf(null));
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_in_every_opset(string name)
    {
        for (var opset = 11; opset <= OnnxExportOptions.MaximumOpset; opset++)
            Check(TestModels.Describe(s_networks[name], time: null), [3], OnnxExportOptionsOf(opset));
    }

    [TestMethod]
    public void A_long_sequence_agrees() => Check(TestModels.Describe([Zoneout(RecurrentCell.Lstm), Last()], time: 200), [3], OnnxExportOptionsOf(null));

    [TestMethod]
    public void Nodes_stay_where_they_can_say_the_cell()
    {
        var model = TestModels.Model(TestModels.Describe(s_networks["between nodes"]));
        CollectionAssert.AreEqual(new[] { "GRU", "Scan", "LSTM" },
            ModelProto.Parser.ParseFrom(model.File().Graph.ToArray()).Graph.Node.Select(node => node.OpType)
            .Where(type => type is "GRU" or "Scan" or "LSTM").ToArray());
    }

    [TestMethod]
    [DataRow(RecurrentCell.Lstm, 11)]
    [DataRow(RecurrentCell.Gru, 17)]
    [DataRow(RecurrentCell.SimpleRnn, 22)]
    [DataRow(RecurrentCell.MinimalGated, 22)]
    public void Step_by_step_equals_the_whole_sequence(RecurrentCell cell, int opset)
    {
        var first = Zoneout(cell) with { Name = "a", Projection = cell is RecurrentCell.Lstm ? 3 : 0 };
        var description = TestModels.Describe([first, new RecurrentDescription("b", cell, 4),
            cell is RecurrentCell.Lstm ? Normalised() with { Name = "c" } : Zoneout(cell) with { Name = "c" }, Last()], features: 1);
        using var network = TestModels.Network(description);
        using var file = new MemoryStream();
        TestModels.Model(network).ExportToOnnx(file, new() { Form = OnnxExportForm.SingleStep, Opset = opset });
        using var session = new InferenceSession(file.ToArray());
        string[] states = [.. session.InputNames.Where(name => name != "Features")];
        CollectionAssert.AreEquivalent(cell is RecurrentCell.Lstm ? new[] { "a.h", "a.c", "b.h", "b.c", "c.h", "c.c" } : ["a.h", "b.h", "c.h"], states);

        var rows = TestRows.Random(description, 3);
        var values = states.ToDictionary(name => name, name => new float[3 * session.InputMetadata[name].Dimensions[2]]);
        float[] answer = [];
        using var options = new RunOptions();
        for (var t = 0; t < rows.Time; t++)
        {
            var inputs = values.ToDictionary(state => state.Key, state => OrtValue.CreateTensorValueFromMemory(state.Value, [1, 3, state.Value.Length / 3]));
            inputs.Add("Features", OrtValue.CreateTensorValueFromMemory(rows.Values.Select(row => row[t]).ToArray(), [3, 1, 1]));
            using var results = session.Run(options, inputs, session.OutputNames);
            answer = results[0].GetTensorDataAsSpan<float>().ToArray();
            for (var i = 1; i < results.Count; i++)
                values[session.OutputNames[i].Replace(".next", "", StringComparison.Ordinal)] = results[i].GetTensorDataAsSpan<float>().ToArray();
            foreach (var input in inputs.Values) input.Dispose();
        }
        TestModels.AssertClose(TestModels.Forward(network, rows)[0], answer, $"{cell}");
    }

    /// <summary>Trained, saved, loaded and trained further; whoever trains such a layer is told what it costs.</summary>
    [TestMethod]
    public void A_trainer_tells_that_the_layer_is_a_loop()
    {
        var context = new MLContext(1);
        List<string> messages = [];
        context.Log += (_, message) => messages.Add(message.Message);
        var data = context.Data.LoadFromEnumerable(Training.SequenceTasks.Sums(80, 1));
        RecurrentRegressionTrainer.Options options = new()
        {
            Network =
            {
                Custom = SequenceNetwork.Create().Lstm(6, new RecurrentLayerOptions { LayerNormalization = true })
                .Gru(5, new RecurrentLayerOptions { ZoneoutHidden = 0.1f }).Gru(4).Pool(SequencePooling.Last),
            },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Seed = 1,
        };
        using var model = context.Regression.Trainers.RecurrentNetwork(options).Fit(data);
        string[] told = [.. messages.Where(message => message.Contains("loop", StringComparison.Ordinal))];
        Assert.HasCount(1, told);
        StringAssert.Contains(told[0], "MLR1003: ");
        StringAssert.Contains(told[0], "'lstm_1' has normalization");
        StringAssert.Contains(told[0], "'gru_1' has zoneout");

        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        var loaded = (RecurrentRegressionTransformer)context.Model.Load(file, out _);
        CollectionAssert.AreEqual(model.Transform(data).GetColumn<float>("Score").ToArray(), loaded.Transform(data).GetColumn<float>("Score").ToArray());
        (options.Network.Initialization.Model, options.Network.Custom) = (loaded.Model, null);
        using var further = context.Regression.Trainers.RecurrentNetwork(options).Fit(data);
        NumberAssert.IsLessThan(model.Model.History.Epochs[0].Loss, further.Model.History.Epochs[0].Loss);
    }

    private static OnnxExportOptions? OnnxExportOptionsOf(int? opset) => opset is int version ? new() { Opset = version } : null;

    private static RecurrentDescription Zoneout(RecurrentCell cell) =>
        new($"zone_{cell}", cell, 5) { ZoneoutHidden = 0.3f, ZoneoutCell = cell is RecurrentCell.Lstm ? 0.2f : 0 };

    private static RecurrentDescription Normalised() => new("normalised", RecurrentCell.Lstm, 6) { LayerNormalization = true };

    private static PoolingDescription Last() => new("pool", SequencePooling.Last);

    private static void Check(NetworkDescription description, int[] batchSizes, OnnxExportOptions? options)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        using var session = new InferenceSession(stream.ToArray());
        foreach (var size in batchSizes)
        {
            var rows = TestRows.Random(description, size);
            TestModels.AssertClose(TestModels.Forward(network, rows)[0], TestModels.RunBare(session, model.Manifest, rows)[0],
                $"{size} rows, opset {options?.Opset}");
        }

        using var again = model.ToNetwork();
        foreach (var parameter in network.Parameters)
            CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), again[parameter.Name].Value.Span.ToArray(), parameter.Name);
    }
}
