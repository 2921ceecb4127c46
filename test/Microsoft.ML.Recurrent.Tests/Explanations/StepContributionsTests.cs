using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Explanations;
using Microsoft.ML.Recurrent.Tests.Contract;
using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Explanations;

/// <summary>Integrated gradients: they add up to the difference of the scores, are exact for linear models, and point to the step that decides.</summary>
[TestClass]
public sealed class StepContributionsTests
{
    private static readonly StepContributionOptions s_columns = new() { ScoreColumnName = "Explained", BaselineScoreColumnName = "Baseline" };

    private readonly MLContext _context = new(1);

    private static StepContributionOptions Options(Action<StepContributionOptions>? change = null)
    {
        var options = new StepContributionOptions { ScoreColumnName = "Explained", BaselineScoreColumnName = "Baseline" };
        change?.Invoke(options);
        return options;
    }

    public static IEnumerable<object[]> Cells => from contract in TrainerContracts.All
                                                 where contract.Label is not null
                                                 from cell in Enum.GetValues<RecurrentCell>()
                                                 select new object[] { contract.Name, cell };

    private static TrainerContract Find(string name) => TrainerContracts.All.Single(contract => contract.Name == name);

    private IDataView Explain(RecurrentModel model, IDataView data, Action<StepContributionOptions>? change = null) =>
        _context.Transforms.CalculateStepContributions(model, options: Options(change)).Fit(data).Transform(data);

    private static float[][] AssertComplete(IDataView explained, string what)
    {
        var contributions = explained.GetColumn<float[]>("StepContributions").ToArray();
        var (scores, baselines) = (explained.GetColumn<float>("Explained").ToArray(), explained.GetColumn<float>("Baseline").ToArray());
        for (var row = 0; row < contributions.Length; row++)
        {
            var difference = scores[row] - baselines[row];
            var size = contributions[row].Sum(Math.Abs);
            NumberAssert.IsLessThanOrEqualTo(Math.Max(0.01f * Math.Abs(difference), 3e-5f * size + 1e-6f), Math.Abs(contributions[row].Sum() - difference),
                $"{what}, row {row}: {contributions[row].Sum()} for {scores[row]} - {baselines[row]}");
        }
        Assert.IsTrue(contributions.Any(row => row.Any(value => Math.Abs(value) > 1e-4f)), what);
        return contributions;
    }

