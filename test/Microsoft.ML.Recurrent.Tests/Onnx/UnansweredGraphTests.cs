using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Rows without an output (a NaN or infinite number, or no steps): NaN on the tape and in the exported graph; the other rows do not change.</summary>
[TestClass]
public sealed class UnansweredGraphTests
{
    private const int Rows = 9;

    private static readonly float[] s_faults = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    public static IEnumerable<object[]> Cells =>
        from cell in Enum.GetValues<RecurrentCell>()
        from bidirectional in new[] { false, true }
        from pooling in Enum.GetValues<SequencePooling>()
        from varying in new[] { false, true }
        select new object[] { cell, bidirectional, pooling, varying };

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Every_cell_direction_and_pooling_answers_nan(RecurrentCell cell, bool bidirectional, SequencePooling pooling, bool varying) =>
        Check(TestModels.Describe([new RecurrentDescription("a", cell, 5) { Bidirectional = bidirectional }, new RecurrentDescription("b", cell, 4),
            new PoolingDescription("pool", pooling)], time: varying ? null : 7, statics: 2));

    public static IEnumerable<object[]> Layers => LayerExportTests.Names;

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void Every_layer_answers_nan(string name)
    {
        var network = TestModels.Describe(LayerExportTests.Networks[name], time: null);
        // Valid convolutions need some steps.
        Check(network, empty: !network.Layers.Any(layer => layer is ConvolutionDescription { Padding: ConvolutionPadding.Valid }));
    }

    [TestMethod]
    [DynamicData(nameof(Decoders))]
    public void Every_decoder_answers_nan(string name) => Check(DecoderExportTests.Networks[name]);

    public static IEnumerable<object[]> Decoders => DecoderExportTests.Names;

    [TestMethod]
    [DataRow(RecurrentCell.Lstm, false)]
    [DataRow(RecurrentCell.Gru, true)]
    public void Answers_at_every_step_are_nan(RecurrentCell cell, bool varying) =>
        Check(TestModels.Describe([new RecurrentDescription("a", cell, 5)], time: varying ? null : 7) with { PerStep = true });

    [TestMethod]
    [DataRow(WindowNormalization.LastValue)]
    [DataRow(WindowNormalization.Standard)]
    [DataRow(WindowNormalization.Mean)]
    public void Windows_that_are_normalised_answer_nan(WindowNormalization normalization)
    {
        foreach (var varying in new[] { false, true })
            Check(TestModels.Describe([new RecurrentDescription("a", RecurrentCell.Lstm, 5), new PoolingDescription("pool", SequencePooling.Last)],
                time: varying ? null : 7, normalization: normalization));
    }

    [TestMethod]
    [DataRow(SequencePooling.Last)]
    [DataRow(SequencePooling.Max)]
    [DataRow(SequencePooling.Mean)]
    [DataRow(SequencePooling.Attention)]
    public void Tokens_of_no_steps_answer_nan(SequencePooling pooling)
    {
        var description = TestModels.Describe([new EmbeddingDescription("embedding", 4), new RecurrentDescription("gru", RecurrentCell.Gru, 3),
            new PoolingDescription("pool", pooling)], vocabulary: 9, time: null);
        CheckEmpty(description, new());
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(12)]
    [DataRow(13)]
    [DataRow(18)]
    [DataRow(22)]
    [DataRow(26)]
    public void Every_opset_answers_nan(int opset) => Check(TestModels.Describe([new RecurrentDescription("a", RecurrentCell.Lstm, 5),
        new PoolingDescription("pool", SequencePooling.Last)], time: null, statics: 1), options: new() { Opset = opset });

    [TestMethod]
    [DataRow(OnnxPrecision.HalfWeights)]
    [DataRow(OnnxPrecision.Half)]
    [DataRow(OnnxPrecision.Int8Weights)]
    [DataRow(OnnxPrecision.Int8)]
    public void Every_precision_answers_nan(OnnxPrecision precision)
    {
        var description = TestModels.Describe([new RecurrentDescription("a", RecurrentCell.Lstm, 32), new DenseDescription("d", 160, DenseActivation.Relu),
            new PoolingDescription("pool", SequencePooling.Last)], time: null);
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var session = Export(model, new() { Precision = precision, MeasureError = false });
        var rows = TestRows.Random(description, Rows);
        rows.Values[4][^1] = float.NaN;
        AssertNaN(TestModels.RunBare(session, model.Manifest, rows)[0], 4, Rows);
    }

