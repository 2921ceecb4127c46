using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.ML.Recurrent.Tests.Onnx;
using static Microsoft.ML.Recurrent.Tests.Tagging.TaggedRows;

namespace Microsoft.ML.Recurrent.Tests.Tagging;

/// <summary>Taggers end to end: fit, scores, metrics, saved models, and what data may be like.</summary>
[TestClass]
public sealed class TaggingTrainerTests
{
    public static IEnumerable<object[]> Forms => [["softmax"], ["softmax-bio"], ["crf"], ["crf-bio"], ["characters"], ["characters-lstm"], ["joint"]];

    public static RecurrentTaggingTrainer.Options Form(string form) => Options(options =>
    {
        options.Tags.UseConditionalRandomField = form.StartsWith("crf", StringComparison.Ordinal);
        options.Tags.BioConstraints = form.EndsWith("bio", StringComparison.Ordinal);
        if (form.StartsWith("characters", StringComparison.Ordinal)) options.Characters.TextColumnName = "Words";
        if (form.EndsWith("lstm", StringComparison.Ordinal)) options.Characters.Encoder = CharacterEncoder.Lstm;
        if (form is "joint") options.Tags.SequenceLabelColumnName = "Whole";
    });

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Names_are_found_and_all_ways_to_score_agree(string form)
    {
        var model = Pipeline(Form(form)).Fit(View(Sentences(300, 1)));
        var rows = Sentences(80, 2);
        var scored = model.Transform(View(rows));
        var metrics = Context.MulticlassClassification.EvaluateSequences(scored, "Tag");
        NumberAssert.IsGreaterThan(0.95, metrics.Entities!.F1Score, metrics.ToString());
        NumberAssert.IsGreaterThan(0.98, metrics.TokenAccuracy);
        if (form is "joint")
        {
            var whole = Context.MulticlassClassification.Evaluate(scored, "Whole", "SequenceScore", predictedLabelColumnName: "PredictedSequenceLabel");
            NumberAssert.IsGreaterThan(0.98, whole.MicroAccuracy);
        }

        using var file = new MemoryStream();
        Context.Model.Save(model, View(rows).Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out var schema);
        using var engine = Context.Model.CreatePredictionEngine<Row, Answer>(loaded, schema);
        var found = Found(scored);
        var scores = scored.GetColumn<float[]>("Score").ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            var answer = engine.Predict(rows[i]);
            CollectionAssert.AreEqual(found[i], answer.Found);
            Assert.HasCount(rows[i].Words.Length * 5, answer.Score);
            for (var j = 0; j < answer.Score.Length; j++) Assert.AreEqual(scores[i][j], answer.Score[j], 1e-4f);
            if (!form.StartsWith("crf", StringComparison.Ordinal)) Assert.AreEqual(rows[i].Words.Length, answer.Score.Sum(), 1e-3f);
        }
        // A row without tokens has no tags; a word that training did not see is unknown.
        Assert.IsEmpty(engine.Predict(new Row { Words = [] }).Found);
        Assert.HasCount(2, engine.Predict(new Row { Words = ["to", "zanzibar"] }).Found);
        Assert.IsTrue(scored.Schema["PredictedLabel"].Type is VectorDataViewType { ItemType: KeyDataViewType { Count: 5 }, IsKnownSize: false });
    }

    [TestMethod]
    public void A_step_after_the_trainer_finds_the_class_of_the_sequence()
    {
        var options = Form("joint");
        options.Stopping.MaximumNumberOfEpochs = 1;
        var rows = View(Sentences(30, 1));
        var pipeline = Pipeline(options).Append(Context.Transforms.Conversion.MapKeyToValue("Answer", "PredictedSequenceLabel"))
            .Append(Context.Transforms.Concatenate("Both", "SequenceScore", "SequenceScore"));
        var scored = pipeline.Fit(rows).Transform(rows);
        Assert.AreEqual(30, scored.GetColumn<string>("Answer").Count(static answer => answer.Length > 0));
        Assert.AreEqual(2 * scored.GetColumn<float[]>("SequenceScore").First().Length, scored.GetColumn<float[]>("Both").First().Length);
    }

    [TestMethod]
    public void Rare_words_teach_what_unknown_words_are()
    {
        // Every name is another word, so that training sees each once.
        Row[] Named(int count, string prefix) => [.. Enumerable.Range(0, count).Select(i => i % 2 == 0
            ? new Row { Words = ["so", "then", prefix + i, "now"], Tags = ["O", "O", "B-PER", "O"] }
            : new Row { Words = ["now", prefix + i, "so", "then", "well"], Tags = ["O", "B-PER", "O", "O", "O"] })];
        double Recall(float dropout)
        {
            var options = Options(options =>
            {
                options.Network.Regularization.Augmentation = new() { TokenDropout = 0.1f, RareTokenDropout = dropout };
                options.Tags.TuneEntityThreshold = false;
            });
            // The words around a name tell nothing: the network reads one word.
            options.Network.Custom = SequenceNetwork.Create().Embedding(8).Dense(12);
            var scored = Pipeline(options).Fit(View(Named(300, "a"))).Transform(View(Named(100, "b")));
            return Context.MulticlassClassification.EvaluateSequences(scored, "Tag").Entities!.Recall;
        }
        Assert.AreEqual(1, Recall(0.5f), 0.01);
        // Three of four tokens that were dropped at random are no names.
        Assert.AreEqual(0, Recall(0), 0.01);
    }

    [TestMethod]
    public void Steps_of_numbers_are_tagged_too()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 200).Select(_ =>
        {
            var numbers = Enumerable.Range(0, 3 + random.Next(6)).Select(_ => random.NextSingle() - 0.5f).ToArray();
            return new NumberRow { Numbers = numbers, Tags = [.. numbers.Select((number, i) => number + (i > 0 ? numbers[i - 1] : 0) > 0 ? "up" : "down")] };
        }).ToArray();
        var data = Context.Data.LoadFromEnumerable(rows);
        var model = Context.Transforms.Conversion.MapValueToKey("Tag", "Tags").Append(Context.MulticlassClassification.Trainers.SequenceTagging(
            Options(options => (options.FeatureColumnName, options.Stopping.MaximumNumberOfEpochs) = ("Numbers", 30)))).Fit(data);
        var metrics = Context.MulticlassClassification.EvaluateSequences(model.Transform(data), "Tag");
        NumberAssert.IsGreaterThan(0.93, metrics.TokenAccuracy);
        Assert.IsNull(metrics.Entities);
        CollectionAssert.AreEquivalent(new[] { "up", "down" }, metrics.Classes.ToArray());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_number_that_is_none_leaves_its_sequence_without_tags(bool crf)
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 60).Select(_ => Row([.. Enumerable.Range(0, 3).Select(_ => random.NextSingle() - 0.5f)])).ToArray();
        using var model = Context.MulticlassClassification.Trainers.SequenceTagging(Options(options =>
            (options.FeatureColumnName, options.LabelColumnName, options.Tags.UseConditionalRandomField, options.Stopping.MaximumNumberOfEpochs)
                = ("Numbers", "Tag", crf, 2))).Fit(Keys(rows));
        float[][] numbers = [[1, -1, 1], [1, float.NaN, 1], [1, -1, float.PositiveInfinity], [float.NegativeInfinity, 1, 1], []];
        var scored = model.Transform(Keys([.. numbers.Select(Row)]));
        var tags = scored.GetColumn<uint[]>("PredictedLabel").ToArray();
        var scores = scored.GetColumn<float[]>("Score").ToArray();
        Assert.IsTrue(tags[0].All(tag => tag > 0) && scores[0].All(float.IsFinite));
        for (var row = 1; row < numbers.Length; row++)
        {
            Assert.HasCount(numbers[row].Length, tags[row]);
            Assert.IsTrue(tags[row].All(tag => tag == 0), $"tags of row {row}");
            Assert.IsTrue(scores[row].All(float.IsNaN), $"scores of row {row}");
        }

        using var file = new MemoryStream();
        model.Model.ExportToOnnx(file);
        var answers = TestModels.RunBare(file.ToArray(), model.Model.Manifest, new TestRows
        {
            Count = 4, Time = 3, Features = 1, Lengths = [3, 3, 3, 3], Values = [.. numbers[..4]], Tokens = [], Statics = [],
        });
        Assert.IsTrue(answers[0][..3].All(tag => tag > 0) && answers[1][..6].All(float.IsFinite));
        Assert.IsTrue(answers[0][3..].All(tag => tag == 0) && answers[1][6..].All(float.IsNaN));

        static NumberRow Row(float[] values) => new() { Numbers = values, Tags = [.. values.Select(number => number > 0 ? "up" : "down")] };

        static IDataView Keys(NumberRow[] rows) => Context.Transforms.Conversion.MapValueToKey("Tag", "Tags")
            .Fit(Context.Data.LoadFromEnumerable([Row([1, -1])])).Transform(Context.Data.LoadFromEnumerable(rows));
    }

    private sealed class NumberRow
    {
        public float[] Numbers { get; set; } = [];
        public string[] Tags { get; set; } = [];
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_tagger_on_one_thread_and_two()
    {
        foreach (var form in new[] { "softmax", "crf-bio", "characters", "joint" })
        {
            float[][] Scores(int threads)
            {
                var options = Form(form);
                (options.NumberOfThreads, options.Stopping.MaximumNumberOfEpochs) = (threads, 2);
                return [.. Pipeline(options).Fit(View(Sentences(100, 1))).Transform(View(Sentences(20, 2))).GetColumn<float[]>("Score")];
            }
            var (one, two) = (Scores(1), Scores(2));
            for (var i = 0; i < one.Length; i++) CollectionAssert.AreEqual(one[i], two[i], form);
        }
    }

    [TestMethod]
    public void A_fit_that_was_cancelled_goes_on_where_it_stopped()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-tags-").FullName;
        try
        {
            RecurrentTaggingTrainer.Options Short()
            {
                var options = Form("crf");
                options.Stopping.MaximumNumberOfEpochs = 4;
                return options;
            }
            var whole = Scores(Short());
            using (var cancellation = new CancellationTokenSource())
            {
                var options = Short();
                (options.Checkpoints.Folder, options.CancellationToken, options.Logging.Progress) =
                    (folder, cancellation.Token, new Canceller(cancellation));
                Assert.AreEqual(TrainingEnd.Cancelled, Tagger(Pipeline(options).Fit(View(Sentences(100, 1)))).Model.History.End);
            }
            var resumed = Short();
            (resumed.Checkpoints.Folder, resumed.Checkpoints.Resume) = (folder, true);
            CollectionAssert.AreEqual(whole, Scores(resumed));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static float[] Scores(RecurrentTaggingTrainer.Options options) =>
            [.. Pipeline(options).Fit(View(Sentences(100, 1))).Transform(View(Sentences(20, 2))).GetColumn<float[]>("Score").SelectMany(row => row)];
    }

    private sealed class Canceller(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Epoch >= 2) source.Cancel();
        }
    }

    [TestMethod]
    [DataRow("softmax")]
    [DataRow("crf-bio")]
    [DataRow("characters")]
    [DataRow("joint")]
    public void Fine_tuning_keeps_tokens_and_tags_by_their_values(string form)
    {
        var first = Pipeline(Form(form)).Fit(View(Sentences(300, 1)));
        // Other key mappings: the words and the tags come in another order, and some are new.
        Row[] others = [new() { Words = ["newword", "kim", "to"], Tags = ["B-ORG", "I-ORG", "O"], Intent = "other" }, .. Sentences(40, 9).Reverse()];
        var options = Form(form);
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (Tagger(first).Model, 1, 1e-7f);
        options.Stopping.ValidationFraction = 0;
        var tuned = Pipeline(options).Fit(View(others));
        var rows = Sentences(60, 4);
        var metrics = Context.MulticlassClassification.EvaluateSequences(tuned.Transform(View(rows)), "Tag");
        NumberAssert.IsGreaterThan(0.9, metrics.Entities!.F1Score, metrics.ToString());
        StringAssert.Contains(Tagger(tuned).Model.Summary(), form.StartsWith("crf", StringComparison.Ordinal) ? "crf" : "head");
    }

    [TestMethod]
    public void Steps_without_a_label_are_left_out_of_the_loss()
    {
        foreach (var form in new[] { "softmax", "crf" })
        {
            // Every second row has labels at its names alone: what is not in the key mapping is a missing key.
            var rows = Sentences(400, 1);
            for (var i = 0; i < rows.Length; i += 2) rows[i].Tags = [.. rows[i].Tags.Select(tag => tag == "O" ? "" : tag)];
            var pipeline = Context.Transforms.Conversion.MapValueToKey("Token", "Words").Append(Context.Transforms.Conversion.MapValueToKey("Tag", "Tags",
                keyData: Context.Data.LoadFromEnumerable(new[] { "O", "B-PER", "I-PER", "B-LOC", "I-LOC" }.Select(tag => new TagRow { Value = tag }))))
                .Append(Context.MulticlassClassification.Trainers.SequenceTagging(Form(form)));
            var metrics = Context.MulticlassClassification.EvaluateSequences(pipeline.Fit(View(rows)).Transform(View(Sentences(60, 5))), "Tag");
            NumberAssert.IsGreaterThan(0.95, metrics.Entities!.F1Score, metrics.ToString());
        }
    }

    private sealed class TagRow
    {
        public string Value { get; set; } = "";
    }

    [TestMethod]
    public void Rows_of_no_weight_teach_nothing()
    {
        var rows = Sentences(300, 1);
        // Wrong tags, without weight.
        Row[] wrong =
            [.. Sentences(300, 6).Select(row => new Row { Words = row.Words, Tags = [.. row.Tags.Select(_ => "B-PER")], Intent = row.Intent, Weight = 0 })];
        // Seed 3 had its first epoch chosen while rows without weight counted in the validation's F1.
        foreach (var (form, seed) in new[] { ("softmax", 3), ("softmax", 1), ("crf", 1), ("joint", 1), ("joint", 5) })
        {
            var options = Form(form);
            options.Seed = seed;
            options.ExampleWeightColumnName = "Weight";
            var metrics = Context.MulticlassClassification.EvaluateSequences(
                Pipeline(options).Fit(View([.. rows, .. wrong])).Transform(View(Sentences(60, 5))), "Tag");
            NumberAssert.IsGreaterThan(0.95, metrics.Entities!.F1Score, form + metrics);
        }
    }

    [TestMethod]
    public void One_tag_only_is_warned_of()
    {
        var rows = Sentences(20, 1);
        foreach (var row in rows) row.Tags = [.. row.Tags.Select(_ => "O")];
        using var seen = new SeenWarnings(Context);
        Pipeline(Options(options => options.Stopping.MaximumNumberOfEpochs = 1)).Fit(View(rows));
        var message = seen.Messages.Single(text => text.StartsWith("MLR1008", StringComparison.Ordinal));
        StringAssert.Contains(message, "'O' at every step");
        StringAssert.Contains(message, "'Tag'");
    }
}
