using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using static Microsoft.ML.Recurrent.Tests.Tagging.TaggedRows;

namespace Microsoft.ML.Recurrent.Tests.Tagging;

/// <summary>The shift of the tag O that is chosen on the validation part.</summary>
[TestClass]
public sealed class EntityThresholdTests
{
    private const float UnitOfShift = 0.5f;

    public static IEnumerable<object[]> Forms => [["softmax"], ["softmax-bio"], ["crf"], ["crf-bio"], ["joint"]];

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Entities_that_are_less_likely_than_none_are_found(string form)
    {
        var (with, without) = (Fit(form, true), Fit(form, false));
        var rows = Doubtful(300, 2);
        var (tuned, plain) = (with.Transform(View(rows)), without.Transform(View(rows)));
        var (after, before) = (Entities(tuned), Entities(plain));
        // Two of five such words are names: by likelihood most of them are O.
        NumberAssert.IsLessThan(0.3, before.Recall);
        NumberAssert.IsGreaterThan(0.7, after.Recall);
        NumberAssert.IsGreaterThan(before.F1Score + 0.1, after.F1Score);

        // Nothing but the score of O differs, by one number, which is that of the log.
        double? shift = null;
        foreach (var (one, other) in Logits(tuned, form).Zip(Logits(plain, form)))
        {
            for (var at = 0; at < one.Length; at += Tags)
            {
                // Of a soft-max, logits are known but for a constant.
                var constant = one[at + 1] - other[at + 1];
                shift ??= one[at] - other[at] - constant;
                Assert.AreEqual(shift.Value, one[at] - other[at] - constant, 1e-3);
                if (form.StartsWith("crf", StringComparison.Ordinal)) Assert.AreEqual(0, constant);
            }
        }
        NumberAssert.IsLessThan(0, shift!.Value);
        Assert.AreEqual(Math.Round(shift.Value / UnitOfShift), shift.Value / UnitOfShift, 1e-2);

        // Saved, and one by one.
        using var file = new MemoryStream();
        Context.Model.Save(with, View(rows).Schema, file);
        file.Position = 0;
        using var engine = Context.Model.CreatePredictionEngine<Row, Answer>(new MLContext().Model.Load(file, out var schema), schema);
        var found = Found(tuned);
        for (var i = 0; i < 50; i++) CollectionAssert.AreEqual(found[i], engine.Predict(rows[i]).Found);
    }

