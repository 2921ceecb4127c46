using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>
/// What earlier versions wrote is read by this one, and answers as it did: saved pipelines, exported graphs, engines' checkpoints, and the checkpoint of a
/// training run. The benchmarks' command <c>fixtures</c> writes such a folder.
/// </summary>
[TestClass]
public sealed class FixtureTests
{
    private static readonly MLContext Context = new(1);

    public static IEnumerable<object[]> Names => FixtureCases.All.Select(model => new object[] { model.Name });

    [TestMethod]
    public void Every_folder_has_its_test() => CollectionAssert.AreEquivalent(
        (string[])[.. FixtureCases.All.Select(model => model.Name), "foreign", "checkpoint"],
        Directory.GetDirectories(File("v1")).Select(Path.GetFileName).ToArray());

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_saved_pipeline_answers_as_it_did(string name)
    {
        var model = FixtureCases.Find(name);
        var loaded = new MLContext().Model.Load(File("v1", name, "model.zip"), out var schema);
        var data = model.Read(Context, Text("v1", name, "rows.json"));
        Assert.HasCount(data.Schema.Count, schema);
        AssertSame(Answers("v1", name, "answers.json"), FixtureFiles.Answers(loaded.Transform(data), model.Columns));
    }

    /// <summary>Graphs of the time before they marked rows without an answer: a number that is none is NaN all the same, and the other rows stay.</summary>
    [TestMethod]
    [DataRow("regression")]
    [DataRow("binary")]
    [DataRow("multiclass-statics")]
    [DataRow("gru-reset-before")]
    [DataRow("attention-pooling")]
    [DataRow("zoneout")]
    public void A_saved_model_answers_nan_where_a_number_is_none(string name)
    {
        var model = FixtureWriter.Recurrent(Context.Model.Load(File("v1", name, "model.zip"), out _)).Model;
        var inputs = model.Manifest.Inputs;
        using var scorer = new Microsoft.ML.Recurrent.Scoring.GraphScorer(model);
        using var batch = scorer.CreateBatch();
        var random = new Random(1);
        for (var row = 0; row < 3; row++)
        {
            batch.Add(inputs[0].Time ?? 4);
            for (var input = 0; input < inputs.Length; input++)
                if (!batch.Inputs[input].IsInteger) foreach (ref var value in batch.Values(row, input)) value = random.NextSingle();
        }
        var numbers = Enumerable.Range(0, inputs.Length).First(input => !batch.Inputs[input].IsInteger);
        batch.Values(1, numbers)[^1] = float.NaN;
        scorer.Run(batch);
        for (var output = 0; output < model.Manifest.Outputs.Length; output++)
        {
            for (var row = 0; row < 3; row++)
            {
                var column = model.Manifest.Outputs[output];
                if (column.Kind is OutputKind.Single) foreach (var answer in batch.Floats(row, output)) Assert.AreEqual(row == 1, float.IsNaN(answer));
                else if (row == 1) Assert.IsTrue(column.Kind is OutputKind.Boolean ? !batch.Boolean(row, output) : batch.Key(row, output) == 0);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_saved_model_is_trained_further(string name) =>
        TrainFurther(name, FixtureWriter.Recurrent(Context.Model.Load(File("v1", name, "model.zip"), out _)).Model);

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void An_exported_model_is_trained_further(string name) => TrainFurther(name, Context.Model.LoadRecurrentOnnx(File("v1", name, "model.onnx")));

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_saved_model_is_exported_again(string name)
    {
        // The saved pipeline holds the very graph that was exported beside it, which this version reads, summarises and writes.
        var model = FixtureWriter.Recurrent(Context.Model.Load(File("v1", name, "model.zip"), out _)).Model;
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream);
        Assert.IsTrue(System.IO.File.ReadAllBytes(File("v1", name, "model.onnx")).AsSpan().SequenceEqual(stream.ToArray()), "another file is written");
        StringAssert.Contains(model.Summary(), "head");
        NumberAssert.IsGreaterThanOrEqualTo(2, model.History.Epochs.Length);
    }

    [TestMethod]
    [DataRow(FixtureCases.Hours)]
    [DataRow(FixtureCases.Pairs)]
    public void An_engines_checkpoint_goes_on(string name)
    {
        using var engine = Context.Model.Load(File("v1", name, "engine.zip"), out _).CreateForecastEngine(Context);
        AssertSame(Answers("v1", name, "engine.json"), FixtureEngine.Ask(engine, FixtureCases.Find(name), Context, Text("v1", name, "rows.json")));
    }

    [TestMethod]
    public void A_language_model_writes_what_it_wrote() => CollectionAssert.AreEqual(
        FixtureFiles.FromJson<string[]>(Text("v1", FixtureCases.Language, "text.json")),
        FixtureWriter.Text(Context.Model.LoadRecurrentOnnx(File("v1", FixtureCases.Language, "model.onnx"))));

    [TestMethod]
    public void A_pipeline_with_a_foreign_graph_answers_as_it_did()
    {
        var loaded = Context.Model.Load(File("v1", "foreign", "model.zip"), out _);
        var data = Context.Data.LoadFromEnumerable(FixtureFiles.FromJson<TableRow[]>(Text("v1", "foreign", "rows.json")));
        AssertSame(Answers("v1", "foreign", "answers.json"), FixtureFiles.Answers(loaded.Transform(data), FixtureWriter.Foreign.Outputs));
        // Today an output of one number becomes a number; the column of a model that was saved stays a vector.
        Assert.AreEqual("Vector<Single, 1>", loaded.Transform(data).Schema["Score"].Type.ToString());
    }

    [TestMethod]
    public void A_training_run_goes_on_from_its_checkpoint()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-fixture-").FullName;
        try
        {
            System.IO.File.Copy(File("v1", "checkpoint", "training.checkpoint"), Path.Combine(folder, "training.checkpoint"));
            var options = FixtureCases.Checkpointed;
            (options.Checkpoints.Folder, options.Checkpoints.Resume) = (folder, true);
            var steps = new Steps();
            options.Logging.Loggers = [steps];
            var data = Context.Data.LoadFromEnumerable(FixtureFiles.FromJson<SequenceRow[]>(Text("v1", "checkpoint", "rows.json")));
            using var resumed = Context.Regression.Trainers.RecurrentNetwork(options).Fit(data);
            // The first batch of the next step, of two, is logged with the number of the last one.
            Assert.AreEqual(FixtureCases.StepOfCheckpoint, steps.First);
            Assert.HasCount(6, resumed.Model.History.Epochs);
            // Since then sequences of varying length are put together to other batches, and training carries other roundings on.
            AssertSame(Answers("v1", "checkpoint", "answers.json") with { Machine = "" }, FixtureFiles.Answers(resumed.Transform(data), ["Score"]),
                elsewhere: 1e-2f);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void TrainFurther(string name, RecurrentModel initial)
    {
        var model = FixtureCases.Find(name);
        var further = model.Fit(Context, initial);
        var history = FixtureWriter.Recurrent(further).Model.History;
        Assert.HasCount(1, history.Epochs);
        Assert.IsTrue(double.IsFinite(history.Epochs[0].Loss), $"a loss of {history.Epochs[0].Loss}");
        if (!model.KeepsAnswers) return;
        // The learning rate is next to nothing, so that the weights are those that were read.
        var column = model.Columns[0];
        var expected = Answers("v1", name, "answers.json");
        AssertSame(new(expected.Machine, new Dictionary<string, float[][]> { [column] = expected.Columns[column] }),
            FixtureFiles.Answers(further.Transform(model.Read(Context, Text("v1", name, "rows.json"))), [column]));
    }

    // Within 1e-6 of numbers up to 1, and of the number beyond. On another kind of processor than the fixture's, whose sums are rounded otherwise, the bound is
    // looser, and a drawn count may be another one.
    private static void AssertSame(FixtureAnswers expected, FixtureAnswers actual, float elsewhere = 1e-4f)
    {
        var same = expected.Machine == actual.Machine;
        CollectionAssert.AreEquivalent(expected.Columns.Keys.ToArray(), actual.Columns.Keys.ToArray());
        foreach (var (name, rows) in expected.Columns)
        {
            var others = actual.Columns[name];
            Assert.HasCount(rows.Length, others, name);
            int numbers = 0, different = 0;
            var message = "";
            for (var i = 0; i < rows.Length; i++)
            {
                Assert.HasCount(rows[i].Length, others[i], $"{name}, row {i}");
                for (var j = 0; j < rows[i].Length; j++, numbers++)
                {
                    if (rows[i][j].Equals(others[i][j])) continue;
                    if (Math.Abs(rows[i][j] - others[i][j]) <= (same ? 1e-6f : elsewhere) * Math.Max(1, Math.Abs(rows[i][j]))) continue;
                    different++;
                    message = $"{name}, row {i}, number {j}: {others[i][j]} instead of {rows[i][j]}";
                }
            }
            if (different > (same ? 0 : numbers / 50)) Assert.Fail($"{different} of {numbers} numbers differ. {message}.");
        }
    }

    private static FixtureAnswers Answers(params string[] parts) => FixtureFiles.FromJson<FixtureAnswers>(Text(parts));

    private static string Text(params string[] parts) => System.IO.File.ReadAllText(File(parts));

    private static string File(params string[] parts) =>
        Path.Combine([SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Tests", "Fixtures", .. parts]);

    private sealed class Steps : TrainingLogger
    {
        public long First { get; private set; }

        public override void Log(TrainingLogEntry entry)
        {
            if (First == 0) First = entry.Step;
        }
    }
}
