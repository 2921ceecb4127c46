using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Contract;

/// <summary>What every trainer promises of the schema, of odd data, of weights, threads and cancellation.</summary>
[TestClass]
public sealed class TrainingContractTests
{
    public static IEnumerable<object[]> Contracts => Names(_ => true);

    public static IEnumerable<object[]> OfVaryingLength => Names(contract => contract.VariesInLength);

    public static IEnumerable<object[]> WithLabelsThatMayBeMissing => Names(contract => contract.MissingLabel is not null);

    public static IEnumerable<object[]> WithWeights => Names(contract => contract.Columns.ContainsKey("example weight"));

    public static IEnumerable<object[]> WithStatics => Names(contract => contract.Columns.ContainsKey("static"));

    private static IEnumerable<object[]> Names(Func<TrainerContract, bool> where) =>
        TrainerContracts.All.Where(where).Select(contract => new object[] { contract.Name });

    public static IEnumerable<object[]> Columns =>
        from contract in TrainerContracts.All from role in contract.Columns.Keys select new object[] { contract.Name, role };

    public static IEnumerable<object[]> Cells =>
        from contract in TrainerContracts.All from cell in Enum.GetValues<RecurrentCell>() select new object[] { contract.Name, cell };

    private readonly MLContext _context = new(1);

    private static TrainerContract Find(string name) => TrainerContracts.All.Single(contract => contract.Name == name);

