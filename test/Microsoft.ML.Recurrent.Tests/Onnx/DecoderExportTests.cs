using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Decoders: the tape's free-running pass against ONNX Runtime on the exported bytes, and the weights read back from them.</summary>
[TestClass]
public sealed class DecoderExportTests
{
    private const int Steps = 5, Targets = 2;

    private static readonly Dictionary<string, NetworkDescription> s_networks = new()
    {
        ["lstm"] = Describe([Recurrent("a", RecurrentCell.Lstm, 4)], [Recurrent("d", RecurrentCell.Lstm, 4)]),
        ["gru"] = Describe([Recurrent("a", RecurrentCell.Gru, 4)], [Recurrent("d", RecurrentCell.Gru, 4)], season: 3),
        ["gru, reset before"] = Describe([Recurrent("a", RecurrentCell.Gru, 4) with { ResetAfter = false }],
            [Recurrent("d", RecurrentCell.Gru, 4) with { ResetAfter = false }]),
        ["mgu"] = Describe(
            [Recurrent("a", RecurrentCell.MinimalGated, 4)], [Recurrent("d", RecurrentCell.MinimalGated, 4), Zoneout("e", RecurrentCell.MinimalGated)]),
        ["recursive mgu"] = Describe([Recurrent("a", RecurrentCell.MinimalGated, 4), Zoneout("b", RecurrentCell.MinimalGated)], null, statics: 1),
        ["rnn"] = Describe([Recurrent("a", RecurrentCell.SimpleRnn, 4)],
            [Recurrent("d", RecurrentCell.SimpleRnn, 4) with { Activation = RecurrentActivation.LeakyRelu }], statics: 2),
        ["bridged"] = Describe([Recurrent("a", RecurrentCell.Gru, 3) with { Bidirectional = true }],
            [Recurrent("d", RecurrentCell.Lstm, 5), Recurrent("e", RecurrentCell.Gru, 4)], future: 2, statics: 1),
        ["bridged from memories"] = Describe([Recurrent("a", RecurrentCell.Lstm, 3) with { Bidirectional = true, Merge = BidirectionalMerge.Sum }],
            [Recurrent("d", RecurrentCell.Lstm, 5)]),
        ["other layers"] = Describe([new DenseDescription("in", 4, DenseActivation.Tanh), Recurrent("a", RecurrentCell.Lstm, 4) with { Projection = 3 }],
            [new DenseDescription("din", 3, DenseActivation.Gelu), Recurrent("d", RecurrentCell.Gru, 3) with { Residual = true },
                new LayerNormDescription("norm"), new DropoutDescription("drop", 0.3f), new ActivationDescription("act", DenseActivation.Silu)]),
        ["attention dot"] = Describe([Recurrent("a", RecurrentCell.Lstm, 4)], [Recurrent("d", RecurrentCell.Lstm, 4)], attention: AttentionForm.Dot),
        ["attention general"] = Describe([Recurrent("a", RecurrentCell.Gru, 3) with { Bidirectional = true }], [Recurrent("d", RecurrentCell.Lstm, 4)],
            attention: AttentionForm.General, future: 1),
        ["attention additive, fed"] = Describe([Recurrent("a", RecurrentCell.Gru, 3)], [Recurrent("d", RecurrentCell.Lstm, 4)],
            attention: AttentionForm.Additive, feeding: true),
        ["recursive lstm"] = Describe([Recurrent("a", RecurrentCell.Lstm, 4), new DropoutDescription("drop", 0.2f), Recurrent("b", RecurrentCell.Lstm, 3)],
            null, statics: 2),
        ["recursive gru"] = Describe([Recurrent("a", RecurrentCell.Gru, 4), Recurrent("b", RecurrentCell.Gru, 4) with { Residual = true }], null, future: 2,
            season: 4),
        ["zoneout"] = Describe([Zoneout("a", RecurrentCell.Gru) with { Bidirectional = true }, Zoneout("b", RecurrentCell.Lstm)],
            [Zoneout("c", RecurrentCell.SimpleRnn), Zoneout("d", RecurrentCell.Lstm), Zoneout("e", RecurrentCell.Gru)]),
        ["zoneout, reset before"] = Describe([Zoneout("a", RecurrentCell.Gru) with { ResetAfter = false }],
            [Zoneout("d", RecurrentCell.Gru) with { ResetAfter = false }, Recurrent("e", RecurrentCell.Gru, 4) with { Residual = true }]),
        ["normalised inside"] = Describe([Inside("a")], [Inside("d"), Inside("e") with { Projection = 3 }], attention: AttentionForm.General, feeding: true),
        ["peepholes"] = Describe([Recurrent("a", RecurrentCell.PeepholeLstm, 4)], [Recurrent("d", RecurrentCell.PeepholeLstm, 4)]),
        ["peepholes inside"] = Describe([Zoneout("a", RecurrentCell.PeepholeLstm)],
            [Zoneout("d", RecurrentCell.CoupledPeepholeLstm), Recurrent("e", RecurrentCell.PeepholeLstm, 4) with { Projection = 3 }], statics: 1),
        ["coupled gates"] = Describe([Recurrent("a", RecurrentCell.CoupledLstm, 4)], [Recurrent("d", RecurrentCell.CoupledPeepholeLstm, 4)], future: 2),
        ["recursive peepholes"] =
            Describe([Recurrent("a", RecurrentCell.PeepholeLstm, 4), Recurrent("b", RecurrentCell.CoupledLstm, 3)], null, statics: 2),
        ["projected"] = Describe([Recurrent("a", RecurrentCell.Lstm, 5) with { Projection = 3 }],
            [Recurrent("d", RecurrentCell.Lstm, 5) with { Projection = 3 }], statics: 1),
        ["recursive zoneout"] = Describe([Zoneout("a", RecurrentCell.Lstm), new LayerNormDescription("norm"),
            Zoneout("b", RecurrentCell.Gru) with { Residual = true }], null, statics: 1),
        ["recursive, everything inside"] = Describe([Inside("a") with { Projection = 3, ZoneoutCell = 0.2f },
            Recurrent("b", RecurrentCell.Lstm, 4) with { Projection = 3, Residual = true }], null, future: 1),
        ["recursive rnn"] =
            Describe([new DenseDescription("in", 4, DenseActivation.Relu), Recurrent("a", RecurrentCell.SimpleRnn, 4), new LayerNormDescription("norm")], null),
    };