    [TestMethod]
    [DynamicData(nameof(Cells))]
    public void Contributions_add_up_to_the_difference_of_the_scores(string name, RecurrentCell cell)
    {
        var contract = Find(name);
        var data = ContractRow.View(ContractRow.Draw(40, 2));
        using var trained = contract.Fit(_context, cell, data,
            options => (options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (8, 0.02f));
        var isTagger = contract.RefusesStatics;
        var contributions = AssertComplete(Explain(trained.Model, data, options => options.TargetStep = isTagger ? 0 : null), name);
        var lengths = Answers.Read(data, contract.Features).Select(row => row.Length).ToArray();
        CollectionAssert.AreEqual(lengths, contributions.Select(row => row.Length).ToArray());
        if (name.StartsWith("Binary", StringComparison.Ordinal) || name.StartsWith("Regr", StringComparison.Ordinal))
        {
            var explained = Explain(trained.Model, trained.Transform(data));
            Answers.AssertEqual(Answers.Read(explained, "Score"), Answers.Read(explained, "Explained"), name, 1e-4f);
        }
    }

    /// <summary>The score of a class is that before the soft-max: its probabilities are those that the model answers.</summary>
    [TestMethod]
    public void Scores_of_classes_are_logits()
    {
        var data = ContractRow.View(ContractRow.Draw(40, 2));
        using var trained = Find("Multiclass of tokens").Fit(_context, RecurrentCell.Lstm, data);
        string[] classes = [.. trained.Model.Manifest.Label!.Values];
        var logits = classes.Select(name => AssertComplete(Explain(trained.Model, data, options => options.TargetClass = name), name)).ToArray();
        var scores = classes.Select(name =>
            Explain(trained.Model, data, options => options.TargetClass = name).GetColumn<float>("Explained").ToArray()).ToArray();
        var probabilities = trained.Transform(data).GetColumn<float[]>("Score").ToArray();
        var own = Explain(trained.Model, data).GetColumn<float>("Explained").ToArray();
        for (var row = 0; row < own.Length; row++)
        {
            var sum = scores.Sum(score => Math.Exp(score[row]));
            for (var i = 0; i < classes.Length; i++) Assert.AreEqual(probabilities[row][i], Math.Exp(scores[i][row]) / sum, 1e-5);
            Assert.AreEqual(scores.Max(score => score[row]), own[row]);
        }
    }

    public static IEnumerable<object[]> Networks =>
    [
        ["attention", SequenceNetwork.Create().Lstm(6).Pool(SequencePooling.Attention)],
        ["maximum", SequenceNetwork.Create().Lstm(6, bidirectional: true).Dropout(0.3f).Pool(SequencePooling.Max)],
        ["self-attention", SequenceNetwork.Create().Gru(6).SelfAttention(2).LayerNorm().Pool(SequencePooling.Mean)],
        ["convolution", SequenceNetwork.Create().Convolution(5, 3).BatchNorm().Gru(6).Pool(SequencePooling.Last).Dense(4, DenseActivation.Relu)],
    ];

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void Every_layer_passes_its_gradient(string name, SequenceNetwork network)
    {
        var data = ContractRow.View(ContractRow.Draw(40, 2));
        var contract = Find("Regression");
        using var trained = contract.Fit(_context, RecurrentCell.Lstm, data, options =>
        {
            (options.Network.Custom, options.Stopping.MaximumNumberOfEpochs) = (network, 5);
            contract.Columns["static"](options, "Static");
        });
        var summed = AssertComplete(Explain(trained.Model, data), name);
        // Each number of a step: here one.
        var each = AssertComplete(Explain(trained.Model, data, options => options.PerFeature = true), name);
        Answers.AssertEqual(summed, each, name, 1e-6f);
    }

    private sealed class Channels
    {
        [VectorType(4, 2)] public float[] Features { get; set; } = [];
        public float Label { get; set; }
    }

    /// <summary>Without a cell the network is linear, and contributions are weights times values.</summary>
    [TestMethod]
    public void A_linear_models_contributions_are_its_weights_times_its_values()
    {
        var random = new Random(3);
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(_ =>
        {
            float[] values = [.. Enumerable.Range(0, 8).Select(_ => (float)random.NextDouble() * 3 + 5)];
            return new Channels { Features = values, Label = values[0] - 2 * values[1] + values[2] + 10 };
        }).ToArray());
        using var trained = _context.Regression.Trainers.RecurrentNetwork(new()
        {
            Network = { Custom = SequenceNetwork.Create().Dense(3, DenseActivation.Identity, "inner").Pool(SequencePooling.Mean) },
            Stopping = { MaximumNumberOfEpochs = 3 },
        }).Fit(data);
        var contributions = AssertComplete(Explain(trained.Model, data, options => options.PerFeature = true), "linear");
        using var network = trained.Model.ToNetwork();
        float[] Values(string name) => network[name].Value.Span.ToArray();
        var (inner, outer, mean, scale) = (Values("inner.weight"), Values("head.weight"), Values("input.mean"), Values("input.scale"));
        var unit = trained.Model.HeadParameter("head.target_scale")[0];
        var rows = data.GetColumn<float[]>("Features").ToArray();
        for (var row = 0; row < rows.Length; row++)
        {
            for (var i = 0; i < 8; i++)
            {
                var weight = Enumerable.Range(0, 3).Sum(h => outer[h] * inner[h * 2 + i % 2]);
                Assert.AreEqual(unit * weight * (rows[row][i] - mean[i % 2]) / scale[i % 2] / 4, contributions[row][i], 1e-4f, $"row {row}, number {i}");
            }
        }
    }

    [TestMethod]
    public void The_step_that_decides_has_the_largest_contribution()
    {
        var data = _context.Data.LoadFromEnumerable(Firsts(600, 1));
        using var trained = _context.BinaryClassification.Trainers.Gru(hiddenSize: 12, maximumNumberOfEpochs: 40).Fit(data);
        var view = _context.Data.LoadFromEnumerable(Firsts(50, 2));
        var contributions = AssertComplete(Explain(trained.Model, view), "first step");
        var labels = view.GetColumn<bool>("Label").ToArray();
        var first = contributions.Where((row, i) => row.Max(Math.Abs) == Math.Abs(row[0]) && row[0] > 0 == labels[i]).Count();
        NumberAssert.IsGreaterThanOrEqualTo(45, first);
    }