    /// <summary>Where numbers may be missing an infinite one is missing, in the graph as in a pipeline.</summary>
    [TestMethod]
    [DataRow(WindowNormalization.None)]
    [DataRow(WindowNormalization.Standard)]
    [DataRow(WindowNormalization.Robust)]
    public void An_infinite_number_counts_as_missing(WindowNormalization normalization)
    {
        var description = TestModels.Describe([new RecurrentDescription("a", RecurrentCell.Lstm, 5), new PoolingDescription("pool", SequencePooling.Last)],
            statics: 2, normalization: normalization) with
        { AllowsMissing = true, MasksMissing = true };
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var session = Export(model, new());
        float[][] Answers(float fault)
        {
            var rows = TestRows.Random(description, Rows);
            (rows.Values[3][4], rows.Statics[5]) = (fault, fault);
            return TestModels.RunBare(session, model.Manifest, rows);
        }
        var expected = Answers(float.NaN)[0];
        Assert.IsTrue(expected.All(float.IsFinite));
        CollectionAssert.AreEqual(expected, Answers(float.PositiveInfinity)[0]);
        CollectionAssert.AreEqual(expected, Answers(float.NegativeInfinity)[0]);
    }

    private static void Check(NetworkDescription description, bool empty = true, OnnxExportOptions? options = null)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var session = Export(model, options ?? new());
        TestRows Fresh() => TestRows.Random(description, Rows, shortest: 2);
        var (tape, graph) = (TestModels.Forward(network, Fresh()), TestModels.RunBare(session, model.Manifest, Fresh()));
        foreach (var fault in s_faults)
        {
            Faulty(rows => rows.Values[2][0] = fault, 2);
            Faulty(rows => rows.Values[5][^1] = fault, 5);
            if (description.Statics > 0) Faulty(rows => rows.Statics[^1] = fault, Rows - 1);
            if (description.FutureFeatures > 0) Faulty(rows => rows.Future[^1] = fault, Rows - 1);
        }
        if (empty && description.Time is null) CheckEmpty(description, options ?? new());

        void Faulty(Action<TestRows> change, int row)
        {
            var rows = Fresh();
            change(rows);
            CheckRow(tape[0], TestModels.Forward(network, rows)[0], row, rows, 0);
            var answers = TestModels.RunBare(session, model.Manifest, rows);
            // The level and the scale of a window are outputs, too.
            for (var i = 0; i < answers.Length; i++) CheckRow(graph[i], answers[i], row, rows, i, exact: true);
        }

        void CheckRow(float[] clean, float[] answers, int row, TestRows rows, int output, bool exact = false)
        {
            var perStep = description.PerStep && output == 0;
            // On the tape answers at every step are time first.
            int size = clean.Length / Rows, width = description.Outputs;
            for (var i = 0; i < clean.Length; i++)
            {
                var (own, step) = !perStep ? (i / size, 0) : exact ? (i / size, i % size / width) : (i / width % Rows, i / width / Rows);
                if (perStep && step >= rows.Lengths[own]) continue;
                if (own == row) Assert.IsTrue(float.IsNaN(answers[i]), $"output {output}, number {i} is {answers[i]}");
                else Assert.AreEqual(clean[i], answers[i], 1e-6f, $"output {output}, number {i}");
            }
        }
    }

    private static void CheckEmpty(NetworkDescription description, OnnxExportOptions options)
    {
        using var network = TestModels.Network(description);
        var model = TestModels.Model(network);
        using var session = Export(model, options);
        var rows = TestRows.Random(description, Rows, seed: 3, shortest: 2);
        rows.Lengths[3] = 0;
        (rows.Values[3], rows.Tokens[3]) = ([], []);
        if (description.PerStep) return;
        AssertNaN(TestModels.Forward(network, rows)[0], 3, Rows);
        AssertNaN(TestModels.RunBare(session, model.Manifest, rows)[0], 3, Rows);
    }

    private static void AssertNaN(float[] answers, int row, int rows)
    {
        var size = answers.Length / rows;
        for (var i = 0; i < answers.Length; i++) Assert.AreEqual(i / size == row, float.IsNaN(answers[i]), $"number {i} is {answers[i]}");
    }

    private static InferenceSession Export(RecurrentModel model, OnnxExportOptions options)
    {
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, options);
        return new(stream.ToArray());
    }
}
