using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Regression;

/// <summary>Regressions with a vector as their label: several outputs, and numbers per step.</summary>
[TestClass]
public sealed class VectorLabelTests
{
    private static readonly MLContext Context = new(1);

    private static readonly string[] s_forms = ["outputs", "steps", "pairs", "fixed"];

    public static IEnumerable<object[]> Forms => s_forms.Select(form => new object[] { form });

    /// <summary>Numbers, their sum and last value, and at each step the sum so far and the number before.</summary>
    private sealed class Row
    {
        public float[] Numbers { get; set; } = [];
        [VectorType(6)] public float[] Six { get; set; } = [];
        [VectorType(2)] public float[] Outputs { get; set; } = [];
        public float[] Steps { get; set; } = [];
        [VectorType(0, 2)] public float[] Pairs { get; set; } = [];
        [VectorType(6)] public float[] SixSteps { get; set; } = [];
        public float Weight { get; set; } = 1;
    }

    private sealed class Answer
    {
        public float[] Score { get; set; } = [];
    }

    private static Row[] Rows(int count, int seed)
    {
        var random = new Random(seed);
        float[] Numbers(int length) => [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() * 2 - 1)];
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] numbers = Numbers(3 + random.Next(6)), six = Numbers(6);
            var sums = Sums(numbers);
            return new Row
            {
                Numbers = numbers, Six = six, Outputs = [100 + 10 * sums[^1], -5 + numbers[^1]], Steps = [.. sums.Select(sum => 50 + 3 * sum)],
                Pairs = [.. sums.SelectMany((sum, i) => new[] { sum, i == 0 ? 0 : 1000 * numbers[i - 1] })], SixSteps = Sums(six),
            };
        })];

        static float[] Sums(float[] numbers)
        {
            var sum = 0f;
            return [.. numbers.Select(number => sum += number)];
        }
    }

    private static IDataView View(Row[] rows) => Context.Data.LoadFromEnumerable(rows);

    private static RecurrentRegressionTrainer.Options Form(string form, int epochs = 40) => new()
    {
        LabelColumnName = form switch { "outputs" => "Outputs", "steps" => "Steps", "pairs" => "Pairs", _ => "SixSteps" },
        FeatureColumnName = form is "fixed" ? "Six" : "Numbers",
        LabelPerStep = form is "fixed",
        Network = { HiddenSize = 16 },
        Stopping = { MaximumNumberOfEpochs = epochs },
        Optimizer = { LearningRate = 1e-2f },
        NumberOfThreads = 1,
        Seed = 5,
    };

    private static float[] Labels(string form, Row row) =>
        form switch { "outputs" => row.Outputs, "steps" => row.Steps, "pairs" => row.Pairs, _ => row.SixSteps };

    private static void SetLabels(string form, Row row, float[] labels)
    {
        if (form is "outputs") row.Outputs = labels;
        else if (form is "steps") row.Steps = labels;
        else if (form is "pairs") row.Pairs = labels;
        else row.SixSteps = labels;
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void It_learns_and_all_ways_to_score_agree(string form)
    {
        var options = Form(form);
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(View(Rows(600, 1)));
        var rows = Rows(70, 2);
        var scored = model.Transform(View(rows));
        var metrics = Context.Regression.EvaluateMultiOutput(scored, options.LabelColumnName);
        Assert.HasCount(form is "outputs" or "pairs" ? 2 : 1, metrics.Outputs);
        foreach (var output in metrics.Outputs) NumberAssert.IsGreaterThan(0.95, output.RSquared, metrics.ToString());
        Assert.AreEqual(rows.Sum(row => Labels(form, row).Length), metrics.Outputs.Sum(output => output.Count));

        using var file = new MemoryStream();
        Context.Model.Save(model, View(rows).Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out var schema);
        using var engine = Context.Model.CreatePredictionEngine<Row, Answer>(loaded, schema);
        var scores = scored.GetColumn<float[]>("Score").ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            var answer = engine.Predict(rows[i]).Score;
            Assert.HasCount(Labels(form, rows[i]).Length, answer);
            for (var j = 0; j < answer.Length; j++) Assert.AreEqual(scores[i][j], answer[j], 1e-3f * Math.Max(1, Math.Abs(answer[j])));
        }
        // A row without steps: no steps, or outputs that are NaN.
        if (form is not "fixed")
        {
            var none = engine.Predict(new Row { Numbers = [] }).Score;
            CollectionAssert.AreEqual(form is "outputs" ? new[] { float.NaN, float.NaN } : [], none);
        }
        var type = (VectorDataViewType)scored.Schema["Score"].Type;
        Assert.AreEqual(form is "outputs", type.IsKnownSize);
        CollectionAssert.AreEqual(form switch { "outputs" => [2], "pairs" => [0, 2], _ => new[] { 0 } }, type.Dimensions.ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_schema_before_training_is_that_after_it(string form)
    {
        var data = View(Rows(20, 1));
        var trainer = Context.Regression.Trainers.RecurrentNetwork(Form(form, 1));
        var shape = trainer.GetOutputSchema(SchemaShapes.Create(data.Schema)).Single(column => column.Name == "Score");
        using var model = trainer.Fit(data);
        var type = (VectorDataViewType)model.GetOutputSchema(data.Schema)["Score"].Type;
        Assert.AreEqual(type.IsKnownSize ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector, shape.Kind);
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_exported_graph_gives_the_same(string form)
    {
        using var model = Context.Regression.Trainers.RecurrentNetwork(Form(form, 2)).Fit(View(Rows(100, 1)));
        var rows = Rows(1, 4);
        using var stream = new MemoryStream();
        model.Model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        var options = Form(form);
        var values = form is "fixed" ? rows[0].Six : rows[0].Numbers;
        using var input = OrtValue.CreateTensorValueFromMemory(values, [1, values.Length, 1]);
        Dictionary<string, OrtValue> inputs = new() { [options.FeatureColumnName] = input };
        if (form is not "fixed") inputs.Add(ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(new long[] { values.Length }, [1]));
        using var run = new RunOptions();
        using var answers = session.Run(run, inputs, ["Score"]);
        var expected = model.Transform(View(rows)).GetColumn<float[]>("Score").Single();
        var actual = answers[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < actual.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-4f * Math.Max(1, Math.Abs(actual[i])));
        foreach (var value in inputs.Values) value.Dispose();
    }

    [TestMethod]
    public void A_pipeline_of_fixed_size_is_one_graph()
    {
        var data = View(Rows(80, 1));
        using var model = Context.Regression.Trainers.RecurrentNetwork(Form("fixed", 2)).Fit(data);
        var plain = Context.Transforms.SelectColumns("Six").Fit(data).Transform(data);
        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(model, plain, stream);
        using var session = new InferenceSession(stream.ToArray());
        var rows = Rows(3, 9);
        using var input = OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row.Six).ToArray(), [3, 6]);
        using var run = new RunOptions();
        using var answers = session.Run(run, new Dictionary<string, OrtValue> { ["Six"] = input },
            [session.OutputNames.Single(name => name.StartsWith("Score", StringComparison.Ordinal))]);
        float[] expected = [.. model.Transform(View(rows)).GetColumn<float[]>("Score").SelectMany(row => row)];
        var actual = answers[0].GetTensorDataAsSpan<float>().ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-4f);
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Missing_numbers_are_left_out_of_the_loss(string form)
    {
        var rows = Rows(600, 1);
        var random = new Random(3);
        foreach (var row in rows) SetLabels(form, row, [.. Labels(form, row).Select(label => random.Next(3) == 0 ? float.NaN : label)]);
        var options = Form(form);
        options.Stopping.Metric = ValidationMetric.MeanAbsoluteError;
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(View(rows));
        var metrics = Context.Regression.EvaluateMultiOutput(model.Transform(View(Rows(70, 2))), options.LabelColumnName);
        foreach (var output in metrics.Outputs) NumberAssert.IsGreaterThan(0.9, output.RSquared, metrics.ToString());
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Rows_of_no_weight_teach_nothing(string form)
    {
        var wrong = Rows(300, 6);
        foreach (var row in wrong)
        {
            SetLabels(form, row, [.. Labels(form, row).Select(label => -label)]);
            row.Weight = 0;
        }
        var options = Form(form);
        options.ExampleWeightColumnName = "Weight";
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(View([.. Rows(600, 1), .. wrong]));
        var metrics = Context.Regression.EvaluateMultiOutput(model.Transform(View(Rows(70, 2))), options.LabelColumnName);
        foreach (var output in metrics.Outputs) NumberAssert.IsGreaterThan(0.9, output.RSquared, metrics.ToString());
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_same_seed_gives_the_same_on_one_thread_and_two(string form)
    {
        float[] Scores(int threads)
        {
            var options = Form(form, 2);
            options.NumberOfThreads = threads;
            using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(View(Rows(100, 1)));
            return [.. model.Transform(View(Rows(20, 2))).GetColumn<float[]>("Score").SelectMany(row => row)];
        }
        CollectionAssert.AreEqual(Scores(1), Scores(2));
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Fine_tuning_begins_where_the_model_is(string form)
    {
        using var first = Context.Regression.Trainers.RecurrentNetwork(Form(form)).Fit(View(Rows(600, 1)));
        var options = Form(form, 1);
        (options.Network.Initialization.Model, options.Optimizer.LearningRate) = (first.Model, 1e-7f);
        using var tuned = Context.Regression.Trainers.RecurrentNetwork(options).Fit(View(Rows(40, 3)));
        var metrics = Context.Regression.EvaluateMultiOutput(tuned.Transform(View(Rows(70, 2))), options.LabelColumnName);
        foreach (var output in metrics.Outputs) NumberAssert.IsGreaterThan(0.9, output.RSquared, metrics.ToString());
    }

    [TestMethod]
    public void A_label_per_step_can_be_streamed_step_by_step()
    {
        using var model = Context.Regression.Trainers.RecurrentNetwork(Form("steps", 3)).Fit(View(Rows(100, 1)));
        var row = Rows(1, 8);
        var whole = model.Transform(View(row)).GetColumn<float[]>("Score").Single();
        using var stream = new SequenceStream<int>(model.Model);
        var answer = new float[1];
        for (var t = 0; t < whole.Length; t++)
        {
            stream.Step([7], [row[0].Numbers[t]], answer);
            Assert.AreEqual(whole[t], answer[0], 1e-3f);
        }
    }

    [TestMethod]
    public void Gradients_of_labels_per_step_can_be_truncated()
    {
        float[] Scores(int? steps)
        {
            var options = Form("steps", 3);
            options.TruncatedBpttSteps = steps;
            using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(View(Rows(100, 1)));
            return [.. model.Transform(View(Rows(10, 2))).GetColumn<float[]>("Score").SelectMany(row => row)];
        }
        // Rows have at most eight steps.
        CollectionAssert.AreEqual(Scores(null), Scores(8));
        CollectionAssert.AreNotEqual(Scores(null), Scores(2));
    }

    [TestMethod]
    public void The_outputs_keep_the_names_of_the_labels()
    {
        var rows = Rows(30, 1).Select(row => new NamedRow { Numbers = row.Numbers, Sum = row.Outputs[0], Last = row.Outputs[1] }).ToArray();
        var data = Context.Data.LoadFromEnumerable(rows);
        var model = Context.Transforms.Concatenate("Outputs", "Sum", "Last")
            .Append(Context.Regression.Trainers.RecurrentNetwork(Form("outputs", 1))).Fit(data);
        var scored = model.Transform(data);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "Sum", "Last" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { "Sum", "Last" },
            Context.Regression.EvaluateMultiOutput(scored, "Outputs").Outputs.Select(output => output.Name).ToArray());
    }

    private sealed class NamedRow
    {
        public float[] Numbers { get; set; } = [];
        public float Sum { get; set; }
        public float Last { get; set; }
    }

    [TestMethod]
    public void What_cannot_be_a_label_is_refused_with_the_remedy()
    {
        var rows = Rows(20, 1);
        rows[7].Steps = rows[7].Steps[1..];
        StringAssert.Contains(Refusal(Form("steps", 1), rows), "Row 7 of the label column 'Steps' holds");
        rows = Rows(20, 1);
        rows[3].Pairs = [.. rows[3].Pairs, 1];
        StringAssert.Contains(Refusal(Form("pairs", 1), rows), "there must be 2 numbers for each step");
        rows = Rows(20, 1);
        rows[5].Outputs[1] = float.PositiveInfinity;
        StringAssert.Contains(Refusal(Form("outputs", 1), rows), "Row 5 of the label column 'Outputs' holds");
        rows = Rows(20, 1);
        foreach (var row in rows) row.Outputs[1] = float.NaN;
        StringAssert.Contains(Refusal(Form("outputs", 1), rows), "no number at index 1");
        var options = Form("fixed", 1);
        options.LabelColumnName = "Weight";
        StringAssert.Contains(Refusal(options, Rows(20, 1)), "expected Vector<Single, *>");
        options = Form("fixed", 1);
        options.LabelColumnName = "Outputs";
        StringAssert.Contains(Refusal(options, Rows(20, 1)), "numbers for each of the 6 steps of the column 'Six'");
        options = Form("steps", 1);
        options.Features.StaticColumnNames = ["Weight"];
        StringAssert.Contains(Refusal(options, Rows(20, 1)), "answers at each step");
        options = Form("steps", 1);
        options.Network.Regularization.Augmentation = new() { TimeWarp = 0.1f };
        StringAssert.Contains(Refusal(options, Rows(20, 1)), "moves numbers to other steps");
        options = Form("steps", 1);
        options.Network.Pooling = SequencePooling.Max;
        StringAssert.Contains(Refusal(options, Rows(20, 1)), "Network.Pooling");

        static string Refusal(RecurrentRegressionTrainer.Options options, Row[] rows) =>
            Assert.Throws<ArgumentException>(() => Context.Regression.Trainers.RecurrentNetwork(options).Fit(View(rows))).Message;
    }

    [TestMethod]
    public void Equal_labels_and_outliers_of_steps_are_warned_of()
    {
        var rows = Rows(30, 1);
        foreach (var row in rows) row.Steps = [.. row.Steps.Select(_ => 4f)];
        using var seen = new SeenWarnings(Context);
        Context.Regression.Trainers.RecurrentNetwork(Form("steps", 1)).Fit(View(rows)).Dispose();
        StringAssert.Contains(seen.Messages.Single(text => text.StartsWith("MLR1008", StringComparison.Ordinal)), "4 at every step");
        rows = Rows(30, 1);
        rows[2].Steps[1] = 1e9f;
        var options = Form("steps", 1);
        options.Stopping.ValidationFraction = 0;
        Context.Regression.Trainers.RecurrentNetwork(options).Fit(View(rows)).Dispose();
        Assert.IsTrue(seen.Messages.Any(text => text.Contains("'Steps' holds 1E+09 (row 2, step 1)", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void The_metrics_are_those_of_their_definitions()
    {
        PairRow[] rows = [new() { Label = [1, 10], Score = [2, 10] }, new() { Label = [3, float.NaN], Score = [3, 7] },
            new() { Label = [5, 40], Score = [3, 20] }];
        var metrics = Context.Regression.EvaluateMultiOutput(Context.Data.LoadFromEnumerable(rows));
        var (first, second) = (metrics.Outputs[0], metrics.Outputs[1]);
        Assert.AreEqual(3, first.Count);
        Assert.AreEqual(1, first.MeanAbsoluteError, 1e-12);
        Assert.AreEqual(Math.Sqrt(5.0 / 3), first.RootMeanSquaredError, 1e-12);
        Assert.AreEqual(1 - 5.0 / 8, first.RSquared, 1e-12);
        Assert.AreEqual(2, second.Count);
        Assert.AreEqual(10, second.MeanAbsoluteError, 1e-12);
        Assert.AreEqual(1 - 400.0 / 450, second.RSquared, 1e-12);
        Assert.AreEqual(5.5, metrics.MeanAbsoluteError, 1e-12);
        rows[1].Score = [1];
        StringAssert.Contains(
            Assert.Throws<ArgumentException>(() => Context.Regression.EvaluateMultiOutput(Context.Data.LoadFromEnumerable(rows))).Message, "1");
    }

    private sealed class PairRow
    {
        [VectorType(2)] public float[] Label { get; set; } = [];
        [VectorType(2)] public float[] Score { get; set; } = [];
    }
}
