using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>The greedy graph, and the encoder and step graphs, of decoders of tokens beside the network itself.</summary>
[TestClass]
public sealed class TokenDecoderExportTests
{
    public static IEnumerable<object[]> Names => TokenDecoderModels.Networks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Greedy_texts_are_those_of_the_network(string name)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks[name]);
        var model = TokenDecoderModels.Model(network);
        using var session = new InferenceSession(model.File().Graph.ToArray());
        foreach (var (rows, longest) in new[] { (1, 1), (1, 7), (3, 2), (7, 12), (64, 9) })
            CompareGreedy(network, model, session, Rows(network, rows, longest));
    }

    [TestMethod]
    [DataRow("Lstm 1 General fed")]
    [DataRow("Gru 2 Additive tied")]
    [DataRow("cells that no node is")]
    [DataRow("shortened")]
    [DataRow("limits")]
    public void Greedy_texts_are_the_same_in_every_opset(string name)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks[name]);
        var model = TokenDecoderModels.Model(network);
        for (var opset = 11; opset <= OnnxExportOptions.MaximumOpset; opset++)
        {
            using var stream = new MemoryStream();
            model.ExportToOnnx(stream, new() { Opset = opset });
            using var session = new InferenceSession(stream.ToArray());
            CompareGreedy(network, model, session, Rows(network, 5, 8));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Steps_are_those_of_the_network(string name)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks[name]);
        var model = TokenDecoderModels.Model(network);
        using var sessions = TokenDecoderSessions.Create(model);
        foreach (var (count, longest) in new[] { (1, 1), (4, 7), (9, 12) })
        {
            var rows = Rows(network, count, longest);
            using var beam = new OnnxBeamModel(sessions, TokenDecoderInputs.Create(model.Manifest, rows));
            CompareSteps(network, rows, beam);
        }
    }

    [TestMethod]
    [DataRow("Lstm 1 General fed")]
    [DataRow("Gru 2 Additive tied")]
    [DataRow("cells that no node is")]
    [DataRow("shortened")]
    public void Steps_are_the_same_in_every_opset(string name)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks[name]);
        var (model, rows) = (TokenDecoderModels.Model(network), Rows(network, 4, 6));
        for (var opset = 11; opset <= OnnxExportOptions.MaximumOpset; opset++)
        {
            using var sessions = TokenDecoderSessions.Create(TokenDecoderGraphs.Create(model, opset), $"{name} {opset}");
            using var beam = new OnnxBeamModel(sessions, TokenDecoderInputs.Create(model.Manifest, rows));
            CompareSteps(network, rows, beam);
        }
    }

    [TestMethod]
    [DataRow(OnnxPrecision.HalfWeights, 0.02f)]
    [DataRow(OnnxPrecision.Half, 0.02f)]
    [DataRow(OnnxPrecision.Int8Weights, 0.1f)]
    public void Steps_in_fewer_bits_are_nearly_the_same(OnnxPrecision precision, float tolerance)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks["Lstm 2 General fed"]);
        var (model, rows) = (TokenDecoderModels.Model(network), Rows(network, 4, 6));
        using var sessions = TokenDecoderSessions.Create(TokenDecoderGraphs.Create(model, precision: precision), precision.ToString());
        using var beam = new OnnxBeamModel(sessions, TokenDecoderInputs.Create(model.Manifest, rows));
        CompareSteps(network, rows, beam, tolerance);
    }

    [TestMethod]
    public void What_the_graphs_cannot_be_is_named()
    {
        var description = TokenDecoderModels.Networks["Lstm 1 General fed"];
        var model = TokenDecoderModels.Model(description);
        Assert.Contains("Int8Weights",
            Assert.ThrowsExactly<NotSupportedException>(() => TokenDecoderGraphs.Create(model, precision: OnnxPrecision.Int8)).Message);
        Assert.Contains("no decoder of tokens", Assert.ThrowsExactly<NotSupportedException>(
            () => TokenDecoderGraphs.Create(TestModels.Model(TestModels.Describe([new PoolingDescription("pool", SequencePooling.Last)])))).Message);
        Assert.Contains("writes texts", StepGraph.Refusal(description)!);
        using var network = TestModels.Network(description);
        var manifest = TokenDecoderModels.Manifest(description);
        manifest = manifest with { Inputs = [manifest.Inputs[0] with { Name = TokenDecoderGraphs.Token }] };
        var taken = NetworkExporter.ToModel(network, new PlainHead(description.Outputs), manifest, TestModels.History);
        Assert.Contains("'token'", Assert.ThrowsExactly<ArgumentException>(() => TokenDecoderGraphs.Create(taken)).Message);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void The_network_comes_back_from_the_file(string name)
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks[name]);
        var model = TokenDecoderModels.Model(network);
        var loaded = RecurrentModel.Load(model.File().Graph.ToArray());
        using var back = loaded.ToNetwork();
        Assert.HasCount(network.Parameters.Count, back.Parameters);
        foreach (var parameter in network.Parameters)
            CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), back[parameter.Name].Value.Span.ToArray(), parameter.Name);
        Assert.AreEqual(network.Summary(), loaded.Summary());
        var rows = Rows(network, 3, 5);
        using var batch = rows.ToBatch(network.Description);
        var (first, second) = (TokenDecoding.Greedy(network, batch), TokenDecoding.Greedy(back, batch));
        for (var row = 0; row < first.Length; row++) CollectionAssert.AreEqual(first[row], second[row]);
    }

    [TestMethod]
    [DataRow(OnnxPrecision.HalfWeights)]
    [DataRow(OnnxPrecision.Half)]
    [DataRow(OnnxPrecision.Int8Weights)]
    [DataRow(OnnxPrecision.Int8)]
    public void Fewer_bits_write_nearly_the_same(OnnxPrecision precision)
    {
        var description = TokenDecoderModels.Describe(AttentionForm.General, feeding: true,
            encoder: [new RecurrentDescription("encoder", RecurrentCell.Lstm, 32) { Bidirectional = true }],
            decoder: [new RecurrentDescription("decoder", RecurrentCell.Lstm, 64)]);
        using var network = new Network(description, seed: 3);
        var model = TokenDecoderModels.Model(network);
        using var stream = new MemoryStream();
        var report = model.ExportToOnnx(stream, new() { Precision = precision });
        var error = report.Outputs.Single(output => output.Name == "LogProbability");
        NumberAssert.IsLessThan(0.02 * error.MeanAbsoluteValue, error.MeanAbsoluteError, report.ToString());
        NumberAssert.IsLessThan(0.75, (double)report.FileSize / report.SingleFileSize, report.ToString());
        NumberAssert.IsGreaterThan(0.5, report.Outputs.Single(output => output.Name == "Text").Agreement, report.ToString());
    }

    [TestMethod]
    public void A_row_without_steps_has_no_text()
    {
        using var network = TestModels.Network(TokenDecoderModels.Networks["Lstm 1 General fed"]);
        var model = TokenDecoderModels.Model(network);
        using var session = new InferenceSession(model.File().Graph.ToArray());
        var rows = Rows(network, 3, 6);
        rows.Lengths[1] = 0;
        rows.Tokens[1] = [];
        var answers = TestModels.RunBare(session, model.Manifest, rows);
        CollectionAssert.AreEqual(new[] { false, true, false }, answers[2].Select(float.IsNaN).ToArray());
        Assert.AreEqual(0, answers[1][1]);
        var steps = answers[0].Length / 3;
        Assert.IsTrue(answers[0].AsSpan(steps, steps).IndexOfAnyExcept(0f) < 0);
    }

    private static TestRows Rows(Network network, int count, int longest) =>
        TestRows.Random(network.Description, count, seed: count + longest, longest: longest);

    private static void CompareGreedy(Network network, RecurrentModel model, InferenceSession session, TestRows rows)
    {
        using var batch = rows.ToBatch(network.Description);
        using var tape = new Tape { Recording = false };
        var texts = TokenDecoding.Greedy(network, tape, batch, keepsWeights: true);
        var answers = TestModels.RunBare(session, model.Manifest, rows);
        int steps = answers[0].Length / rows.Count, longest = texts.Max(text => text.Tokens.Length);
        Assert.AreEqual(longest, steps, "steps of the longest text");
        for (var row = 0; row < rows.Count; row++)
        {
            var tokens = texts[row].Tokens;
            CollectionAssert.AreEqual(tokens.Concat(new int[steps - tokens.Length]).Select(token => (float)token).ToArray(),
                answers[0].AsSpan(row * steps, steps).ToArray(), $"row {row}");
            Assert.AreEqual(tokens.Length, answers[1][row]);
            Assert.AreEqual(texts[row].LogProbability, answers[2][row], 1e-5 * Math.Max(1, Math.Abs(texts[row].LogProbability)));
            if (network.Description.Decoder!.Attention is null || steps == 0) continue;
            var time = answers[3].Length / (rows.Count * steps);
            for (var step = 0; step < steps; step++)
            {
                var weights = step < tokens.Length ? texts[row].Attention[step] : [];
                TestModels.AssertClose([.. weights, .. new float[time - weights.Length]], answers[3].AsSpan((row * steps + step) * time, time).ToArray(),
                    $"attention of row {row}, step {step}");
            }
        }
    }

    // A grid of texts whose sources fall away and whose beams grow and change places, beside the network with a row for each text.
    private static void CompareSteps(Network network, TestRows rows, OnnxBeamModel beam, float tolerance = 1e-5f)
    {
        var random = new Random(rows.Count);
        int[] live = [.. Enumerable.Range(0, rows.Count)];
        var texts = live.Select(source => (Source: source, Tokens: new List<int>())).ToArray();
        int[] sources = live, parents = live, tokens = [.. live.Select(_ => TokenDecoderModels.Start)];
        for (var step = 0; step < 5; step++)
        {
            texts = [.. parents.Select((parent, i) => (texts[parent].Source, texts[parent].Tokens.Append(tokens[i]).ToList()))];
            live = Array.ConvertAll(sources, source => live[source]);
            var (logs, weights) = (new float[texts.Length * beam.Vocabulary], new float[texts.Length * beam.SourceTime]);
            beam.Step(sources, parents, tokens, logs, weights);
            for (var i = 0; i < texts.Length; i++) CompareStep(network, rows, texts[i], logs.AsSpan(i * beam.Vocabulary, beam.Vocabulary),
                weights.AsSpan(i * beam.SourceTime, beam.SourceTime), tolerance);
            var beams = texts.Length / live.Length;
            sources = [.. Enumerable.Range(0, live.Length).Where(source => live.Length == 1 || source != step)];
            var next = 1 + random.Next(3);
            parents = [.. sources.SelectMany(source => Enumerable.Range(0, next).Select(_ => source * beams + random.Next(beams)))];
            tokens = [.. parents.Select(_ => random.Next(TokenDecoderModels.End))];
        }
    }

    private static void CompareStep(Network network, TestRows rows, (int Source, List<int> Tokens) text, ReadOnlySpan<float> logs, ReadOnlySpan<float> weights,
        float tolerance)
    {
        using var tape = new Tape { Recording = false };
        using var batch = rows.Only(text.Source).ToBatch(network.Description);
        var state = network.ReadSources(tape, batch, keepsWeights: true);
        var output = text.Tokens.Select(token =>
            network.Decoder!.Step(tape, new Signal(null, null) { Tokens = [token], Time = 1, Rows = 1 }, state)).ToArray()[^1];
        var logits = Autoregression.Answer(tape, network.HeadLayer, network.Decoder!.Project(tape, output)).Span;
        RowSoftmax.ApplyLog(logits, logits);
        TestModels.AssertClose(logits.ToArray(), logs.ToArray(), $"source {text.Source} after {text.Tokens.Count} tokens", tolerance);
        if (state.Weights is { } expected)
            TestModels.AssertClose([.. expected.Span, .. new float[weights.Length - expected.Length]], weights.ToArray(), "attention", tolerance);
    }
}
