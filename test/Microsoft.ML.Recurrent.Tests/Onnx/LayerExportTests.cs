using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>
/// Layers beyond the basic ones: the tape's forward pass against ONNX Runtime on the exported bytes, with lengths that vary and without, and the weights read
/// back from them.
/// </summary>
[TestClass]
public sealed class LayerExportTests
{
    private static readonly Dictionary<string, LayerDescription[]> s_networks = new()
    {
        ["layer norm"] = [Lstm(), new LayerNormDescription("norm"), new PoolingDescription("pool", SequencePooling.Mean),
            new LayerNormDescription("last") { Epsilon = 1e-3f }],
        ["batch norm"] = [new BatchNormDescription("first"), Lstm(), new BatchNormDescription("norm") { Epsilon = 1e-3f },
            new PoolingDescription("pool", SequencePooling.Max), new BatchNormDescription("last")],
        ["attention dot"] = [Lstm(bidirectional: true), new AttentionDescription("attention", AttentionForm.Dot)],
        ["attention general"] = [Lstm(), new AttentionDescription("attention", AttentionForm.General)],
        ["attention additive"] = [Lstm(bidirectional: true), new AttentionDescription("attention", AttentionForm.Additive) { Units = 3 }],
        ["attention after a dense layer"] = [Lstm(bidirectional: true), new DenseDescription("dense", 4, DenseActivation.Tanh),
            new AttentionDescription("attention", AttentionForm.Dot)],
        ["attention pooling"] = [Lstm(bidirectional: true), new PoolingDescription("pool", SequencePooling.Attention)],
        ["self-attention"] = [Lstm(), new SelfAttentionDescription("attention", 2), new PoolingDescription("pool", SequencePooling.Mean)],
        ["causal self-attention with a residual"] = [Lstm(), new SelfAttentionDescription("attention", 3) { Causal = true, Residual = true },
            new PoolingDescription("pool", SequencePooling.Last)],
        ["merged by sum"] = [Merged(BidirectionalMerge.Sum), new DropoutDescription("drop", 0.5f), new PoolingDescription("pool", SequencePooling.Last)],
        ["merged by product"] = [Merged(BidirectionalMerge.Product), Lstm(bidirectional: true), new PoolingDescription("pool", SequencePooling.Last)],
        ["merged by average"] = [Merged(BidirectionalMerge.Average), new AttentionDescription("attention", AttentionForm.Dot)],
        ["residual"] = [Lstm(), Lstm() with { Name = "b", Residual = true }, new PoolingDescription("pool", SequencePooling.Last)],
        ["residual of two directions"] = [Lstm(), Lstm(bidirectional: true) with { Name = "b", Residual = true },
            new PoolingDescription("pool", SequencePooling.Last)],
        ["residual of merged directions"] = [Lstm(), Merged(BidirectionalMerge.Sum) with { Name = "b", Residual = true },
            new PoolingDescription("pool", SequencePooling.Last)],
        ["dilated"] = [Lstm() with { Dilation = 2 }, new RecurrentDescription("gru", RecurrentCell.Gru, 4) { Dilation = 4 },
            new PoolingDescription("pool", SequencePooling.Last)],
        ["dilated in two directions"] = [Lstm(bidirectional: true) with { Dilation = 3 }, new PoolingDescription("pool", SequencePooling.Last)],
        ["dilated and merged"] = [Merged(BidirectionalMerge.Sum) with { Dilation = 3 }, new DropoutDescription("drop", 0.5f),
            new PoolingDescription("pool", SequencePooling.Last)],
        ["projection"] = [Lstm() with { Projection = 2 }, Lstm() with { Name = "b", Projection = 3 }, new PoolingDescription("pool", SequencePooling.Last)],
        ["projection of two directions"] = [Lstm(bidirectional: true) with { Projection = 2, Dilation = 2 },
            Lstm(bidirectional: true) with { Name = "b", Projection = 2 }, new PoolingDescription("pool", SequencePooling.Last)],
        ["peepholes"] = [Peepholes(), Peepholes() with { Name = "b", HiddenSize = 3, Bidirectional = true, Projection = 2, Dilation = 2 },
            Peepholes() with { Name = "c", HiddenSize = 4, Residual = true }, new PoolingDescription("pool", SequencePooling.Last)],
        ["coupled gates"] = [Lstm() with { Cell = RecurrentCell.CoupledLstm, Bidirectional = true, Merge = BidirectionalMerge.Sum },
            Lstm() with { Name = "b", Cell = RecurrentCell.CoupledLstm, Projection = 4 }, new PoolingDescription("pool", SequencePooling.Mean)],
        ["peepholes of coupled gates"] = [Lstm() with { Cell = RecurrentCell.CoupledPeepholeLstm, Bidirectional = true },
            Lstm() with { Name = "b", Cell = RecurrentCell.CoupledPeepholeLstm, Dilation = 3 }, new PoolingDescription("pool", SequencePooling.Last)],
        ["dropout in the cell"] = [Lstm() with { RecurrentDropout = 0.5f, InputDropout = 0.5f }, new DropoutDescription("drop", 0.5f) { SharedOverTime = true },
            new PoolingDescription("pool", SequencePooling.Last)],
        ["convolution"] = [new ConvolutionDescription("a", 5, 3) { Activation = DenseActivation.Relu }, Lstm(), new ConvolutionDescription("b", 4, 4),
            new PoolingDescription("pool", SequencePooling.Mean)],
        ["causal convolution"] = [new ConvolutionDescription("a", 5, 3) { Padding = ConvolutionPadding.Causal, Stride = 2 }, Lstm(bidirectional: true),
            new ConvolutionDescription("b", 4, 2) { Padding = ConvolutionPadding.Causal, Stride = 3 },
            new PoolingDescription("pool", SequencePooling.Last)],
        ["activations"] = [Lstm(), .. Enum.GetValues<DenseActivation>().Select(a => (LayerDescription)new DenseDescription($"dense_{a}", 6, a)),
            new PoolingDescription("pool", SequencePooling.Mean),
            .. Enum.GetValues<DenseActivation>().Select(a => (LayerDescription)new ActivationDescription($"activation_{a}", a))],
    };

