using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>
/// Rows with a number that is none, and rows without steps: NaN, a missing key and false, whatever scores them. A trained LSTM or GRU answered a plausible
/// number, since ONNX Runtime's activations clamp NaN.
/// </summary>
[TestClass]
public sealed class UnansweredRowsTests
{
    private static readonly MLContext s_context = new(1);

    // The faults of a row of three steps; the last row has no steps.
    private static readonly Row[] s_rows =
    [
        new() { Features = [1, 2, 3] },
        new() { Features = [1, float.NaN, 3] },
        new() { Features = [float.NaN, float.NaN, float.NaN] },
        new() { Features = [1, 2, float.PositiveInfinity] },
        new() { Features = [float.NegativeInfinity, 2, 3] },
        new() { Features = [1, 2, 3], Statics = [0, float.NaN] },
        new() { Features = [] },
        new() { Features = [3, 2] },
    ];

    private static readonly bool[] s_answered = [true, false, false, false, false, false, false, true];

    public static IEnumerable<object[]> Cells => from cell in Enum.GetValues<RecurrentCell>() select new object[] { cell };

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void A_regression_answers_nan(RecurrentCell cell)
    {
        using var transformer = new RecurrentRegressionTransformer(s_context, Model(cell, 1, new RegressionHead(default, new(1)), ModelTask.Regression,
            [new("Score", OutputKind.Single)]));
        foreach (var (way, answers) in Answers<Number>(transformer))
            for (var i = 0; i < answers.Length; i++) Assert.AreEqual(s_answered[i], float.IsFinite(answers[i].Score), $"{way}, row {i}: {answers[i].Score}");
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void A_binary_classifier_answers_nan_and_false(RecurrentCell cell)
    {
        // Both signs of the logit come to pass: with one of them a label that is only compared with 0 would be true.
        for (var seed = 1; seed <= 4; seed++)
        {
            using var transformer = new RecurrentBinaryTransformer(s_context, Model(cell, 1, new BinaryHead(), ModelTask.Binary,
                [new("PredictedLabel", OutputKind.Boolean), new("Score", OutputKind.Single), new("Probability", OutputKind.Single)], seed: seed));
            foreach (var (way, answers) in Answers<Binary>(transformer))
            {
                for (var i = 0; i < answers.Length; i++)
                {
                    Assert.AreEqual(s_answered[i], float.IsFinite(answers[i].Score), $"{way}, row {i}: {answers[i].Score}");
                    Assert.AreEqual(s_answered[i], float.IsFinite(answers[i].Probability), $"{way}, row {i}: {answers[i].Probability}");
                    Assert.AreEqual(s_answered[i] && answers[i].Score > 0, answers[i].PredictedLabel, $"{way}, row {i}");
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void A_multiclass_classifier_answers_nan_and_a_missing_key(RecurrentCell cell)
    {
        using var transformer = new RecurrentMulticlassTransformer(s_context, Model(cell, 3, new MulticlassHead(3), ModelTask.Multiclass,
            [new("PredictedLabel", OutputKind.Key), new("Score", OutputKind.Single, 3)], new(LabelKind.Text, ["a", "b", "c"])));
        foreach (var (way, answers) in Answers<Classes>(transformer))
        {
            for (var i = 0; i < answers.Length; i++)
            {
                Assert.HasCount(3, answers[i].Score);
                foreach (var score in answers[i].Score) Assert.AreEqual(s_answered[i], float.IsFinite(score), $"{way}, row {i}: {score}");
                Assert.AreEqual(s_answered[i], answers[i].PredictedLabel is >= 1 and <= 3, $"{way}, row {i}: {answers[i].PredictedLabel}");
                if (!s_answered[i]) Assert.AreEqual(0u, answers[i].PredictedLabel, $"{way}, row {i}");
            }
        }
    }

    [TestMethod]
    public void The_exported_graph_gives_labels_and_scores_alike()
    {
        foreach (var (kind, head, task, columns) in Classifiers())
        {
            var model = Model(RecurrentCell.Lstm, head.Outputs, head, task, columns);
            using var file = new MemoryStream();
            model.ExportToOnnx(file);
            var rows = new TestRows
            {
                Count = s_rows.Length, Time = 3, Features = 1, Lengths = [.. s_rows.Select(row => row.Features.Length)],
                Values = [.. s_rows.Select(row => row.Features)], Tokens = [], Statics = [.. s_rows.SelectMany(row => row.Statics)],
            };
            var answers = TestModels.RunBare(file.ToArray(), model.Manifest, rows);
            for (var i = 0; i < answers.Length; i++)
            {
                var size = answers[i].Length / s_rows.Length;
                for (var row = 0; row < s_rows.Length; row++)
                {
                    if (columns[i].Kind is OutputKind.Single) Assert.AreEqual(s_answered[row], float.IsFinite(answers[i][row * size]), $"{kind}, row {row}");
                    else if (!s_answered[row]) Assert.AreEqual(0f, answers[i][row], $"{kind}, the label of row {row}");
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void A_stream_answers_nan_and_keeps_its_states(RecurrentCell cell)
    {
        var description = TestModels.Describe([new RecurrentDescription("a", cell, 5), new PoolingDescription("pool", SequencePooling.Last)], time: null);
        var model = TestModels.Model(description, seed: 131);
        using var whole = new SequenceStream<int>(model);
        using var stream = new SequenceStream<int>(model);
        float[] first = [0.1f, -0.2f, 0.3f], second = [0.4f, 0.5f, -0.6f];
        var (expected, answer) = (new float[2], new float[2]);
        whole.Step([1], first, expected);
        whole.Step([1], second, expected);

        stream.Step([1], first, answer);
        foreach (var fault in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            stream.Step([1], [0.1f, 0.2f, fault], answer);
            Assert.IsTrue(answer.All(float.IsNaN));
        }
        // The same beside other keys, and twice in one call.
        var answers = new float[6];
        stream.Step([2, 1, 1], [.. first, float.NaN, 0, 0, .. second], answers);
        Assert.IsTrue(answers[..2].All(float.IsFinite) && answers[2..4].All(float.IsNaN));
        TestModels.AssertClose(expected, answers[4..], $"{cell}");
    }

    private static IEnumerable<(string, Head, ModelTask, ImmutableArray<OutputColumn>)> Classifiers()
    {
        yield return ("binary", new BinaryHead(), ModelTask.Binary,
            [new("PredictedLabel", OutputKind.Boolean), new("Score", OutputKind.Single), new("Probability", OutputKind.Single)]);
        yield return ("multiclass", new MulticlassHead(3), ModelTask.Multiclass, [new("PredictedLabel", OutputKind.Key), new("Score", OutputKind.Single, 3)]);
    }

    // Transform, an engine, and a pool.
    private static IEnumerable<(string Way, T[] Answers)> Answers<T>(ITransformer transformer) where T : class, new()
    {
        yield return ("cursor", [.. s_context.Data.CreateEnumerable<T>(transformer.Transform(s_context.Data.LoadFromEnumerable(s_rows)), false)]);
        using var pool = s_context.Model.CreatePredictionPool<Row, T>(transformer);
        yield return ("pool", [.. s_rows.Select(pool.Predict)]);
        var engine = s_context.Model.CreatePredictionEngine<Row, T>(transformer);
        yield return ("engine", [.. s_rows.Select(row => engine.Predict(row))]);
    }

    private static RecurrentModel Model(RecurrentCell cell, int outputs, Head head, ModelTask task, ImmutableArray<OutputColumn> columns,
        LabelManifest? label = null, int seed = 5)
    {
        var description = TestModels.Describe([new RecurrentDescription("a", cell, 6), new PoolingDescription("pool", SequencePooling.Last)], features: 1,
            time: null, statics: 2, outputs: outputs);
        using var network = TestModels.Network(description, seed);
        return NetworkExporter.ToModel(network, head, new()
        {
            Task = task, Inputs = [new("Features", InputKind.Sequence, null, 1),
            new("Statics", InputKind.Static, null, 2)], Outputs = columns, Label = label
        }, TestModels.History);
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        [VectorType(2)]
        public float[] Statics { get; set; } = [1, 2];
    }

    private sealed class Number
    {
        public float Score { get; set; }
    }

    private sealed class Binary
    {
        public bool PredictedLabel { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
    }

    private sealed class Classes
    {
        [KeyType(3)]
        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }
}
