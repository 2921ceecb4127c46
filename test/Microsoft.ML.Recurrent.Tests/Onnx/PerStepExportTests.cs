using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>
/// Networks that answer at every step: the tape against bare sessions of ONNX Runtime, whole sequences and single steps, and our own scoring.
/// </summary>
[TestClass]
public sealed class PerStepExportTests
{
    public static IEnumerable<object[]> Cells =>
        from cell in Enum.GetValues<RecurrentCell>()
        from bidirectional in new[] { false, true }
        from varying in new[] { false, true }
        select new object[] { cell, bidirectional, varying };

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Every_cell_and_length_agrees(RecurrentCell cell, bool bidirectional, bool varying)
    {
        foreach (var size in new[] { 1, 7, 256 })
            Check(Describe([new RecurrentDescription("a", cell, 5) { Bidirectional = bidirectional }, new DropoutDescription("drop", 0.5f),
                new RecurrentDescription("b", cell, 4)], varying), size);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Other_layers_agree(bool varying) => Check(Describe(
        [
            new ConvolutionDescription("conv", 6, 3), new BatchNormDescription("batch"),
            new RecurrentDescription("gru", RecurrentCell.Gru, 6) { Residual = true, Bidirectional = true, Merge = BidirectionalMerge.Sum },
            new LayerNormDescription("norm"), new SelfAttentionDescription("attention", 2) { Residual = true },
            new DenseDescription("dense", 4, DenseActivation.Tanh),
        ], varying), 7);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_head_tied_to_the_embedding_agrees(bool varying)
    {
        LayerDescription[] layers = [new EmbeddingDescription("words", 6), new RecurrentDescription("lstm", RecurrentCell.Lstm, 6)];
        Check(TestModels.Describe(layers, vocabulary: 13, outputs: 13, time: varying ? null : 7) with { PerStep = true, TieHead = true }, 7);
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(13)]
    [DataRow(18)]
    [DataRow(22)]
    [DataRow(26)]
    public void Every_opset_agrees(int opset) =>
        Check(Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 5)], varying: true), 7, new() { Opset = opset });

    [TestMethod]
    [DataRow(RecurrentCell.Lstm, false)]
    [DataRow(RecurrentCell.Gru, true)]
    [DataRow(RecurrentCell.SimpleRnn, true)]
    public void Single_steps_agree(RecurrentCell cell, bool varying)
    {
        var description = TestModels.Describe([new EmbeddingDescription("words", 4), new RecurrentDescription("a", cell, 6),
            new RecurrentDescription("b", cell, 5)], vocabulary: 9, outputs: 3, time: varying ? null : 7)
            with
        { PerStep = true };
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        var rows = TestRows.Random(description, 3, shortest: 7, longest: 7);
        var expected = TestModels.Forward(network, rows)[0];

        // By the stream, step by step.
        using (var stream = new SequenceStream<int>(model))
        {
            var answer = new float[9];
            for (var t = 0; t < 7; t++)
            {
                stream.Step([0, 1, 2], [.. rows.Tokens.Select(row => (float)row[t])], answer);
                TestModels.AssertClose(expected[(t * 9)..((t + 1) * 9)], answer, $"step {t}");
            }
        }

        // By a bare session, three steps and then four.
        using var file = new MemoryStream();
        model.ExportToOnnx(file, new() { Form = OnnxExportForm.SingleStep });
        using var session = new InferenceSession(file.ToArray());
        string[] states = [.. session.InputNames.Where(name => name.Contains('.', StringComparison.Ordinal))];
        var values = states.ToDictionary(name => name, name => new float[3 * (name[0] == 'a' ? 6 : 5)]);
        using var options = new RunOptions();
        foreach (var (start, count) in new[] { (0, 3), (3, 4) })
        {
            var inputs = values.ToDictionary(state => state.Key, state => OrtValue.CreateTensorValueFromMemory(state.Value, [1, 3, state.Value.Length / 3]));
            inputs.Add("Tokens", OrtValue.CreateTensorValueFromMemory(rows.Tokens.SelectMany(row => row[start..(start + count)]).ToArray(), [3, count]));
            if (varying) inputs.Add(ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(new long[] { count, count, count }, [3]));
            using var results = session.Run(options, inputs, session.OutputNames);
            Compare(expected, 3, 3, results[0].GetTensorDataAsSpan<float>().ToArray(), [count, count, count], count, $"steps from {start}", start);
            for (var i = 1; i < results.Count; i++)
                values[session.OutputNames[i].Replace(".next", "", StringComparison.Ordinal)] = results[i].GetTensorDataAsSpan<float>().ToArray();
            foreach (var input in inputs.Values) input.Dispose();
        }
    }

    [TestMethod]
    public void Rows_of_mixed_lengths_are_scored_as_long_as_they_are()
    {
        var description = Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 5) { Bidirectional = true }], varying: true);
        using var network = TestModels.Network(description);
        using var scorer = new GraphScorer(TestModels.Model(network), new() { BatchSize = 4 });
        using var batch = scorer.CreateBatch();
        var rows = TestRows.Random(description, 13);
        for (var row = 0; row < rows.Count; row++) rows.AddTo(batch, row);
        scorer.Run(batch);
        var expected = TestModels.Forward(network, rows)[0];
        for (var row = 0; row < rows.Count; row++)
        {
            var answer = batch.Floats(row, 0).ToArray();
            Assert.HasCount(2 * rows.Lengths[row], answer);
            Compare(expected, rows.Count, 2, answer, [rows.Lengths[row]], rows.Lengths[row], $"row {row}", firstRow: row);
        }
    }

    [TestMethod]
    public void Layers_that_leave_fewer_steps_are_named()
    {
        var description = Describe([new ConvolutionDescription("shorter", 4, 3) { Padding = ConvolutionPadding.Valid }], varying: false);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => TestModels.Model(description)).Message, "'shorter'");
    }

    [TestMethod]
    public void A_dilated_layer_cannot_be_fed_step_by_step()
    {
        var model = TestModels.Model(Describe([new RecurrentDescription("wide", RecurrentCell.Gru, 3) { Dilation = 2 }], varying: false));
        StringAssert.Contains(
            Assert.ThrowsExactly<NotSupportedException>(() => model.ExportToOnnx(Stream.Null, new() { Form = OnnxExportForm.SingleStep })).Message, "'wide'");
    }

    private static NetworkDescription Describe(LayerDescription[] layers, bool varying) =>
        TestModels.Describe(layers, time: varying ? null : 7) with { PerStep = true };

    private static void Check(NetworkDescription description, int count, OnnxExportOptions? options = null)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        var rows = TestRows.Random(description, count);
        Compare(TestModels.Forward(network, rows)[0], count, description.Outputs, TestModels.RunBare(stream.ToArray(), model.Manifest, rows)[0], rows.Lengths,
            rows.Time, $"{count} rows");
    }

    // Expected time first, actual batch first; steps past a row's length do not matter.
    private static void Compare(float[] expected, int rows, int outputs, float[] actual, int[] lengths, int time, string what, int firstStep = 0,
        int firstRow = 0)
    {
        Assert.HasCount(lengths.Length * time * outputs, actual, what);
        for (var row = 0; row < lengths.Length; row++)
            for (var t = 0; t < lengths[row]; t++)
            {
                var at = (((firstStep + t) * rows) + firstRow + row) * outputs;
                TestModels.AssertClose(expected[at..(at + outputs)], actual[(((row * time) + t) * outputs)..(((row * time) + t + 1) * outputs)],
                    $"{what}, row {row}, step {t}");
            }
    }
}
