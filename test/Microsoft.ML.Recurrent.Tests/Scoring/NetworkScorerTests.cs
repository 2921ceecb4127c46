using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Tagging;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>Scoring by the kernels that train: the answers of ONNX Runtime, for every cell, task and kind of column.</summary>
[TestClass]
public sealed class NetworkScorerTests
{
    private const int Classes = 3;

    private static readonly MLContext s_context = new(1);

    public static IEnumerable<object[]> Models =>
        from cell in Enum.GetValues<RecurrentCell>()
        from form in (string[])["fixed", "varying", "tokens", "bidirectional", "deep"]
        select new object[] { cell, form };

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void A_classifier_answers_as_the_graph_does(RecurrentCell cell, string form)
    {
        var model = Model(Description(cell, form, Classes), new MulticlassHead(Classes), ModelTask.Multiclass,
            [new("PredictedLabel", OutputKind.Key), new("Score", OutputKind.Single, Classes)]);
        using var transformer = new RecurrentMulticlassTransformer(s_context, model);
        var (managed, graph) = Both<Classified>(transformer, Rows(form));
        for (var i = 0; i < graph.Length; i++)
        {
            Assert.AreEqual(graph[i].PredictedLabel, managed[i].PredictedLabel, $"row {i}");
            for (var k = 0; k < Classes; k++) Assert.AreEqual(graph[i].Score[k], managed[i].Score[k], 1e-5f, $"row {i}");
        }
    }

    [TestMethod]
    [DataRow("fixed")]
    [DataRow("varying")]
    [DataRow("tokens")]
    public void A_binary_classifier_answers_as_the_graph_does(string form)
    {
        var model = Model(Description(RecurrentCell.Gru, form, 1), new BinaryHead(), ModelTask.Binary,
            [new("PredictedLabel", OutputKind.Boolean), new("Score", OutputKind.Single), new("Probability", OutputKind.Single)]);
        using var transformer = new RecurrentBinaryTransformer(s_context, model);
        var (managed, graph) = Both<Decided>(transformer, Rows(form));
        for (var i = 0; i < graph.Length; i++)
        {
            Assert.AreEqual(graph[i].PredictedLabel, managed[i].PredictedLabel, $"row {i}");
            Assert.AreEqual(graph[i].Score, managed[i].Score, 1e-5f, $"row {i}");
            Assert.AreEqual(graph[i].Probability, managed[i].Probability, 1e-5f, $"row {i}");
        }
    }

    [TestMethod]
    [DataRow("fixed")]
    [DataRow("varying")]
    public void A_regression_answers_as_the_graph_does_in_units_of_the_label(string form)
    {
        var target = new Moments(1);
        target.Add([100, 120, 140]);
        var model = Model(Description(RecurrentCell.Lstm, form, 1), new RegressionHead(default, target), ModelTask.Regression,
            [new("Score", OutputKind.Single)]);
        using var transformer = new RecurrentRegressionTransformer(s_context, model);
        var (managed, graph) = Both<Measured>(transformer, Rows(form));
        NumberAssert.IsGreaterThan(60, graph.Where(row => float.IsFinite(row.Score)).Average(row => row.Score));
        for (var i = 0; i < graph.Length; i++) Assert.AreEqual(graph[i].Score, managed[i].Score, 1e-3f, $"row {i}");
    }

