using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using static Microsoft.ML.Recurrent.Tests.Translation.SmallTranslations;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>The options of training, and what training refuses.</summary>
[TestClass]
public sealed class TranslationTrainingTests
{
    [TestMethod]
    public void Training_resumes_exactly_on_one_thread_or_two()
    {
        var (_, keys) = Keys(200);
        var folder = Directory.CreateTempSubdirectory("recurrent-").FullName;
        try
        {
            using var whole = Train(keys, New(2));
            using (var cancellation = new CancellationTokenSource())
            {
                var options = New(2);
                (options.Checkpoints.Folder, options.CancellationToken) = (folder, cancellation.Token);
                options.Logging.Progress = new Progress(report =>
                {
                    if (report is { EpochEnded: true, Epoch: 1 }) cancellation.Cancel();
                });
                using var partly = Train(keys, options);
                Assert.AreEqual(TrainingEnd.Cancelled, partly.Model.History.End);
                Assert.HasCount(1, partly.Model.History.Epochs);
                NumberAssert.IsGreaterThan(1, whole.Model.History.BestEpoch);
            }
            var resumed = New(1);
            (resumed.Checkpoints.Folder, resumed.Checkpoints.Resume) = (folder, true);
            using var end = Train(keys, resumed);
            Assert.AreEqual(whole.Model.WeightsSha256, end.Model.WeightsSha256);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static RecurrentTranslationEstimator.Options New(int threads)
        {
            var options = Options();
            (options.Stopping.MaximumNumberOfEpochs, options.Stopping.Metric, options.NumberOfThreads) = (5, ValidationMetric.Bleu, threads);
            (options.Network.Regularization.DropoutRate, options.Decoder.LabelSmoothing) = (0.2f, 0.1f);
            options.Decoder.TeacherForcing = TeacherForcing.Constant(0.8f);
            return options;
        }
    }

    [TestMethod]
    public void BLEU_of_the_validation_part_chooses_the_epoch()
    {
        var (_, all) = Keys(360);
        var keys = Context.Data.TakeRows(all, 300);
        var options = Options();
        (options.Stopping.Metric, options.Stopping.MaximumNumberOfEpochs) = (ValidationMetric.Bleu, 8);
        using var model = Train(keys, options, Context.Data.SkipRows(all, 300));
        var scores = model.Model.History.Epochs.Select(epoch => epoch.ValidationMetric!.Value).ToArray();
        foreach (var score in scores) Assert.IsTrue(score is >= 0 and < 100.001, $"{score}");
        Assert.AreEqual(scores.Max(), scores[model.Model.History.BestEpoch - 1]);
        NumberAssert.IsGreaterThan(scores[0] + 20, scores.Max());
        options.Stopping.ValidationFraction = 0;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Train(keys, options)).Message, "Stopping.Metric");
    }

    [TestMethod]
    [DataRow(AttentionForm.Dot, false, false)]
    [DataRow(AttentionForm.General, true, true)]
    [DataRow(AttentionForm.Additive, true, false)]
    [DataRow(null, false, true)]
    public void Every_decoder_learns_and_translates(AttentionForm? attention, bool feeds, bool ties)
    {
        var (mapping, keys) = Keys(300);
        var options = Options();
        (options.Decoder.Attention, options.Decoder.InputFeeding, options.Decoder.TieEmbeddings) = (attention, feeds, ties);
        (options.Network.NumberOfLayers, options.Stopping.MaximumNumberOfEpochs) = (2, 4);
        if (attention is not AttentionForm.Dot) options.Decoder.HiddenSize = 20;
        if (attention is null) options.Output.AttentionColumnName = null;
        using var model = Train(keys, options);
        var epochs = model.Model.History.Epochs;
        NumberAssert.IsLessThan(0.7 * epochs[0].ValidationLoss!.Value, epochs[^1].ValidationLoss!.Value);
        var scored = model.Transform(mapping.Transform(Sources("a b c")));
        NumberAssert.IsGreaterThan(0, scored.GetColumn<string[]>("Tokens").Single().Length);
        Assert.IsTrue(float.IsFinite(scored.GetColumn<float>("Score").Single()));
    }

    [TestMethod]
    public void A_model_is_trained_further_with_more_words()
    {
        var (_, few) = Keys([.. Draw(600, 1).Where(pair => !pair.Letters.Contains("f") && !pair.Letters.Contains("e"))]);
        using var initial = Train(few);
        var (mapping, keys) = Keys(100, 3);
        var options = TranslationTests.Short();
        options.Network.Initialization.Model = initial.Model;
        using var more = Train(keys, options);
        var fresh = TranslationTests.Short();
        using var other = Train(keys, fresh);
        NumberAssert.IsLessThan(0.7 * other.Model.History.Epochs[0].ValidationLoss!.Value, more.Model.History.Epochs[0].ValidationLoss!.Value);
        Assert.AreEqual("bee ant", Translate(more, mapping, "a b").Single().Translation);

        // The words of the initial model are kept, also those that these data lack.
        var (_, back) = Keys([.. Draw(300, 4).Where(pair => !pair.Letters.Contains("a"))]);
        options.Network.Initialization.Model = more.Model;
        using var kept = Train(back, options);
        StringAssert.Contains(Translate(kept, mapping, "a b").Single().Translation, "ant");

        options.Decoder.Attention = AttentionForm.Additive;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Train(keys, options)).Message, "attends");
    }

    [TestMethod]
    public void Rows_that_are_left_out_are_told()
    {
        using var seen = new SeenWarnings(Context);
        var pairs = Draw(60, 1);
        (pairs[3].Letters, pairs[5].Words, pairs[7].Letters) = ([], [], [.. Enumerable.Repeat("a", 101)]);
        using var model = Train(Keys(pairs).Keys, TranslationTests.Short());
        var message = seen.Messages.Single(message => message.StartsWith("MLR1302", StringComparison.Ordinal));
        StringAssert.Contains(message, "3 of 60 rows of the training data are left out: 1 have more than 100");
        StringAssert.Contains(message, "2 have none");
    }

    [TestMethod]
    public void Unknown_words_are_copied_where_training_has_some()
    {
        // Names come once each: their keys are missing on both sides, and their texts are copied.
        var random = new Random(1);
        Pair Named(Pair pair, string name)
        {
            var place = random.Next(pair.Letters.Length + 1);
            return new()
            {
                Letters = [.. pair.Letters[..place], name, .. pair.Letters[place..]], Words = [.. pair.Words[..^place], name, .. pair.Words[^place..]],
            };
        }

        Pair[] pairs = [.. Draw(800, 1).Select((pair, i) => i % 2 == 0 ? pair : Named(pair, $"name{i}"))];
        Pair[] others = [.. Draw(50, 2).Select(pair => Named(pair, "Otto"))];
        var (mapping, keys) = Keys(pairs, minimumCount: 2);
        var options = Options();
        options.UnknownTokens.CopyColumnName = "Letters";
        using var model = Train(keys, options);
        var answers = Translate(model, mapping, [.. others.Select(pair => string.Join(' ', pair.Letters))]);
        var right = others.Zip(answers).Average(pair => pair.Second.Translation == string.Join(' ', pair.First.Words) ? 1.0 : 0);
        NumberAssert.IsGreaterThan(0.8, right);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.Transform(Context.Transforms.DropColumns("Letters").Fit(keys).Transform(keys)));
        StringAssert.Contains(error.Message, "copied column 'Letters'");

        // Without the column the unknown token is not written, or by its text.
        options.UnknownTokens.CopyColumnName = null;
        options.Stopping.MaximumNumberOfEpochs = 6;
        using var plain = Train(keys, options);
        var known = new[] { "ant", "bee", "cat", "dog", "eel", "fox" };
        CollectionAssert.IsSubsetOf(Translate(plain, mapping, "a Otto b").Single().Tokens.Distinct().ToArray(), known);
        options.UnknownTokens.Allow = true;
        using var allowed = Train(keys, options);
        CollectionAssert.Contains(Translate(allowed, mapping, "a Otto b").Single().Tokens, "<unk>");

        using var seen = new SeenWarnings(Context);
        options = TranslationTests.Short();
        options.UnknownTokens.CopyColumnName = "Letters";
        using var nothing = Train(Keys(40).Keys, options);
        CollectionAssert.Contains(seen.Codes, "MLR1303");
    }

    private sealed class Progress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
