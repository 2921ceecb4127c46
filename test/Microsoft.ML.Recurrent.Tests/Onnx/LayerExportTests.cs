using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Layers beyond the basic ones: the tape's forward pass against ONNX Runtime on the exported bytes, with lengths that vary and without, and the weights read back from them.</summary>
[TestClass]
public sealed class LayerExportTests
{
    private static readonly Dictionary<string, LayerDescription[]> s_networks = new()
    {
        ["layer norm"] = [Lstm(), new LayerNormDescription("norm"), new PoolingDescription("pool", SequencePooling.Mean), new LayerNormDescription("last") { Epsilon = 1e-3f }],
        ["batch norm"] = [new BatchNormDescription("first"), Lstm(), new BatchNormDescription("norm") { Epsilon = 1e-3f }, new PoolingDescription("pool", SequencePooling.Max), new BatchNormDescription("last")],
        ["attention dot"] = [Lstm(bidirectional: true), new AttentionDescription("attention", AttentionForm.Dot)],
        ["attention general"] = [Lstm(), new AttentionDescription("attention", AttentionForm.General)],
        ["attention additive"] = [Lstm(bidirectional: true), new AttentionDescription("attention", AttentionForm.Additive) { Units = 3 }],
        ["attention after a dense layer"] = [Lstm(bidirectional: true), new DenseDescription("dense", 4, DenseActivation.Tanh), new AttentionDescription("attention", AttentionForm.Dot)],
        ["attention pooling"] = [Lstm(bidirectional: true), new PoolingDescription("pool", SequencePooling.Attention)],
        ["self-attention"] = [Lstm(), new SelfAttentionDescription("attention", 2), new PoolingDescription("pool", SequencePooling.Mean)],
        ["causal self-attention with a residual"] = [Lstm(), new SelfAttentionDescription("attention", 3) { Causal = true, Residual = true }, new PoolingDescription("pool", SequencePooling.Last)],
        ["activations"] = [Lstm(), .. Enum.GetValues<DenseActivation>().Select(a => (LayerDescription)new DenseDescription($"dense_{a}", 6, a)), new PoolingDescription("pool", SequencePooling.Mean),
            .. Enum.GetValues<DenseActivation>().Select(a => (LayerDescription)new ActivationDescription($"activation_{a}", a))],
    };

    public static IEnumerable<object[]> Names => s_networks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AgreesWithTheTape(string name)
    {
        foreach (int? time in new int?[] { null, 7 }) Check(TestModels.Describe(s_networks[name], time: time), new());
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AgreesInOldAndNewOpsets(string name)
    {
        foreach (int opset in new[] { 11, 13, 17, 18, 22 }) Check(TestModels.Describe(s_networks[name], time: null), new() { Opset = opset });
    }

    private static RecurrentDescription Lstm(bool bidirectional = false) => new("lstm", RecurrentCell.Lstm, bidirectional ? 3 : 6) { Bidirectional = bidirectional };

    private static void Check(NetworkDescription description, OnnxExportOptions options)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        using var session = new InferenceSession(stream.ToArray());
        foreach (int size in new[] { 1, 5 })
        {
            var rows = TestRows.Random(description, size);
            TestModels.AssertClose(TestModels.Forward(network, rows)[0], TestModels.RunBare(session, model.Manifest, rows)[0], $"{size} rows");
        }

        using var again = model.ToNetwork();
        foreach (var parameter in network.Parameters) CollectionAssert.AreEqual(parameter.Value.Span.ToArray(), again[parameter.Name].Value.Span.ToArray(), parameter.Name);
    }
}