    /// <summary>A tagger with character features: the letters of a word count to its step.</summary>
    [TestMethod]
    public void A_tagger_is_explained_step_by_step_with_its_letters()
    {
        var data = ContractRow.View(ContractRow.Draw(60, 2));
        using var trained = Find("Tagging of tokens").Fit(_context, RecurrentCell.Lstm, data, options =>
        {
            ((RecurrentTaggingTrainer.Options)options).Characters.TextColumnName = "Words";
            (options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (10, 0.02f);
        });
        var last = AssertComplete(Explain(trained.Model, data, options => options.TargetStep = -1), "last step");
        // Words are tagged by themselves: the step itself says most.
        var own = last.Count(row => row.Max(Math.Abs) == Math.Abs(row[^1]));
        NumberAssert.IsGreaterThan(45, own);
        var third = Explain(trained.Model, data, options => options.TargetStep = 2);
        var lengths = data.GetColumn<uint[]>("Tokens").Select(row => row.Length).ToArray();
        var rows = third.GetColumn<float[]>("StepContributions").ToArray();
        for (var i = 0; i < rows.Length; i++) Assert.AreEqual(lengths[i] > 2, rows[i].All(float.IsFinite));
    }

    [TestMethod]
    public void Rows_without_an_answer_have_no_contributions()
    {
        var rows = ContractRow.Draw(20, 2);
        using var trained = Find("Binary").Fit(_context, RecurrentCell.Lstm, ContractRow.View(rows));
        rows[3].Fixed[1] = float.NaN;
        var explained = Explain(trained.Model, ContractRow.View(rows));
        var (contributions, scores) = (explained.GetColumn<float[]>("StepContributions").ToArray(), explained.GetColumn<float>("Explained").ToArray());
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.AreEqual(i != 3, contributions[i].All(float.IsFinite), $"row {i}");
            Assert.AreEqual(i != 3, float.IsFinite(scores[i]));
        }
        using var tokens = Find("Binary of tokens").Fit(_context, RecurrentCell.Lstm, ContractRow.View(ContractRow.Draw(20, 2)));
        rows[5].Words = [];
        var lines = Explain(tokens.Model, ContractRow.View(rows));
        Assert.IsEmpty(lines.GetColumn<float[]>("StepContributions").ElementAt(5));
        Assert.IsTrue(float.IsNaN(lines.GetColumn<float>("Baseline").ElementAt(5)));
    }

    [TestMethod]
    public void It_is_saved_loaded_by_another_process_and_used_by_an_engine()
    {
        var data = ContractRow.View(ContractRow.Draw(20, 2));
        using var trained = Find("Regression").Fit(_context, RecurrentCell.Lstm, data);
        var estimator = _context.Transforms.CalculateStepContributions(trained.Model, "Why", s_columns);
        using var transformer = estimator.Fit(data);
        var scored = transformer.Transform(data);
        Assert.IsTrue(estimator.GetOutputSchema(SchemaShapes.Create(data.Schema)).Any(column =>
            column.Name == "Why" && column.Kind is SchemaShape.Column.VectorKind.Vector));
        var expected = Answers.Read(scored, "Why");
        var lines = SecondProcess.Run(_context, transformer, data, ["Why"]);
        Answers.AssertEqual(expected, [.. lines.Select(line => line.Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture)).ToArray())],
            "Why");
        using var engine = _context.Model.CreatePredictionEngine<Row, Explained>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
        var row = engine.Predict(new() { Fixed = ContractRow.Draw(20, 2)[4].Fixed });
        CollectionAssert.AreEqual(expected[4], row.Why);
    }

    private sealed class Row
    {
        [VectorType(ContractRow.Steps)] public float[] Fixed { get; set; } = [];
    }

    private sealed class Explained
    {
        public float[] Why { get; set; } = [];
    }

    [TestMethod]
    public void What_cannot_be_explained_is_named()
    {
        var data = ContractRow.View(ContractRow.Draw(20, 2));
        Says("model", "LanguageModel", "Language model");
        Says("model", "Forecasting", "Forecasting of windows");
        Says("TargetStep", "must name the step", "Tagging");
        Says("TargetStep", "one answer", "Binary", options => options.TargetStep = 1);
        Says("TargetClass", "'yellow'", "Multiclass", options => options.TargetClass = "yellow");
        Says("TargetClass", "one score", "Binary", options => options.TargetClass = "red");
        Says("PerFeature", "a token has one", "Binary of tokens", options => options.PerFeature = true);
        Says("NumberOfIntegrationSteps", "at least 8", "Binary", options => options.NumberOfIntegrationSteps = 1);

        void Says(string parameter, string part, string name, Action<StepContributionOptions>? change = null)
        {
            using var trained = Find(name).Fit(_context, RecurrentCell.Lstm, data);
            var error = Assert.Throws<ArgumentException>(() => _context.Transforms.CalculateStepContributions(trained.Model, options: Options(change)));
            Assert.AreEqual(parameter, error.ParamName);
            StringAssert.Contains(error.Message, part);
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(7)]
    [DataRow(64)]
    public void The_quadrature_is_exact_for_polynomials(int count)
    {
        var (points, weights) = GaussLegendre.Create(count);
        for (var degree = 0; degree < Math.Min(2 * count, 20); degree++)
            Assert.AreEqual(1.0 / (degree + 1), points.Zip(weights, (x, weight) => weight * Math.Pow(x, degree)).Sum(), 1e-12);
    }
}