    [TestMethod]
    [DynamicData(nameof(Columns))]
    public void A_wrong_column_is_named_before_a_row_is_read(string name, string role)
    {
        var contract = Find(name);
        var data = (ContractRow.RootView)ContractRow.View(ContractRow.Draw(20, 2));
        foreach (var column in new[] { "Absent", contract.TextIsCategory && role is ("static" or "past covariate") ? "Words" : "Wrong" })
        {
            foreach (var act in new Action<IEstimator<ITransformer>>[] { trainer => trainer.Fit(data),
                trainer => trainer.GetOutputSchema(SchemaShapes.Create(data.Schema)) })
            {
                var error = Assert.Throws<ArgumentException>(() => act(contract.Create(_context, RecurrentCell.Lstm,
                    options => contract.Columns[role](options, column))));
                Assert.AreEqual(0, data.Cursors);
                string[] parts = contract.RefusesStatics && role == "static" ? ["tatic"] : column == "Absent"
                    ? ["column 'Absent'"]
                    : [$"column '{column}'", "expected", "found"];
                foreach (var part in parts) StringAssert.Contains(error.Message, part);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void Data_without_rows_are_named(string name)
    {
        var contract = Find(name);
        var some = ContractRow.View(ContractRow.Draw(40, 2));
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View())).Message, "no rows");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => contract.Fit(_context, RecurrentCell.Lstm, some, validation: ContractRow.View())).Message,
            "no rows");
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void One_row_is_an_error_or_a_warning_and_a_model(string name)
    {
        var contract = Find(name);
        var data = ContractRow.View(ContractRow.Draw(1, 2));
        using var seen = new SeenWarnings(_context);
        if (contract.IsSeries)
        {
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => contract.Fit(_context, RecurrentCell.Lstm, data)).Message, "the longest series has 1");
            return;
        }
        using var transformer = contract.Fit(_context, RecurrentCell.Lstm, data);
        // A language model learns from the tokens of a row.
        if (contract.Name != "Language model") CollectionAssert.Contains(seen.Codes, "MLR1009");
        Assert.IsTrue(Answers.Read(transformer, data).Values.All(rows => rows[0].All(float.IsFinite)));
    }

    [TestMethod]
    [DynamicData(nameof(OfVaryingLength))]
    public void A_sequence_without_steps_is_refused_or_left_out_of_training(string name)
    {
        var contract = Find(name);
        var rows = ContractRow.Draw(20, 2);
        (rows[7].Words, rows[7].Numbers, rows[7].Tags, rows[7].Doubled) = ([], [], [], []);
        if (contract.NaN is NaNRule.UnknownToken && contract.Label is null)
        {
            // A text may have empty lines.
            using var transformer = contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View(rows));
            return;
        }
        var error = Assert.Throws<ArgumentException>(() => contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View(rows)));
        foreach (var part in new[] { "Row 7", $"'{contract.Features}'", "empty" }) StringAssert.Contains(error.Message, part);
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void One_label_is_learned_and_warned_of(string name)
    {
        var contract = Find(name);
        var rows = ContractRow.Draw(40, 2);
        foreach (var row in rows) contract.OneLabel(row);
        var data = ContractRow.OwnKeys(rows);
        using var seen = new SeenWarnings(_context);
        using var transformer = contract.Fit(_context, RecurrentCell.Lstm, data, options =>
            (options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (60, 0.02f));
        if (contract.WarnsOfOneLabel) CollectionAssert.Contains(seen.Codes, "MLR1008");
        var answers = Answers.Read(transformer, data);
        var output = transformer.Model.Manifest.AddedColumns.First(one => one.Name == (contract.Learned ?? one.Name));
        var last = answers[output.Name][^1];
        // Between words of the same kind a language model is sure of the next one.
        if (output.Name == "Translation") Assert.IsTrue(answers[output.Name].All(row => row.All(letter => (char)letter is 'O' or ' ')), "a text of other tags");
        else if (output.Name == "LogProbabilities") NumberAssert.IsGreaterThan(-0.7f, answers[output.Name].Max(row => row.Max()));
        else foreach (var value in last) Assert.AreEqual(output.Name is "Score" or "Forecast" or "Reconstruction" ? 3f : 1f, value, 0.3f, output.Name);
    }

    [TestMethod]
    [DynamicData(nameof(WithLabelsThatMayBeMissing))]
    public void A_label_that_is_missing_is_an_error_or_left_out(string name)
    {
        var contract = Find(name);
        var rows = ContractRow.Draw(20, 2);
        contract.MissingLabel!(rows[7]);
        if (contract.RefusesMissingLabels)
        {
            var error = Assert.Throws<ArgumentException>(() => contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View(rows)));
            foreach (var part in new[] { "Row 7", $"'{contract.Label}'" }) StringAssert.Contains(error.Message, part);
            return;
        }
        using var transformer = contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View(rows));
        Assert.IsTrue(Answers.Read(transformer, ContractRow.View(rows)).Values.All(answer => answer[7].All(float.IsFinite)));
    }

    /// <summary>Labels of rows without weight do not matter, and a weight counts as so many rows.</summary>
    [TestMethod]
    [DynamicData(nameof(WithWeights))]
    public void Rows_without_weight_are_not_learned(string name)
    {
        var contract = Find(name);
        var setWeight = contract.Columns["example weight"];
        var (rows, others) = (ContractRow.Draw(40, 2), ContractRow.Draw(40, 2));
        for (var i = 0; i < rows.Length; i += 2) rows[i].Weight = others[i].Weight = 0;
        // The same labels in another order, so that their mean stays.
        int[] weightless = [.. Enumerable.Range(0, 20).Select(i => 2 * i)];
        for (var i = 0; i < weightless.Length; i++)
        {
            var (to, from) = (others[weightless[i]], rows[weightless[(i + 1) % weightless.Length]]);
            (to.Number, to.Flag, to.Class, to.Next, to.Flags) = (from.Number, from.Flag, from.Class, from.Next, from.Flags);
            // Of the same mean in each row.
            to.Doubled = [.. to.Doubled.Reverse()];
            to.Tags = [.. to.Tags.Select(tag => tag == "O" ? "B-red" : "O")];
        }
        var answers = new[] { rows, others }.Select(train => Fitted(train, setWeight)).ToArray();
        var unweighted = Fitted(others, null);
        Answers.AssertEqual(answers[0], answers[1], name, 1e-4f);
        Assert.Throws<AssertFailedException>(() => Answers.AssertEqual(answers[1], unweighted, name, 1e-4f));

        Dictionary<string, float[][]> Fitted(ContractRow[] train, Action<RecurrentTrainerOptions, string>? weight)
        {
            using var transformer = contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View(train), options =>
            {
                weight?.Invoke(options, "Weight");
                // Without a random validation part, and without what chooses its best epoch.
                options.Stopping.ValidationFraction = 0;
            });
            return Answers.Read(transformer, ContractRow.View(rows));
        }
    }

    [TestMethod]
    [DynamicData(nameof(WithStatics))]
    public void Statics_are_read_or_refused(string name)
    {
        var contract = Find(name);
        var rows = ContractRow.Draw(40, 2);
        if (contract.RefusesStatics)
        {
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View(rows),
                options => contract.Columns["static"](options, "Static"))).Message, "StaticColumnNames");
            return;
        }
        // Statics of a series are those of all its rows.
        if (contract.IsSeries) foreach (var row in rows) row.Static = row.Flag ? 1 : 2;
        using var transformer = contract.Fit(_context, RecurrentCell.Lstm, ContractRow.View(rows), options =>
        {
            contract.Columns["static"](options, "Static");
            if (contract.IsSeries) ((RecurrentForecastingEstimator.Options)options).Series.SeriesColumnNames = ["Flag"];
        });
        var output = transformer.Model.Manifest.AddedColumns[^1].Name;
        var before = Answers.Read(transformer, ContractRow.View(rows))[output];
        foreach (var row in rows) row.Static += 3;
        var after = Answers.Read(transformer, ContractRow.View(rows))[output];
        Assert.AreNotEqual(before[^1][0], after[^1][0]);
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void One_seed_gives_one_model_on_one_thread_and_two(string name, RecurrentCell cell)
    {
        var contract = Find(name);
        var data = ContractRow.View(ContractRow.Draw(60, 2));
        var models = new[] { 1, 2, 2 }.Select(threads =>
        {
            using var transformer = contract.Fit(_context, cell, data, options => options.NumberOfThreads = threads);
            return transformer.Model.Identity;
        }).ToArray();
        Assert.AreEqual(models[0], models[1]);
        Assert.AreEqual(models[1], models[2]);
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void A_token_that_is_canceled_ends_within_a_batch(string name)
    {
        var contract = Find(name);
        var data = ContractRow.View(ContractRow.Draw(60, 2));
        using var cancellation = new CancellationTokenSource();
        List<TrainingProgress> reports = [];
        using var transformer = contract.Fit(_context, RecurrentCell.Lstm, data, options =>
        {
            (options.CancellationToken, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.BatchSize) = (cancellation.Token, 1000, 2);
            options.Logging.Progress = new Reports(report =>
            {
                reports.Add(report);
                cancellation.Cancel();
            });
        });
        Assert.AreEqual(TrainingEnd.Cancelled, transformer.Model.History.End);
        // One after the first batch, and one that only says how the run ended.
        CollectionAssert.AreEqual(new (int, int, TrainingEnd?)[] { (1, 1, null), (1, 1, TrainingEnd.Cancelled) },
            reports.Select(report => (report.Epoch, report.Batch, report.End)).ToArray());
        Assert.IsTrue(Answers.Read(transformer, data).Values.All(rows => rows[^1].All(float.IsFinite)));

        using var before = new CancellationTokenSource();
        before.Cancel();
        Assert.Throws<OperationCanceledException>(() => contract.Fit(_context, RecurrentCell.Lstm, data, options => options.CancellationToken = before.Token));
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void A_context_that_is_canceled_gives_no_model(string name)
    {
        var context = new MLContext(1);
        var reports = 0;
        Assert.Throws<OperationCanceledException>(() => Find(name).Fit(context, RecurrentCell.Lstm, ContractRow.View(ContractRow.Draw(60, 2)), options =>
        {
            options.Stopping.MaximumNumberOfEpochs = int.MaxValue;
            options.Logging.Progress = new Reports(_ =>
            {
                if (reports++ == 2) context.Cancel();
            });
        }));
    }

    private sealed class Reports(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
