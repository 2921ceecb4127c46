using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Warnings of trainers: each comes once where it should, and none does where the data are in order.</summary>
[TestClass]
public sealed class WarningTests
{
    private sealed class Row
    {
        [VectorType(6, 1)] public float[] X { get; set; } = [];
        public float Place { get; set; }
        public float Sum { get; set; }
        public bool IsPositive { get; set; }
        public string Sign { get; set; } = "";
    }

    private static Row[] Rows(int count = 500)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] points = [.. Enumerable.Range(0, 6).Select(_ => random.NextSingle() - 0.5f)];
            var sum = points.Sum();
            return new Row
            { X = points, Place = random.NextSingle(), Sum = sum, IsPositive = sum > 0, Sign = sum > 0 ? "plus" : "minus" };
        })];
    }

    private static (string[] Codes, string Text, TrainingHistory History) Train(IEnumerable<Row> rows, string task,
        Action<RecurrentTrainerOptions>? change = null)
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        var data = context.Data.LoadFromEnumerable(rows);
        var history = task switch
        {
            "binary" => context.BinaryClassification.Trainers
                .RecurrentNetwork(Options(new RecurrentBinaryTrainer.Options { LabelColumnName = "IsPositive" })).Fit(data).Model.History,
            "multiclass" => context.MulticlassClassification.Trainers
                .RecurrentNetwork(Options(new RecurrentMulticlassTrainer.Options { LabelColumnName = "Sign" }))
                .Fit(context.Transforms.Conversion.MapValueToKey("Sign").Fit(data).Transform(data)).Model.History,
            _ => context.Regression.Trainers
                .RecurrentNetwork(Options(new RecurrentRegressionTrainer.Options { LabelColumnName = task })).Fit(data).Model.History,
        };
        return (seen.Codes, string.Join('\n', seen.Messages), history);

        T Options<T>(T options) where T : SequenceTrainerOptions
        {
            options.FeatureColumnName = "X";
            options.Features.StaticColumnNames = ["Place"];
            options.Network.HiddenSize = 4;
            options.Stopping.MaximumNumberOfEpochs = 3;
            options.Seed = 1;
            change?.Invoke(options);
            return options;
        }
    }

    [TestMethod]
    [DataRow("Sum")]
    [DataRow("binary")]
    [DataRow("multiclass")]
    public void Rows_in_order_give_no_warning(string task) => Assert.AreEqual("", Train(Rows(), task).Text);

    [TestMethod]
    [DataRow("Sum", 100f)]
    [DataRow("Sum", 1e6f)]
    [DataRow("Sum", 1e10f)]
    [DataRow("binary", 1e4f)]
    [DataRow("binary", 1e10f)]
    [DataRow("multiclass", 1e4f)]
    [DataRow("Sum", 0.1f)]
    public void An_absurd_learning_rate_is_told_by_the_loss(string task, float rate)
    {
        var (codes, text, history) = Train(Rows(), task, options => options.Optimizer.LearningRate = rate);
        Assert.AreEqual(TrainingEnd.Completed, history.End);
        if (rate < 1)
        {
            Assert.AreEqual("", text);
            return;
        }
        CollectionAssert.AreEqual(new[] { WarningCode("LossRose") }, codes);
        var best = history.Epochs[history.BestEpoch - 1];
        StringAssert.Contains(text, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The loss of the model is {best.ValidationLoss:G4}"));
        StringAssert.Contains(text, "Optimizer.LearningRate");
    }

    [TestMethod]
    [DataRow("binary", "label True (column 'IsPositive')")]
    [DataRow("multiclass", "label 'plus' (column 'Sign')")]
    [DataRow("Sum", "label 0.5 (column 'Sum')")]
    public void One_class_only(string task, string words)
    {
        var rows = Rows(600);
        foreach (var row in rows) (row.IsPositive, row.Sign, row.Sum) = (true, "plus", 0.5f);
        var (codes, text, _) = Train(rows, task);
        CollectionAssert.AreEqual(new[] { WarningCode("OneLabel") }, codes);
        StringAssert.Contains(text, "All 540 training rows have the " + words);
    }

    [TestMethod]
    [DataRow("Sum")]
    [DataRow("binary")]
    [DataRow("multiclass")]
    public void One_row(string task)
    {
        CollectionAssert.AreEqual(new[] { WarningCode("OneExample") }, Train(Rows(1), task).Codes);
        Assert.AreEqual("", string.Join('\n', Train([.. Rows(2), Rows(7)[6]], "Sum").Codes));
    }

    [TestMethod]
    [DataRow("feature", "The column 'X' holds 1E+38 (row 123, step 4), but its other values lie from -0.49")]
    [DataRow("static", "The column 'Place' holds 1E+38 (row 123), but its other values lie from 0.00")]
    [DataRow("label", "The column 'Sum' holds 1E+38 (row 123), but its other values lie from -")]
    public void One_value_that_ruins_the_scale(string place, string words)
    {
        var rows = Rows();
        var row = rows[123];
        if (place == "feature") row.X[4] = 1e38f;
        else if (place == "static") row.Place = 1e38f;
        else row.Sum = 1e38f;
        // All rows are learned, so that the value is among them.
        var (codes, text, _) = Train(rows, "Sum", options => options.Stopping.ValidationFraction = 0);
        Assert.AreEqual(1, codes.Count(code => code == WarningCode("Outlier")), text);
        StringAssert.Contains(text, words);
    }

    [TestMethod]
    public void Rare_and_heavy_tailed_values_are_no_outliers()
    {
        var random = new Random(1);
        Assert.IsNull(Find(Enumerable.Range(0, 500).Select(i => i == 7 ? 1f : 0)));
        Assert.IsNull(Find(Enumerable.Range(0, 500).Select(_ => MathF.Exp(3 * Gaussian()))));
        Assert.IsNull(Find(Enumerable.Range(0, 500).Select(_ => 1 / (random.NextSingle() + 1e-4f))));
        Assert.IsNull(Find(Enumerable.Range(0, 10).Select(i => i == 7 ? 1e30f : i)));
        Assert.AreEqual((1e9f, 7L, 0f, 499f), Find(Enumerable.Range(0, 500).Select(i => i == 7 ? 1e9f : i)));
        Assert.AreEqual((-1e38f, 9L, 0f, 499f), Find(Enumerable.Range(0, 500).Select(i => i == 9 ? -1e38f : i)));
        Assert.AreEqual(1e38f, Find(Enumerable.Range(0, 500).Select(i => i == 9 ? -1e38f : i is 3 or 4 ? 1e38f : i))?.Item1);

        float Gaussian() => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(MathF.Tau * random.NextSingle());

        static (float, long, float, float)? Find(IEnumerable<float> values)
        {
            var finder = new OutlierFinder();
            foreach (var (i, value) in values.Index()) finder.Add(value, i);
            return finder.Find() is { } found ? (found.Value, found.Place, found.Least, found.Greatest) : null;
        }
    }

    [TestMethod]
    [DataRow("Sum")]
    [DataRow("binary")]
    [DataRow("multiclass")]
    public void A_batch_larger_than_the_data_is_all_of_them(string task)
    {
        var rows = Rows(200);
        var whole = Train(rows, task, options => (options.Optimizer.BatchSize, options.Stopping.ValidationFraction) = (180, 0.1f)).History;
        var greatest = Train(rows, task, options => (options.Optimizer.BatchSize, options.Stopping.ValidationFraction) = (int.MaxValue, 0.1f)).History;
        CollectionAssert.AreEqual(Losses(whole), Losses(greatest));
        NumberAssert.IsLessThan(greatest.Epochs[0].Loss, greatest.Epochs[^1].Loss);
        Assert.IsNotEmpty(Losses(Train(rows, task, options => options.Optimizer.Gradients.AccumulationSteps = int.MaxValue).History));

        static double[] Losses(TrainingHistory history) => [.. history.Epochs.Select(epoch => epoch.Loss)];
    }

    [TestMethod]
    [DataRow(0f, false)]
    [DataRow(0.2f, false)]
    [DataRow(0.2f, true)]
    public void Late_divergence_keeps_the_best_epoch(float validation, bool checkpoint)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-diverged-").FullName;
        try
        {
            // 10 batches an epoch; the rate explodes in the fourth epoch.
            void Change(RecurrentTrainerOptions options)
            {
                options.Stopping.MaximumNumberOfEpochs = 6;
                options.Stopping.ValidationFraction = validation;
                options.Optimizer.BatchSize = 50;
                options.Optimizer.Kind = OptimizerKind.Sgd;
                options.Optimizer.Gradients.ClipNorm = float.PositiveInfinity;
                options.Optimizer.LearningRate = 0.01f;
                options.Optimizer.LearningRateSchedule = LearningRateSchedule.Exponential(1e12f);
                if (checkpoint) options.Checkpoints.Folder = folder;
            }
            var (codes, text, history) = Train(Rows(), "Sum", Change);
            Assert.AreEqual(TrainingEnd.Diverged, history.End, text);
            Assert.AreEqual(1, codes.Count(code => code == WarningCode("Diverged")), text);
            NumberAssert.IsGreaterThan(0, history.BestEpoch);
            StringAssert.Contains(text, $"Training stopped at epoch {history.Epochs.Length + 1}, batch ");
            StringAssert.Contains(text, $"The model has the weights of epoch {history.BestEpoch}");
            Assert.AreEqual(checkpoint, text.Contains($"The checkpoint '{Path.Combine(folder, "training.checkpoint")}'", StringComparison.Ordinal), text);
            if (!checkpoint) return;
            // The checkpoint is that before the fault: lower rates go on from it.
            var resumed = Train(Rows(), "Sum", options =>
            {
                Change(options);
                (options.Checkpoints.Resume, options.Optimizer.LearningRateSchedule) = (true, LearningRateSchedule.Constant());
            }).History;
            Assert.AreEqual(TrainingEnd.Completed, resumed.End);
            Assert.HasCount(6, resumed.Epochs);
            Assert.IsTrue(resumed.Epochs.All(epoch => double.IsFinite(epoch.Loss)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WarningCode(string name) => (string)typeof(Recurrent.Hosting.WarningCode).GetField(name)!.GetRawConstantValue()!;
}
