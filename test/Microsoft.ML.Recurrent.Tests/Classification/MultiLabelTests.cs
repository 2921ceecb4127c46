using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Classification;

/// <summary>Multi-label classification: several binary labels per row, in each form that the label may have.</summary>
[TestClass]
public sealed class MultiLabelTests
{
    private static readonly MLContext Context = new(1);

    private static readonly string[] s_words = ["red", "green", "blue", "a", "b", "c"];

    private static readonly string[] s_forms = ["keys", "flags", "numbers"];

    public static IEnumerable<object[]> Forms => s_forms.Select(form => new object[] { form });

    private sealed class Row
    {
        public string[] Words { get; set; } = [];
        public string[] Colors { get; set; } = [];
        [VectorType(3)] public bool[] Flags { get; set; } = new bool[3];
        [VectorType(3)] public float[] Numbers { get; set; } = new float[3];
        [VectorType(1)] public bool[] One { get; set; } = new bool[1];
        public float Weight { get; set; } = 1;
    }

    private sealed class Answer
    {
        public bool[] PredictedLabel { get; set; } = [];
        public float[] Score { get; set; } = [];
        public float[] Probability { get; set; } = [];
    }

    private sealed class TagRow
    {
        public string Value { get; set; } = "";
    }

    /// <summary>The colors among the words are the labels.</summary>
    private static Row[] Rows(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            string[] words = [.. Enumerable.Range(0, 2 + random.Next(6)).Select(_ => s_words[random.Next(6)])];
            bool[] flags = [.. s_words[..3].Select(words.Contains)];
            return new Row
            {
                Words = words, Flags = flags, Numbers = [.. flags.Select(flag => flag ? 1f : 0)], Colors = [.. s_words[..3].Where(words.Contains)],
                One = [flags[0]],
            };
        })];
    }

    private static IDataView View(Row[] rows) => Context.Data.LoadFromEnumerable(rows);

    private static IEstimator<ITransformer> Keys(params string[] colors) => Context.Transforms.Conversion.MapValueToKey("Tokens", "Words")
        .Append(Context.Transforms.Conversion.MapValueToKey("ColorKeys", "Colors",
            keyData: Context.Data.LoadFromEnumerable((colors.Length > 0 ? colors : s_words[..3]).Select(color => new TagRow { Value = color }))));

    private static RecurrentBinaryTrainer.Options Options(string form, int epochs = 25) => new()
    {
        LabelColumnName = Label(form),
        FeatureColumnName = "Tokens",
        Features = { EmbeddingSize = 6 },
        Network = { HiddenSize = 16, Pooling = SequencePooling.Max },
        Stopping = { MaximumNumberOfEpochs = epochs },
        Optimizer = { LearningRate = 1e-2f },
        NumberOfThreads = 1,
        Seed = 4,
    };

    private static string Label(string form) => form switch { "keys" => "ColorKeys", "flags" => "Flags", _ => "Numbers" };

    private static IEstimator<ITransformer> Pipeline(RecurrentBinaryTrainer.Options options, params string[] colors) =>
        Keys(colors).Append(Context.BinaryClassification.Trainers.RecurrentNetwork(options));

    private static RecurrentModel ModelOf(ITransformer model) => ((IEnumerable<ITransformer>)model).OfType<RecurrentBinaryTransformer>().Single().Model;

    private static float[][] Probabilities(IDataView scored) => [.. scored.GetColumn<float[]>("Probability")];

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Each_label_has_a_probability_and_all_ways_to_score_agree(string form)
    {
        var model = Pipeline(Options(form)).Fit(View(Rows(400, 1)));
        var rows = Rows(70, 2);
        var scored = model.Transform(View(rows));
        var metrics = Context.BinaryClassification.EvaluateMultiLabel(scored, Label(form));
        NumberAssert.IsGreaterThan(0.97, metrics.MicroF1Score, metrics.ToString());
        NumberAssert.IsGreaterThan(0.9, metrics.SubsetAccuracy, metrics.ToString());
        NumberAssert.IsGreaterThan(0.98, metrics.MacroAreaUnderRocCurve, metrics.ToString());
        Assert.AreEqual(70, metrics.Rows);
        CollectionAssert.AreEqual(form is "keys" ? s_words[..3] : ["0", "1", "2"], metrics.Labels.Select(label => label.Name).ToArray());

        using var file = new MemoryStream();
        Context.Model.Save(model, View(rows).Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out var schema);
        using var engine = Context.Model.CreatePredictionEngine<Row, Answer>(loaded, schema);
        var (found, scores, probabilities) = (scored.GetColumn<bool[]>("PredictedLabel").ToArray(), scored.GetColumn<float[]>("Score").ToArray(),
            Probabilities(scored));
        for (var i = 0; i < rows.Length; i++)
        {
            var answer = engine.Predict(rows[i]);
            CollectionAssert.AreEqual(found[i], answer.PredictedLabel);
            TestModels.AssertClose(scores[i], answer.Score, $"row {i}");
            for (var j = 0; j < 3; j++)
            {
                Assert.AreEqual(1 / (1 + MathF.Exp(-scores[i][j])), probabilities[i][j], 1e-5f);
                Assert.AreEqual(scores[i][j] > 0, found[i][j]);
            }
        }
        var none = engine.Predict(new Row());
        CollectionAssert.AreEqual(new bool[3], none.PredictedLabel);
        Assert.IsTrue(none.Probability.All(float.IsNaN));
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_schema_before_training_is_that_after_it(string form)
    {
        var data = Keys().Fit(View(Rows(30, 1))).Transform(View(Rows(30, 1)));
        var trainer = Context.BinaryClassification.Trainers.RecurrentNetwork(Options(form, 1));
        var shapes = trainer.GetOutputSchema(SchemaShapes.Create(data.Schema)).ToDictionary(column => column.Name);
        using var model = trainer.Fit(data);
        var schema = model.GetOutputSchema(data.Schema);
        foreach (var name in new[] { "PredictedLabel", "Score", "Probability" })
        {
            var type = (VectorDataViewType)schema[name].Type;
            Assert.AreEqual(3, type.Size);
            Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, shapes[name].Kind);
            Assert.AreEqual(type.ItemType, shapes[name].ItemType);
            CollectionAssert.AreEquivalent(shapes[name].Annotations.Select(annotation => annotation.Name).ToArray(),
                schema[name].Annotations.Schema.Select(annotation => annotation.Name).ToArray(), name);
        }
    }

    [TestMethod]
    public void A_vector_of_one_label_stays_a_vector()
    {
        var options = Options("flags", 2);
        options.LabelColumnName = "One";
        var scored = Pipeline(options).Fit(View(Rows(60, 1))).Transform(View(Rows(20, 2)));
        Assert.AreEqual(1, ((VectorDataViewType)scored.Schema["PredictedLabel"].Type).Size);
        Assert.AreEqual(1, ((VectorDataViewType)scored.Schema["Probability"].Type).Size);
        Assert.HasCount(1, Context.BinaryClassification.EvaluateMultiLabel(scored, "One").Labels);
        var regression = Context.Transforms.Conversion.ConvertType("OneNumber", "One", DataKind.Single)
            .Append(Keys()).Append(Context.Regression.Trainers.Gru("OneNumber", "Tokens", hiddenSize: 4, maximumNumberOfEpochs: 1))
            .Fit(View(Rows(30, 1))).Transform(View(Rows(5, 1)));
        Assert.AreEqual(1, ((VectorDataViewType)regression.Schema["Score"].Type).Size);
        Assert.HasCount(1, Context.Regression.EvaluateMultiOutput(regression, "OneNumber").Outputs);
    }

    [TestMethod]
    public void The_exported_graph_gives_the_same()
    {
        var rows = Rows(30, 1);
        var model = Pipeline(Options("keys", 2)).Fit(View(rows));
        using var stream = new MemoryStream();
        ModelOf(model).ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        var scored = model.Transform(View(rows));
        var (tokens, expected, found) = (scored.GetColumn<uint[]>("Tokens").ToArray(), Probabilities(scored),
            scored.GetColumn<bool[]>("PredictedLabel").ToArray());
        for (var row = 0; row < rows.Length; row++)
        {
            long[] ids = [.. tokens[row].Select(id => (long)id)];
            using var input = OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]);
            using var length = OrtValue.CreateTensorValueFromMemory(new long[] { ids.Length }, [1]);
            using var run = new RunOptions();
            using var answers = session.Run(run, new Dictionary<string, OrtValue> { ["Tokens"] = input, [ModelManifest.LengthInput] = length },
                ["PredictedLabel", "Probability"]);
            CollectionAssert.AreEqual(found[row], answers[0].GetTensorDataAsSpan<bool>().ToArray());
            TestModels.AssertClose(expected[row], answers[1].GetTensorDataAsSpan<float>().ToArray(), $"row {row}");
        }
        using var small = new MemoryStream();
        var report = ModelOf(model).ExportToOnnx(small, new() { Precision = OnnxPrecision.Half });
        NumberAssert.IsGreaterThan(0.9, report.Outputs.Single(output => output.Name == "PredictedLabel").Agreement, report.ToString());
    }

    [TestMethod]
    public void A_pipeline_from_keys_is_one_graph()
    {
        var rows = Rows(30, 1);
        var data = Keys().Fit(View(rows)).Transform(View(rows));
        using var transformer = Context.BinaryClassification.Trainers.RecurrentNetwork(Options("numbers", 2)).Fit(data);
        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(transformer, data, stream);
        using var session = new InferenceSession(stream.ToArray());
        Assert.IsTrue(session.OutputMetadata.Any(output => output.Key.StartsWith("PredictedLabel", StringComparison.Ordinal)
            && output.Value.ElementType == typeof(bool) && output.Value.Dimensions[^1] == 3));
    }

    [TestMethod]
    public void Labels_that_are_not_known_are_left_out()
    {
        var rows = Rows(500, 1);
        var random = new Random(2);
        foreach (var row in rows) row.Numbers = [.. row.Numbers.Select(number => random.Next(3) == 0 ? float.NaN : number)];
        foreach (var metric in new[] { ValidationMetric.Accuracy, ValidationMetric.F1Score, ValidationMetric.AreaUnderRocCurve })
        {
            var options = Options("numbers");
            options.Stopping.Metric = metric;
            var scored = Pipeline(options).Fit(View(rows)).Transform(View(Rows(70, 2)));
            var metrics = Context.BinaryClassification.EvaluateMultiLabel(scored, "Flags");
            NumberAssert.IsGreaterThan(0.95, metrics.MicroF1Score, metrics.ToString());
        }
    }

    [TestMethod]
    public void Rows_of_no_weight_teach_nothing_and_rare_labels_can_count_more()
    {
        var wrong = Rows(200, 6);
        foreach (var row in wrong) (row.Flags, row.Weight) = ([.. row.Flags.Select(flag => !flag)], 0);
        var options = Options("flags");
        options.ExampleWeightColumnName = "Weight";
        var metrics = Context.BinaryClassification.EvaluateMultiLabel(
            Pipeline(options).Fit(View([.. Rows(400, 1), .. wrong])).Transform(View(Rows(70, 2))), "Flags");
        NumberAssert.IsGreaterThan(0.95, metrics.MicroF1Score, metrics.ToString());

        // Labels at random, one row in ten: alone the prior is learned, balanced half of the rows are found.
        var random = new Random(8);
        var rare = Rows(600, 3);
        foreach (var row in rare) row.Flags = [random.Next(10) == 0, random.Next(10) == 0, random.Next(10) == 0];
        float Mean(bool balance)
        {
            var options = Options("flags", 4);
            (options.Loss.BalanceClasses, options.Optimizer.LearningRate) = (balance, 3e-3f);
            return Probabilities(Pipeline(options).Fit(View(rare)).Transform(View(Rows(100, 4)))).SelectMany(row => row).Average();
        }
        NumberAssert.IsLessThan(0.25f, Mean(false));
        NumberAssert.IsGreaterThan(0.35f, Mean(true));
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_on_one_thread_and_two()
    {
        float[][] Of(int threads)
        {
            var options = Options("keys", 2);
            options.NumberOfThreads = threads;
            return Probabilities(Pipeline(options).Fit(View(Rows(80, 1))).Transform(View(Rows(20, 2))));
        }
        var (one, two) = (Of(1), Of(2));
        for (var i = 0; i < one.Length; i++) CollectionAssert.AreEqual(one[i], two[i]);
    }

    [TestMethod]
    public void Fine_tuning_keeps_labels_by_their_names()
    {
        var first = Pipeline(Options("keys")).Fit(View(Rows(400, 1)));
        var options = Options("keys", 1);
        (options.Network.Initialization.Model, options.Optimizer.LearningRate, options.Stopping.ValidationFraction) = (ModelOf(first), 1e-7f, 0);
        // Another order, a new label, and one that the data lack.
        var tuned = Pipeline(options, "blue", "violet", "red").Fit(View(Rows(30, 5)));
        var rows = Rows(100, 2);
        var metrics = Context.BinaryClassification.EvaluateMultiLabel(tuned.Transform(first.Transform(View(rows))), "ColorKeys");
        CollectionAssert.AreEqual(new[] { "blue", "violet", "red", "green" }, metrics.Labels.Select(label => label.Name).ToArray());
        foreach (var label in metrics.Labels.Where(label => label.Name is not "violet" and not "green"))
            NumberAssert.IsGreaterThan(0.97, label.AreaUnderRocCurve, label.Name);
        // With the mapping of the first training "green" is still known.
        var green = Context.BinaryClassification.EvaluateMultiLabel(((IEnumerable<ITransformer>)tuned).Last().Transform(
            ((IEnumerable<ITransformer>)first).First().Transform(View(rows))), "ColorKeys").Labels.Single(label => label.Name == "green");
        NumberAssert.IsGreaterThan(0.97, green.AreaUnderRocCurve);
        var single = Context.Transforms.Conversion.MapValueToKey("Tokens", "Words").Fit(View(rows)).Transform(View(rows));
        options = Options("flags", 1);
        (options.Network.Initialization.Model, options.LabelColumnName) = (ModelOf(first), "One");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Context.BinaryClassification.Trainers.RecurrentNetwork(options).Fit(single)).Message,
            "3 labels");
    }

    [TestMethod]
    public void What_cannot_be_a_label_is_refused_with_the_remedy()
    {
        var rows = Rows(20, 1);
        rows[4].Numbers[1] = 0.5f;
        StringAssert.Contains(Refusal(Options("numbers", 1), rows), "Row 4 of the label column 'Numbers' holds 0.5: labels are 0 or 1");
        var options = Options("keys", 1);
        options.LabelColumnName = "Colors";
        StringAssert.Contains(Refusal(options, Rows(20, 1)), "MapValueToKey(\"Colors\")");
        options.LabelColumnName = "Weight";
        StringAssert.Contains(Refusal(options, Rows(20, 1)), "expected Boolean");

        var (train, validation) =
            (Keys().Fit(View(rows)).Transform(View(Rows(20, 1))), Keys("green", "red", "blue").Fit(View(rows)).Transform(View(Rows(20, 2))));
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Context.BinaryClassification.Trainers.RecurrentNetwork(Options("keys", 1))
            .Fit(train, validation)).Message, "expected 'red' as label 1, found 'green'");

        static string Refusal(RecurrentBinaryTrainer.Options options, Row[] rows) =>
            Assert.Throws<ArgumentException>(() => Pipeline(options).Fit(View(rows))).Message;
    }

    private sealed class ScoredRow
    {
        [VectorType(3)] public float[] Label { get; set; } = [];
        [VectorType(3)] public bool[] PredictedLabel { get; set; } = [];
        [VectorType(3)] public float[] Probability { get; set; } = [];
    }

    [TestMethod]
    public void The_metrics_are_those_of_their_definitions()
    {
        ScoredRow[] rows =
        [
            new() { Label = [1, 0, 0], PredictedLabel = [true, false, false], Probability = [0.9f, 0.4f, 0.1f] },
            new() { Label = [1, 1, 0], PredictedLabel = [true, false, false], Probability = [0.6f, 0.3f, 0.2f] },
            new() { Label = [0, 1, float.NaN], PredictedLabel = [true, true, true], Probability = [0.7f, 0.8f, 0.9f] },
            new() { Label = [0, 0, 0], PredictedLabel = [false, true, false], Probability = [0.2f, 0.7f, 0.3f] },
        ];
        var metrics = Context.BinaryClassification.EvaluateMultiLabel(Context.Data.LoadFromEnumerable(rows));
        // Errors: one in rows 1, 2 and 3 each, of 11 known labels.
        Assert.AreEqual(0.25, metrics.SubsetAccuracy, 1e-12);
        Assert.AreEqual(3 / 11.0, metrics.HammingLoss, 1e-12);
        Assert.AreEqual(2 * 3 / (4.0 + 5), metrics.MicroF1Score, 1e-12);
        Assert.AreEqual(2 * 2 / (2.0 + 3), metrics.Labels[0].F1Score, 1e-12);
        Assert.AreEqual(0.5, metrics.Labels[1].F1Score, 1e-12);
        Assert.AreEqual((0.8 + 0.5) / 2, metrics.MacroF1Score, 1e-12);
        // Pairs in order: 3 of 4 of the first label, 2 of 4 of the second.
        Assert.AreEqual(0.75, metrics.Labels[0].AreaUnderRocCurve, 1e-12);
        Assert.AreEqual(0.5, metrics.Labels[1].AreaUnderRocCurve, 1e-12);
        Assert.IsTrue(double.IsNaN(metrics.Labels[2].AreaUnderRocCurve));
        Assert.AreEqual(0.625, metrics.MacroAreaUnderRocCurve, 1e-12);
    }
}