    [TestMethod]
    [DataRow("crf bio")]
    [DataRow("joint")]
    [DataRow("characters lstm")]
    [DataRow("characters")]
    public void A_tagger_answers_as_the_graph_does(string form)
    {
        var options = TaggingTrainerTests.Form(form);
        options.Stopping.MaximumNumberOfEpochs = 2;
        var rows = TaggedRows.View(TaggedRows.Sentences(400, 2));
        var model = TaggedRows.Pipeline(options).Fit(TaggedRows.View(TaggedRows.Sentences(60, 1)));
        var tagger = TaggedRows.Tagger(model);
        string[] columns = form == "joint" ? ["Score", Recurrent.Tagging.TaggingTask.SequenceScore] : ["Score"];
        tagger.Scoring = new() { Backend = ScoringBackend.Managed };
        var managed = model.Transform(rows);
        var (found, scores) = (TaggedRows.Found(managed), columns.Select(column => managed.GetColumn<float[]>(column).ToArray()).ToArray());
        tagger.Scoring = new() { Backend = ScoringBackend.OnnxRuntime };
        var graph = model.Transform(rows);
        var expected = TaggedRows.Found(graph);
        for (var i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], found[i], $"row {i}");
        for (var column = 0; column < columns.Length; column++)
        {
            var answers = graph.GetColumn<float[]>(columns[column]).ToArray();
            for (var i = 0; i < answers.Length; i++)
            {
                Assert.HasCount(answers[i].Length, scores[column][i]);
                for (var k = 0; k < answers[i].Length; k++) Assert.AreEqual(answers[i][k], scores[column][i][k], 1e-5f, $"{columns[column]}, row {i}");
            }
        }
    }

    [TestMethod]
    public void The_answers_are_the_same_bits_for_any_number_of_threads_and_rows()
    {
        var model = Model(Description(RecurrentCell.Lstm, "varying", Classes), new MulticlassHead(Classes), ModelTask.Multiclass,
            [new("PredictedLabel", OutputKind.Key), new("Score", OutputKind.Single, Classes)]);
        using var transformer = new RecurrentMulticlassTransformer(s_context, model);
        var rows = Rows("varying");
        float[][] expected = [];
        foreach (var (batch, threads) in ((int, int?)[])[(256, 1), (256, 2), (1, 1), (7, 3), (1000, null)])
        {
            transformer.Scoring = new() { Backend = ScoringBackend.Managed, BatchSize = batch, NumberOfThreads = threads };
            float[][] scores = [.. Score<Classified>(transformer, rows).Select(row => row.Score)];
            if (expected.Length == 0) expected = scores;
            for (var i = 0; i < scores.Length; i++) CollectionAssert.AreEqual(expected[i], scores[i], $"batches of {batch}, {threads} threads, row {i}");
        }
    }

    [TestMethod]
    public void One_row_at_a_time_is_scored_too()
    {
        var model = Model(Description(RecurrentCell.Gru, "fixed", 1), new RegressionHead(default, new(1)), ModelTask.Regression,
            [new("Score", OutputKind.Single)]);
        var transformer = new RecurrentRegressionTransformer(s_context, model) { Scoring = new() { Backend = ScoringBackend.Managed } };
        var rows = Rows("fixed");
        var expected = Score<Measured>(transformer, rows);
        using var engine = s_context.Model.CreatePredictionEngine<Row, Measured>(transformer, inputSchema: View(transformer, rows).Schema);
        for (var i = 0; i < 5; i++) Assert.AreEqual(expected[i].Score, engine.Predict(rows[i]).Score, $"row {i}");
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [TestMethod]
    public void What_the_kernels_cannot_score_is_scored_by_the_graph_or_refused_in_words()
    {
        var description = Description(RecurrentCell.Lstm, "fixed", 1);
        description = description with { Layers = [new SelfAttentionDescription("attention", 1), .. description.Layers] };
        var model = Model(description, new RegressionHead(default, new(1)), ModelTask.Regression, [new("Score", OutputKind.Single)]);
        using var transformer = new RecurrentRegressionTransformer(s_context, model);
        var rows = Rows("fixed");
        Assert.IsTrue(float.IsFinite(Score<Measured>(transformer, rows)[0].Score));
        transformer.Scoring = new() { Backend = ScoringBackend.Managed };
        var error = Assert.ThrowsExactly<NotSupportedException>(() => Score<Measured>(transformer, rows));
        StringAssert.Contains(error.Message, "'attention'");
        StringAssert.Contains(error.Message, nameof(ScoringBackend.OnnxRuntime));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.Scoring = new() { Backend = (ScoringBackend)9 });
    }

    private static (T[] Managed, T[] Graph) Both<T>(RecurrentTransformer transformer, Row[] rows)
        where T : class, new()
    {
        transformer.Scoring = new() { Backend = ScoringBackend.Managed };
        var managed = Score<T>(transformer, rows);
        transformer.Scoring = new() { Backend = ScoringBackend.OnnxRuntime };
        return (managed, Score<T>(transformer, rows));
    }

    private static T[] Score<T>(RecurrentTransformer transformer, Row[] rows)
        where T : class, new() =>
        [.. s_context.Data.CreateEnumerable<T>(transformer.Transform(View(transformer, rows)), reuseRowObject: false)];

    private static IDataView View(RecurrentTransformer transformer, Row[] rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        var first = transformer.Model.Manifest.Inputs[0];
        if (first.Time is { } time)
        {
            schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, time, 2);
            schema[nameof(Row.Words)].ColumnType = new VectorDataViewType(new KeyDataViewType(typeof(uint), 8), time);
        }
        else schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 0, 2);
        return s_context.Data.LoadFromEnumerable(rows, schema);
    }

    // Some rows have no answer: a NaN, an infinite number, no steps.
    private static Row[] Rows(string form)
    {
        var random = new Random(5);
        var varies = form is "varying" or "tokens" or "deep";
        return [.. Enumerable.Range(0, 700).Select(i =>
        {
            var time = varies ? random.Next(i % 50 == 9 && form != "tokens" ? 0 : 1, 24) : 7;
            return new Row
            {
                Features = [.. Enumerable.Range(0, 2 * time).Select(at => at == 3 && i % 40 == 7 ? float.NaN : random.NextSingle() * 4 - 2)],
                Words = [.. Enumerable.Range(0, time).Select(_ => (uint)random.Next(0, 9))],
                Statics = [random.NextSingle(), i == 21 ? float.PositiveInfinity : random.NextSingle(), random.NextSingle()],
            };
        })];
    }

    private static NetworkDescription Description(RecurrentCell cell, string form, int outputs) => new()
    {
        Features = form == "tokens" ? 0 : 2, Vocabulary = form == "tokens" ? 9 : 0, Statics = form is "fixed" or "varying" ? 3 : 0,
        Time = form is "fixed" or "bidirectional" ? 7 : null, Outputs = outputs,
        Layers = form switch
        {
            "tokens" => [new EmbeddingDescription("embedding", 5), new RecurrentDescription("layer", cell, 9), new PoolingDescription("pool",
                SequencePooling.Max)],
            "bidirectional" => [new RecurrentDescription("layer", cell, 9) { Bidirectional = true }, new PoolingDescription("pool", SequencePooling.Last)],
            "deep" => [new DenseDescription("dense", 6, DenseActivation.Relu), new RecurrentDescription("first", cell, 8), new DropoutDescription("drop", .3f),
                new RecurrentDescription("second", cell, 9) { Bidirectional = true }, new PoolingDescription("pool", SequencePooling.Mean)],
            _ => [new RecurrentDescription("layer", cell, 40), new PoolingDescription("pool", SequencePooling.Last)],
        },
    };

    private static RecurrentModel Model(NetworkDescription description, Head head, ModelTask task,
        System.Collections.Immutable.ImmutableArray<OutputColumn> outputs)
    {
        using var network = TestModels.Network(description);
        List<InputColumn> inputs = [description.Vocabulary > 0
            ? new(nameof(Row.Words), InputKind.Tokens, description.Time, 1, description.Vocabulary)
            : new(nameof(Row.Features), InputKind.Sequence, description.Time, 2)];
        if (description.Statics > 0) inputs.Add(new(nameof(Row.Statics), InputKind.Static, null, 3));
        return NetworkExporter.ToModel(network, head, new()
        {
            Task = task, Inputs = [.. inputs], Outputs = outputs, MarksUnanswered = true,
            Label = task is ModelTask.Multiclass ? new(LabelKind.Text, ["a", "b", "c"]) : null,
        }, new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed });
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        [KeyType(8)]
        public uint[] Words { get; set; } = [];

        [VectorType(3)]
        public float[] Statics { get; set; } = [];
    }

    private sealed class Classified
    {
        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    private sealed class Decided
    {
        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }

    private sealed class Measured
    {
        public float Score { get; set; }
    }
}