    internal static IReadOnlyDictionary<string, NetworkDescription> Networks => s_networks;

    public static IEnumerable<object[]> Names => s_networks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_with_the_tape(string name)
    {
        foreach (var normalization in Enum.GetValues<WindowNormalization>().Except([WindowNormalization.Difference]))
            Check(s_networks[name] with { WindowNormalization = normalization }, new(), [1, 7, 256]);
        Check(Stepped(s_networks[name]), new(), [1, 7, 256]);
    }

    // Fed with the steps from value to value.
    private static NetworkDescription Stepped(NetworkDescription network) => network with
    {
        WindowNormalization = WindowNormalization.Difference,
        Decoder = network.Decoder! with
        {
            FeedsDifferences = true,
            CumulatedCount = network.Decoder.IsRecursive ? network.Outputs / (network.Decoder.Steps * network.Decoder.Targets) : 0
        },
    };

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Differences_need_windows_of_one_length(string name)
    {
        StringAssert.Contains(Assert.Throws<NotSupportedException>(() => Check(Stepped(s_networks[name]) with { Time = null }, new(), [7])).Message,
            "a season, differences, counts");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_with_lengths_that_vary(string name)
    {
        if (s_networks[name] is { Decoder.SeasonLength: 0 } network && (network.FutureFeatures == 0 || !network.Decoder!.IsRecursive))
            Check(network with { Time = null }, new(), [7]);
        else StringAssert.Contains(Assert.Throws<NotSupportedException>(() => Check(s_networks[name] with { Time = null }, new(), [7])).Message,
            "varying length");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_in_every_opset(string name)
    {
        for (var opset = 11; opset <= OnnxExportOptions.MaximumOpset; opset++) Check(s_networks[name], new() { Opset = opset }, [3]);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Comes_back_with_its_weights(string name)
    {
        using var network = TestModels.Network(s_networks[name]);
        var model = TestModels.Model(network);
        using var back = RecurrentModel.Load(model.File().Graph.ToArray()).ToNetwork();
        foreach (var parameter in network.Parameters)
            CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), back[parameter.Name].Value.Span.ToArray(), parameter.Name);
        Assert.AreEqual(network.Summary(), model.Summary());
    }

    /// <summary>Steps share their weights in fewer bits, too: each is kept once.</summary>
    [TestMethod]
    [DataRow(OnnxPrecision.HalfWeights)]
    [DataRow(OnnxPrecision.Half)]
    [DataRow(OnnxPrecision.Int8Weights)]
    [DataRow(OnnxPrecision.Int8)]
    public void Agrees_in_fewer_bits(OnnxPrecision precision)
    {
        NetworkDescription[] networks =
        [
            Describe([Recurrent("a", RecurrentCell.Lstm, 48)], [Recurrent("d", RecurrentCell.Lstm, 48)], attention: AttentionForm.General, feeding: true),
            Describe([Recurrent("a", RecurrentCell.Gru, 32) with { Bidirectional = true }], [Recurrent("d", RecurrentCell.Lstm, 48)]),
            Describe([Recurrent("a", RecurrentCell.Lstm, 64)], null, statics: 1),
            Describe([Recurrent("a", RecurrentCell.Gru, 64)], null),
            Describe([Recurrent("a", RecurrentCell.Lstm, 64) with { Projection = 32 }],
                [Recurrent("d", RecurrentCell.Lstm, 64) with { Projection = 32, ZoneoutHidden = 0.1f }]),
        ];
        foreach (var description in networks)
        {
            using var network = new Network(description, seed: 3);
            var model = TestModels.Model(network);
            using var stream = new MemoryStream();
            var report = model.ExportToOnnx(stream, new() { Precision = precision });
            var error = report.Outputs.Single();
            NumberAssert.IsLessThan((precision is OnnxPrecision.HalfWeights or OnnxPrecision.Half ? 0.02 : 0.15) * error.MeanAbsoluteValue,
                error.MeanAbsoluteError, report.ToString());
            NumberAssert.IsLessThan(precision is OnnxPrecision.HalfWeights or OnnxPrecision.Half ? 0.75 : 0.7, (double)report.FileSize / report.SingleFileSize,
                report.ToString());
        }
    }

    [TestMethod]
    public void What_has_no_Onnx_form_is_named()
    {
        Refused("varying length", s_networks["gru"] with { Time = null });
        Refused("varying length", s_networks["recursive gru"] with { Time = null });
        Assert.Contains("decoder forecasts from a whole window",
            Assert.Throws<NotSupportedException>(
                () => TestModels.Model(s_networks["lstm"]).ExportToOnnx(new MemoryStream(), new() { Form = OnnxExportForm.SingleStep })).Message);

        static void Refused(string reason, NetworkDescription network) =>
            Assert.Contains(reason, Assert.Throws<NotSupportedException>(() => TestModels.Model(network)).Message);
    }

    private static RecurrentDescription Recurrent(string name, RecurrentCell cell, int size) => new(name, cell, size);

    private static RecurrentDescription Zoneout(string name, RecurrentCell cell) =>
        new(name, cell, 4) { ZoneoutHidden = 0.3f, ZoneoutCell = cell is RecurrentCell.Lstm ? 0.2f : 0 };

    private static RecurrentDescription Inside(string name) => new(name, RecurrentCell.Lstm, 8) { LayerNormalization = true };

    private static NetworkDescription Describe(LayerDescription[] encoder, LayerDescription[]? decoder, int future = 0, int statics = 0,
        AttentionForm? attention = null, bool feeding = false, int season = 0)
    {
        var ahead = decoder is null ? future : 0;
        return TestModels.Describe(encoder, features: decoder is null ? Targets + future : 3, statics: statics, outputs: 3 * Steps * Targets) with
        {
            FutureFeatures = future,
            UnscaledFeatures = ahead,
            Horizon = Steps,
            Decoder = new()
            {
                Steps = Steps, Targets = Targets, Location = 1, SeasonLength = season, Layers = decoder?.ToImmutableArray() ?? [],
                Attention = attention, InputFeeding = feeding
            },
        };
    }

    private static void Check(NetworkDescription description, OnnxExportOptions options, int[] sizes)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        using var session = new InferenceSession(stream.ToArray());
        foreach (var size in sizes)
        {
            var rows = TestRows.Random(description, size);
            float[][] expected = TestModels.Forward(network, rows), actual = TestModels.RunBare(session, model.Manifest, rows);
            Assert.HasCount(expected.Length, actual);
            for (var i = 0; i < expected.Length; i++) TestModels.AssertClose(expected[i], actual[i], $"output {i} of {size} rows");
        }
    }
}