    internal static IReadOnlyDictionary<string, LayerDescription[]> Networks => s_networks;

    public static IEnumerable<object[]> Names => s_networks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_with_the_tape(string name)
    {
        foreach (var time in new int?[] { null, 7 }) Check(TestModels.Describe(s_networks[name], time: time), new());
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_in_old_and_new_opsets(string name)
    {
        foreach (var opset in new[] { 11, 13, 17, 18, 22, 24, 26 }) Check(TestModels.Describe(s_networks[name], time: null), new() { Opset = opset });
    }

    private static RecurrentDescription Lstm(bool bidirectional = false) =>
        new("lstm", RecurrentCell.Lstm, bidirectional ? 3 : 6) { Bidirectional = bidirectional };

    private static RecurrentDescription Peepholes() => Lstm() with { Cell = RecurrentCell.PeepholeLstm };

    [TestMethod]
    public void Convolutions_over_sequences_of_one_length_agree()
    {
        foreach (var padding in Enum.GetValues<ConvolutionPadding>())
            foreach (var stride in new[] { 1, 2, 3 })
                Check(TestModels.Describe([new ConvolutionDescription("a", 5, 4) { Padding = padding, Stride = stride }, Lstm(),
                    new PoolingDescription("pool", SequencePooling.Last)]), new());
    }

    [TestMethod]
    public void A_head_tied_to_the_embedding_agrees() => Check(
        TestModels.Describe([new EmbeddingDescription("words", 4), Lstm() with { Projection = 4 }, new PoolingDescription("pool", SequencePooling.Last)],
            vocabulary: 9, outputs: 9, time: null) with
        { TieHead = true }, new());

    private static RecurrentDescription Merged(BidirectionalMerge merge) => new("merged", RecurrentCell.Gru, 6) { Bidirectional = true, Merge = merge };

    private static void Check(NetworkDescription description, OnnxExportOptions options)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        using var session = new InferenceSession(stream.ToArray());
        foreach (var size in new[] { 1, 5 })
        {
            var rows = TestRows.Random(description, size);
            TestModels.AssertClose(TestModels.Forward(network, rows)[0], TestModels.RunBare(session, model.Manifest, rows)[0], $"{size} rows");
        }

        using var again = model.ToNetwork();
        foreach (var parameter in network.Parameters)
            CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), again[parameter.Name].Value.Span.ToArray(), parameter.Name);
    }
}