    [TestMethod]
    public void Each_engine_finds_the_same_tags_after_a_shift()
    {
        foreach (var form in new[] { "softmax", "crf" })
        {
            var model = Fit(form, true);
            string[][] Answers(ScoringBackend backend)
            {
                Tagger(model).Scoring = Tagger(model).Scoring with { Backend = backend };
                return Found(model.Transform(View(Doubtful(100, 3))));
            }
            var (managed, graph) = (Answers(ScoringBackend.Managed), Answers(ScoringBackend.OnnxRuntime));
            for (var i = 0; i < managed.Length; i++) CollectionAssert.AreEqual(graph[i], managed[i], form);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_few_entities_choose_no_shift(bool few)
    {
        // 2 entities of 5 such words: 40 or 400 rows have some 24 or 240 of them.
        var validation = View(Doubtful(few ? 40 : 400, 4));
        float[] Scores(bool tunes)
        {
            var options = Form("crf", tunes);
            var train = View(Doubtful(400, 1));
            var keys = Keys().Fit(train);
            var tagger = Context.MulticlassClassification.Trainers.SequenceTagging(options).Fit(keys.Transform(train), keys.Transform(validation));
            return [.. tagger.Transform(keys.Transform(View(Doubtful(20, 2)))).GetColumn<float[]>("Score").SelectMany(row => row)];
        }
        var (tuned, plain) = (Scores(true), Scores(false));
        if (few) CollectionAssert.AreEqual(plain, tuned);
        else CollectionAssert.AreNotEqual(plain, tuned);
    }

    [TestMethod]
    public void Where_the_best_tags_are_best_for_entities_too_nothing_is_shifted()
    {
        float[] Scores(bool tunes)
        {
            var options = Options(options => options.Tags.TuneEntityThreshold = tunes);
            return [.. Pipeline(options).Fit(View(Sentences(800, 1))).Transform(View(Sentences(20, 2))).GetColumn<float[]>("Score").SelectMany(row => row)];
        }
        CollectionAssert.AreEqual(Scores(false), Scores(true));
    }

    [TestMethod]
    public void A_frozen_head_is_not_shifted()
    {
        var first = Fit("crf", false);
        float[] Scores(ITransformer model) =>
            [.. model.Transform(View(Doubtful(20, 2))).GetColumn<float[]>("Score").SelectMany(row => row)];
        var options = Form("crf", true);
        options.Network.Initialization.Model = Tagger(first).Model;
        options.Network.Initialization.FrozenLayers = ["embedding_1", "lstm_1", "head", "crf"];
        CollectionAssert.AreEqual(Scores(first), Scores(Pipeline(options).Fit(View(Doubtful(900, 1)))));
    }

    [TestMethod]
    public void Tags_that_only_the_initial_model_knows_count_in_validation()
    {
        var first = Pipeline(Options()).Fit(View(Sentences(300, 1)));
        // The rows have no names of places; the initial model goes on to find them where it did.
        Row[] persons = [.. Sentences(400, 7).Where(row => !row.Tags.Any(tag => tag.EndsWith("LOC", StringComparison.Ordinal)))
            .Select(row => new Row { Words = [.. row.Words, "from", "york"], Tags = [.. row.Tags, "O", "O"], Intent = row.Intent })];
        var options = Options(options =>
            (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (Tagger(first).Model, 1, 1e-7f));
        var data = Keys().Fit(View(persons)).Transform(View(persons));
        var tuned = Context.MulticlassClassification.Trainers.SequenceTagging(options).Fit(data, data);
        Assert.IsTrue(tuned.Model.History.Epochs[0].ValidationMetric is > 0.4 and < 0.95, $"{tuned.Model.History.Epochs[0]}");
    }

    private const int Tags = 3;

    private static ITransformer Fit(string form, bool tunes) => Pipeline(Form(form, tunes)).Fit(View(Doubtful(900, 1)));

    private static RecurrentTaggingTrainer.Options Form(string form, bool tunes)
    {
        var options = TaggingTrainerTests.Form(form);
        (options.Tags.TuneEntityThreshold, options.Stopping.MaximumNumberOfEpochs) = (tunes, 6);
        return options;
    }

    private static EntityMetrics Entities(IDataView scored) => Context.MulticlassClassification.EvaluateSequences(scored, "Tag").Entities!;

    // The tags in the order of their keys, O first.
    private static IEnumerable<double[]> Logits(IDataView scored, string form) => scored.GetColumn<float[]>("Score")
        .Select(row => row.Select(score => form.StartsWith("crf", StringComparison.Ordinal) ? score : Math.Log(score)).ToArray());

    /// <summary>Sentences with a word that is a name in two of five cases, of one or two steps, whatever stands beside it.</summary>
    private static Row[] Doubtful(int count, int seed)
    {
        var random = new Random(seed);
        string[] fillers = ["so", "then", "now", "well", "what", "is", "it"];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            List<string> words = ["so"], tags = ["O"];
            for (var part = 0; part < 3; part++)
            {
                for (var k = random.Next(4); k >= 0; k--) Add(fillers[random.Next(7)], "O");
                var isName = random.Next(5) < 2;
                Add("bill", isName ? "B-PER" : "O");
                if (random.Next(3) == 0) Add("gates", isName ? "I-PER" : "O");
            }
            return new Row { Words = [.. words], Tags = [.. tags], Intent = i % 2 == 0 ? "ask" : "travel" };

            void Add(string word, string tag)
            {
                words.Add(word);
                tags.Add(tag);
            }
        })];
    }
}
