using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>The tape's forward pass against a bare session of ONNX Runtime on the exported bytes.</summary>
[TestClass]
public sealed class ExportEqualityTests
{
    private static readonly int[] BatchSizes = [1, 7, 256];

    public static IEnumerable<object[]> Cells =>
        from cell in Enum.GetValues<RecurrentCell>()
        from layers in new[] { 1, 2 }
        from bidirectional in new[] { false, true }
        from pooling in Enum.GetValues<SequencePooling>()
        from varying in new[] { false, true }
        select new object[] { cell, layers, bidirectional, pooling, varying };

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Every_cell_pooling_and_length_agrees(RecurrentCell cell, int layers, bool bidirectional, SequencePooling pooling, bool varying) =>
        Check(TestModels.Describe([.. Stack(cell, layers, bidirectional), new PoolingDescription("pool", pooling)], time: varying ? null : 7));

    [TestMethod]
    [DataRow(RecurrentActivation.Relu)]
    [DataRow(RecurrentActivation.LeakyRelu)]
    [DataRow(RecurrentActivation.Elu)]
    [DataRow(RecurrentActivation.Sigmoid)]
    public void Every_activation_of_a_simple_network_agrees(RecurrentActivation activation)
    {
        foreach (var bidirectional in new[] { false, true })
            Check(TestModels.Describe(
                [new RecurrentDescription("rnn", RecurrentCell.SimpleRnn, 5) { Activation = activation, Bidirectional = bidirectional },
                    new PoolingDescription("pool", SequencePooling.Last)], time: null));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_Gru_that_resets_before_agrees(bool bidirectional) => Check(TestModels.Describe(
        [new RecurrentDescription("gru", RecurrentCell.Gru, 5) { ResetAfter = false, Bidirectional = bidirectional },
            new PoolingDescription("pool", SequencePooling.Last)], time: null));

    [TestMethod]
    [DataRow(WindowNormalization.LastValue, false)]
    [DataRow(WindowNormalization.LastValue, true)]
    [DataRow(WindowNormalization.Standard, false)]
    [DataRow(WindowNormalization.Standard, true)]
    public void Window_normalization_agrees(WindowNormalization normalization, bool varying) => Check(TestModels.Describe(
        [new RecurrentDescription("lstm", RecurrentCell.Lstm, 5), new PoolingDescription("pool", SequencePooling.Mean)], time: varying ? null : 7,
        normalization: normalization));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Tokens_statics_dense_layers_and_dropout_agree(bool varying) => Check(TestModels.Describe(
        [
            new EmbeddingDescription("embedding", 6),
            new DropoutDescription("dropout", 0.5f),
            new DenseDescription("before", 5, DenseActivation.Relu),
            new RecurrentDescription("lstm", RecurrentCell.Lstm, 4) { Bidirectional = true },
            new DenseDescription("between", 6, DenseActivation.Tanh),
            new PoolingDescription("pool", SequencePooling.Last),
            new DenseDescription("after", 5, DenseActivation.Sigmoid),
            new DenseDescription("last", 5, DenseActivation.Identity),
        ],
        vocabulary: 11, statics: 3, time: varying ? null : 7));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_reverse_direction_at_the_last_step_agrees(bool varying) => Check(TestModels.Describe(
        [new RecurrentDescription("lstm", RecurrentCell.Lstm, 5) { Bidirectional = true },
            new PoolingDescription("pool", SequencePooling.Last) { ReverseAtLastStep = true }], time: varying ? null : 7));

    [TestMethod]
    public void Statics_beside_numbers_agree() => Check(TestModels.Describe(
        [new RecurrentDescription("gru", RecurrentCell.Gru, 5), new DropoutDescription("dropout", 0.5f), new PoolingDescription("pool", SequencePooling.Last)],
        statics: 2, time: null));

    [TestMethod]
    public void Without_standardization_it_agrees() => Check(TestModels.Describe(
        [new RecurrentDescription("gru", RecurrentCell.Gru, 5), new PoolingDescription("pool", SequencePooling.Last)],
        statics: 2) with
    { Standardize = false });

    [TestMethod]
    public void A_transposed_batch_and_a_long_sequence_agree() => Check(TestModels.Describe(
        [.. Stack(RecurrentCell.Lstm, 2, bidirectional: true), new PoolingDescription("pool", SequencePooling.Mean)], features: 1, time: 300), [3]);

    [TestMethod]
    [DataRow(11)]
    [DataRow(12)]
    [DataRow(13)]
    [DataRow(14)]
    [DataRow(15)]
    [DataRow(16)]
    [DataRow(18)]
    [DataRow(19)]
    [DataRow(20)]
    [DataRow(21)]
    [DataRow(22)]
    [DataRow(23)]
    [DataRow(24)]
    [DataRow(25)]
    [DataRow(26)]
    public void Every_opset_agrees(int opset)
    {
        var description = TestModels.Describe([.. Stack(RecurrentCell.Gru, 1, bidirectional: true), new PoolingDescription("mean", SequencePooling.Mean)],
            time: null, normalization: WindowNormalization.Standard);
        foreach (var pooling in Enum.GetValues<SequencePooling>())
            foreach (var time in new int?[] { null, 7 })
                Check(description with { Time = time, Layers = description.Layers.SetItem(1, new PoolingDescription("pool", pooling)) }, [7],
                    new() { Opset = opset });
    }

    private static LayerDescription[] Stack(RecurrentCell cell, int layers, bool bidirectional) =>
        [.. Enumerable.Range(1, layers).Select(i => new RecurrentDescription($"layer_{i}", cell, 4 + i) { Bidirectional = bidirectional })];

    private static void Check(NetworkDescription description, int[]? batchSizes = null, OnnxExportOptions? options = null)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        using var session = new InferenceSession(stream.ToArray());
        foreach (var size in batchSizes ?? BatchSizes)
        {
            var rows = TestRows.Random(description, size);
            float[][] expected = TestModels.Forward(network, rows), actual = TestModels.RunBare(session, model.Manifest, rows);
            Assert.HasCount(expected.Length, actual);
            for (var i = 0; i < expected.Length; i++) TestModels.AssertClose(expected[i], actual[i], $"output {i} of {size} rows");
        }
    }
}
