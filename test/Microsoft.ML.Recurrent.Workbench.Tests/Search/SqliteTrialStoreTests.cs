using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Search;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Search;

/// <summary>Trials in a file: kept, resumed, refused where they are another's.</summary>
[TestClass]
public sealed class SqliteTrialStoreTests
{
    private static readonly MLContext s_context = new(1);

    // By which some trial is better than the default.
    private static readonly ExperimentMetric s_inverse = ExperimentMetric.RegressionError(s_context) with
    {
        Measure = (model, rows) => 100 - ExperimentMetric.RegressionError(s_context).Measure(model, rows),
    };
    private string _folder = "";

    private string DatabasePath => Path.Combine(_folder, "trials.db");

    [TestInitialize]
    public void Create() => _folder = Directory.CreateTempSubdirectory("trials").FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, true);

    [TestMethod]
    public void What_is_kept_is_read_again()
    {
        TrialResult[] all =
        [
            new(new Trial(1, -7, Parameters())) { State = TrialState.Completed, Metric = 0.1 + 0.2, Curve = [3, double.PositiveInfinity, 1e-300], Epochs = 3,
                BestEpoch = 3, Elapsed = TimeSpan.FromSeconds(1.25),
                Folds = [new("40%", 0.1 + 0.7, TimeSpan.FromSeconds(2.5)), new("a 'fold'", null, TimeSpan.FromSeconds(1), "it's late")] },
            new(new Trial(2, -7, Parameters(("Network.Cell", "Gru"), ("Optimizer.LearningRate", "0.0042")))) { State = TrialState.Failed,
                Reason = "it's a \"reason\"; DROP TABLE trial" },
            new(new Trial(10, -7, Parameters(("Likelihood", "Point(Huber)")))) { Curve = [5, 4], Epochs = 2 },
        ];
        using (var store = SqliteTrialStore.Open(s_context, DatabasePath))
        {
            Assert.IsEmpty(store.Begin("one\ntwo"));
            store.Save(all[2] with { Curve = [5], Epochs = 1 });
            store.Save(all[0] with { Folds = all[0].Folds[1..] });
            foreach (var trial in all) store.Save(trial);
        }
        using (var store = SqliteTrialStore.Open(s_context, DatabasePath))
        {
            CollectionAssert.AreEqual(all, store.Begin("one\ntwo").ToArray());
            // It went on from a checkpoint of its first epoch.
            store.Save(all[2] with { Curve = [5], Epochs = 1 });
            CollectionAssert.AreEqual(new[] { 5.0 }, store.Begin("one\ntwo")[2].Curve.ToArray());
            var error = Assert.ThrowsExactly<InvalidOperationException>(() => store.Begin("one\nthree"));
            StringAssert.Contains(error.Message, DatabasePath);
            StringAssert.Contains(error.Message, "'two' there, 'three' here");
        }
    }

    [TestMethod]
    public void An_experiment_is_killed_at_any_time_and_ends_in_the_same_model()
    {
        var straight = Execute(null);
        // What a kill leaves: the files as they are at that moment.
        for (var after = 0; after < 6; after++)
        {
            var copy = Directory.CreateDirectory(Path.Combine(_folder, $"killed{after}")).FullName;
            using (var store = SqliteTrialStore.Open(s_context, Path.Combine(copy, "trials.db")))
            {
                using var cancellation = new CancellationTokenSource();
                var killed = new KillingStore(store, copy, 1 + 3 * after);
                Assert.Throws<InvalidOperationException>(() => Execute(killed));
            }
            using (var resumed = SqliteTrialStore.Open(s_context, Path.Combine(copy + ".left", "trials.db")))
            {
                var result = Execute(resumed);
                CollectionAssert.AreEqual(Outcomes(straight), Outcomes(result), $"{after}");
                CollectionAssert.AreEqual(Bytes(straight.Model), Bytes(result.Model), $"{after}");
            }
        }
    }

    [TestMethod]
    public void An_experiment_that_is_killed_in_its_final_goes_on_with_the_folds_that_it_has()
    {
        var whole = new CountingStore();
        var straight = Execute(whole, folds: true);
        Assert.IsNotEmpty(straight.Final!.Finalists, straight.ToString());
        for (var before = 1; before <= 7; before += 3)
        {
            var copy = Directory.CreateDirectory(Path.Combine(_folder, $"killed{before}")).FullName;
            using (var store = SqliteTrialStore.Open(s_context, Path.Combine(copy, "trials.db")))
                Assert.Throws<InvalidOperationException>(() => Execute(new KillingStore(store, copy, whole.Calls - before), folds: true));
            using var resumed = SqliteTrialStore.Open(s_context, Path.Combine(copy + ".left", "trials.db"));
            Assert.IsTrue(resumed.Begin(whole.Experiment).Any(trial => !trial.Folds.IsEmpty), "it was killed in its final");
            var result = Execute(resumed, folds: true);
            CollectionAssert.AreEqual(Outcomes(straight), Outcomes(result), $"{before}");
            Assert.AreEqual(straight.Final.Reason, result.Final!.Reason);
            CollectionAssert.AreEqual(straight.Final.Finalists, result.Final.Finalists);
            CollectionAssert.AreEqual(Bytes(straight.Model), Bytes(result.Model), $"{before}");
        }
    }

    [TestMethod]
    public void A_file_of_an_older_build_has_no_folds_and_gets_them()
    {
        var trial = new TrialResult(new Trial(1, 1, Parameters())) { State = TrialState.Completed, Metric = 1, Curve = [1], Epochs = 1, BestEpoch = 1 };
        using (var store = SqliteTrialStore.Open(s_context, DatabasePath))
        {
            store.Begin("one");
            store.Save(trial);
        }
        using (var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE fold";
            command.ExecuteNonQuery();
        }
        using (var store = SqliteTrialStore.Open(s_context, DatabasePath))
        {
            Assert.AreEqual(trial, store.Begin("one").Single());
            trial = trial with { Folds = [new("40%", 0.5, TimeSpan.FromSeconds(1))] };
            store.Save(trial);
            Assert.AreEqual(trial, store.Begin("one").Single());
        }
    }

    [TestMethod]
    public void The_model_of_the_best_trial_is_kept_and_no_other()
    {
        ExperimentResult<RecurrentRegressionTrainer.Options> first;
        using (var store = SqliteTrialStore.Open(s_context, DatabasePath)) first = Execute(store, refit: false);
        CollectionAssert.AreEqual(new[] { $"{first.Best.Trial.Number}.mlnet" },
            Directory.GetFileSystemEntries(Path.Combine(_folder, "trials")).Select(Path.GetFileName).ToArray());
        using (var store = SqliteTrialStore.Open(s_context, DatabasePath))
        {
            CollectionAssert.AreEqual(Bytes(first.Model), Bytes(Execute(store, refit: false).Model));
            Assert.IsNull(store.LoadModel(99));
        }
        // Without the file the trial is trained again.
        Directory.Delete(Path.Combine(_folder, "trials"), true);
        using (var store = SqliteTrialStore.Open(s_context, DatabasePath))
            CollectionAssert.AreEqual(Bytes(first.Model), Bytes(Execute(store, refit: false).Model));
    }

    [TestMethod]
    public void A_second_user_of_the_file_is_refused()
    {
        using var store = SqliteTrialStore.Open(s_context, DatabasePath);
        var error = Assert.ThrowsExactly<IOException>(() => SqliteTrialStore.Open(s_context, DatabasePath));
        StringAssert.Contains(error.Message, DatabasePath);
        StringAssert.Contains(error.Message, "in use");
    }

    [TestMethod]
    public void A_foreign_or_damaged_file_is_refused_by_name_and_left_intact()
    {
        var own = Path.Combine(_folder, "own.db");
        using (var store = SqliteTrialStore.Open(s_context, own))
        {
            store.Begin("x");
            for (var i = 1; i < 200; i++)
                store.Save(new(new Trial(i, 1, Parameters(("A", new string('x', 100))))) { State = TrialState.Completed, Curve = [1] });
        }
        var bytes = File.ReadAllBytes(own);
        var other = Path.Combine(_folder, "other.db");
        using (var connection = new SqliteConnection($"Data Source={other};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE trial (number INTEGER)";
            command.ExecuteNonQuery();
        }
        (string Name, byte[] Bytes, string Says)[] files =
        [
            ("text", [.. Enumerable.Repeat((byte)'a', 500)], "no SQLite file"),
            ("short", bytes[..50], "too short"),
            ("foreign", File.ReadAllBytes(other), "another program"),
            ("cut", bytes[..(bytes.Length / 2)], "damaged"),
            ("noise", [.. bytes.Select((value, i) => i is > 4096 and < 9000 ? (byte)(value ^ 0x5A) : value)], "damaged"),
            ("later", [.. bytes.Select((value, i) => i == 63 ? (byte)9 : value)], "version 9"),
        ];
        foreach (var (name, content, says) in files)
        {
            var path = Path.Combine(_folder, $"{name}.db");
            File.WriteAllBytes(path, content);
            var error = Assert.ThrowsExactly<InvalidDataException>(() => SqliteTrialStore.Open(s_context, path), name);
            StringAssert.Contains(error.Message, path);
            StringAssert.Contains(error.Message, says);
            CollectionAssert.AreEqual(content, File.ReadAllBytes(path), name);
            Assert.IsEmpty(Directory.GetFiles(_folder, $"{name}.db-*"), name);
        }
        File.WriteAllBytes(DatabasePath, []);
        using (SqliteTrialStore.Open(s_context, DatabasePath)) Assert.IsTrue(File.Exists(DatabasePath));
        Assert.ThrowsExactly<IOException>(() => SqliteTrialStore.Open(s_context, Path.Combine(_folder, "none", "trials.db")));
    }

    [TestMethod]
    public void A_store_that_fails_ends_the_experiment_with_its_reason()
    {
        using var store = SqliteTrialStore.Open(s_context, DatabasePath);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Execute(new KillingStore(store, _folder, 3)));
        StringAssert.Contains(error.Message, "could not be kept: killed");
    }

    private static ExperimentResult<RecurrentRegressionTrainer.Options> Execute(TrialStore? store, bool refit = true, bool folds = false) =>
        s_context.CreateRecurrentExperiment(
        (context, options) => context.Regression.Trainers.RecurrentNetwork(options),
        new RecurrentRegressionTrainer.Options
        {
            Network = { HiddenSize = 8 }, Optimizer = { BatchSize = 16, LearningRate = 5e-3f },
            Stopping = { MaximumNumberOfEpochs = 6, ValidationFraction = 0.2f },
        }, folds ? s_inverse : ExperimentMetric.RegressionError(s_context), new()
        {
            MaximumTrials = 5, Seed = 3, Store = store, Refit = refit,
            Folds = folds ? ExperimentFold.CrossValidation(s_context, Rows(3, 90), ExperimentMetric.RegressionError(s_context), 3) : null,
        }).Execute(Rows(1, 120), Rows(2, 50));

    private static IDataView Rows(int seed, int count)
    {
        var random = new Random(seed);
        return s_context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            float[] values = [.. Enumerable.Range(0, 8).Select(_ => random.NextSingle() * 2 - 1)];
            return new Row { Features = values, Label = values[1] - 2 * values[7] };
        }).ToArray());
    }

    private static byte[] Bytes(ITransformer model)
    {
        var last = model as RecurrentRegressionTransformer ?? ((IEnumerable<ITransformer>)model).OfType<RecurrentRegressionTransformer>().Last();
        using var file = new MemoryStream();
        last.Model.ExportToOnnx(file);
        return file.ToArray();
    }

    private static string[] Outcomes(ExperimentResult<RecurrentRegressionTrainer.Options> result) =>
        [.. result.Trials.Select(
            trial => $"{trial with { Elapsed = default }} {string.Join(" ", trial.Folds.Select(fold => $"{fold.Fold} {fold.Metric:R}"))}")];

    private static ImmutableSortedDictionary<string, string> Parameters(params (string, string)[] all) =>
        all.ToImmutableSortedDictionary(one => one.Item1, one => one.Item2, StringComparer.Ordinal);

    private sealed class Row
    {
        [VectorType(8)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    /// <summary>A store in memory that counts what a store is asked to keep.</summary>
    private sealed class CountingStore : TrialStore
    {
        private readonly InMemoryTrialStore _store = new();
        private int _calls;

        public int Calls => _calls;

        public string Experiment { get; private set; } = "";

        public override IReadOnlyList<TrialResult> Begin(string experiment) => _store.Begin(Experiment = experiment);

        public override void Save(TrialResult result)
        {
            Interlocked.Increment(ref _calls);
            _store.Save(result);
        }

        public override void SaveModel(int trial, ITransformer model, DataViewSchema schema)
        {
            Interlocked.Increment(ref _calls);
            _store.SaveModel(trial, model, schema);
        }

        public override ITransformer? LoadModel(int trial) => _store.LoadModel(trial);
    }

    /// <summary>A store whose files are copied after some calls, as a kill would leave them; further calls fail.</summary>
    private sealed class KillingStore(SqliteTrialStore store, string folder, int calls) : TrialStore
    {
        private readonly Lock _lock = new();
        private int _calls;

        public override IReadOnlyList<TrialResult> Begin(string experiment) => store.Begin(experiment);

        public override void Save(TrialResult result) => Count(() => store.Save(result));

        public override void SaveModel(int trial, ITransformer model, DataViewSchema schema) => Count(() => store.SaveModel(trial, model, schema));

        public override ITransformer? LoadModel(int trial) => store.LoadModel(trial);

        public override string? CheckpointFolder(int trial, bool isRefit) => store.CheckpointFolder(trial, isRefit);

        private void Count(Action call)
        {
            lock (_lock)
            {
                if (_calls >= calls) throw new IOException("killed");
                call();
                if (++_calls == calls) Copy(folder, folder + ".left");
            }
        }

        private static void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            // The lock of a checkpoint is held; another thread may move a file away.
            foreach (var file in Directory.GetFiles(from).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal) && File.Exists(file)))
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)), true);
            foreach (var below in Directory.GetDirectories(from)) Copy(below, Path.Combine(to, Path.GetFileName(below)));
        }
    }
}
