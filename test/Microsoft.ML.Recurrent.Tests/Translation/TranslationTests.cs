using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using static Microsoft.ML.Recurrent.Tests.Translation.SmallTranslations;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>A translation that is trained, saved, loaded and used.</summary>
[TestClass]
public sealed class TranslationTests
{
    private static readonly Lazy<(ITransformer Mapping, IDataView Keys, RecurrentTranslationTransformer Model)> s_trained = new(() =>
    {
        var (mapping, keys) = Keys();
        return (mapping, keys, Train(keys));
    });

    private static ITransformer Mapping => s_trained.Value.Mapping;

    private static RecurrentTranslationTransformer Model => s_trained.Value.Model;

    [TestMethod]
    public void Texts_that_training_has_not_seen_are_translated()
    {
        NumberAssert.IsGreaterThan(0.9, Exact(Model, Mapping));
        var history = Model.Model.History;
        NumberAssert.IsGreaterThan(1.5, history.Epochs[0].ValidationPerplexity!.Value);
        NumberAssert.IsLessThan(1.2, history.Epochs[history.BestEpoch - 1].ValidationPerplexity!.Value);
    }

    [TestMethod]
    public void The_columns_agree_with_each_other()
    {
        var (answers, sources) = (Translate(Model, Mapping, "a b c", "f", "d d e a"), new[] { 3, 1, 4 });
        for (var i = 0; i < answers.Length; i++)
        {
            var answer = answers[i];
            Assert.AreEqual(answer.Translation, string.Join(' ', answer.Tokens));
            Assert.AreEqual((answer.Translation, answer.Score), (answer.Texts[0], answer.Scores[0]));
            NumberAssert.IsLessThan(0f, answer.LogProbability);
            // With the end token.
            Assert.AreEqual(answer.LogProbability / Math.Pow((5 + answer.Tokens.Length + 1) / 6.0, 0.6), answer.Score, 1e-5);
            Assert.IsTrue(answer.IsComplete);
            Assert.HasCount(answer.Tokens.Length * sources[i], answer.Attention);
            foreach (var weights in answer.Attention.Chunk(sources[i])) Assert.AreEqual(1, weights.Sum(), 1e-5);
        }
        var types = Model.GetOutputSchema(Keys(5).Keys.Schema);
        Assert.IsInstanceOfType<TextDataViewType>(types["Translation"].Type);
        foreach (var name in new[] { "Tokens", "Texts" }) Assert.IsInstanceOfType<TextDataViewType>(((VectorDataViewType)types[name].Type).ItemType);
    }

    [TestMethod]
    public void The_target_is_not_needed_and_a_row_without_tokens_has_an_empty_text()
    {
        var answers = Translate(Model, Mapping, "a b", "", "unseen", "c");
        Assert.AreEqual(("bee ant", "cat"), (answers[0].Translation, answers[3].Translation));
        NumberAssert.IsGreaterThan(0, answers[2].Translation.Length);
        var empty = answers[1];
        Assert.AreEqual(("", float.NaN, float.NaN, false), (empty.Translation, empty.LogProbability, empty.Score, empty.IsComplete));
        Assert.AreEqual(0, empty.Tokens.Length + empty.Texts.Length + empty.Scores.Length + empty.Attention.Length);
        Assert.IsEmpty(Translate(Model, Mapping));
    }

    [TestMethod]
    public void A_prediction_engine_writes_what_Transform_does()
    {
        using var engine = Context.Model.CreatePredictionEngine<Source, Answer>(Mapping.Append(Model), new PredictionEngineOptions { OwnsTransformer = false });
        string[] sources = ["a b c", "", "f e"];
        var expected = Translate(Model, Mapping, sources);
        for (var i = 0; i < sources.Length; i++)
        {
            var answer = engine.Predict(new() { Letters = sources[i].Split(' ', StringSplitOptions.RemoveEmptyEntries) });
            Assert.AreEqual(expected[i].Translation, answer.Translation);
            CollectionAssert.AreEqual(expected[i].Tokens, answer.Tokens);
            Assert.AreEqual(expected[i].Score, answer.Score, 1e-5f);
        }
    }

    [TestMethod]
    public void A_loaded_model_writes_the_same_and_keeps_its_search()
    {
        using var file = new MemoryStream();
        var (mapping, keys) = Keys(60);
        using var trained = Train(keys, Short());
        trained.Search = new() { BeamSize = 2, NumberOfResults = 2, LengthNormalization = LengthNormalization.Average, LengthExponent = 1, MaximumLength = 3 };
        Context.Model.Save(trained, keys.Schema, file);
        using var loaded = (RecurrentTranslationTransformer)Context.Model.Load(file, out _);
        var search = loaded.Search;
        Assert.AreEqual((2, 2, LengthNormalization.Average, 1f, 3),
            (search.BeamSize, search.NumberOfResults, search.LengthNormalization, search.LengthExponent, search.MaximumLength));
        string[] sources = ["a b c", "d"];
        var (expected, found) = (Translate(trained, mapping, sources), Translate(loaded, mapping, sources));
        for (var i = 0; i < sources.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i].Texts, found[i].Texts);
            Assert.AreEqual(expected[i].Score, found[i].Score);
        }
        Assert.AreEqual(64, loaded.Scoring.BatchSize);
    }

    [TestMethod]
    public void Many_threads_write_the_same()
    {
        var sources = Draw(300, 5).Select(pair => string.Join(' ', pair.Letters)).ToArray();
        var expected = Translate(Model, Mapping, sources).Select(answer => answer.Translation).ToArray();
        Parallel.For(0, 4, _ => CollectionAssert.AreEqual(expected, Translate(Model, Mapping, sources).Select(answer => answer.Translation).ToArray()));
        // One by one, and in other batches.
        var (mapping, small) = (Mapping, Train(Keys(60).Keys, Short()));
        using (small)
        {
            var whole = Translate(small, mapping, sources);
            small.Scoring = small.Scoring with { BatchSize = 3, NumberOfThreads = 1 };
            var parts = Translate(small, mapping, sources);
            for (var i = 0; i < whole.Length; i++) Assert.AreEqual(whole[i].Score, parts[i].Score, 1e-4f);
        }
    }

    [TestMethod]
    public void A_canceled_context_stops_the_search()
    {
        var context = new MLContext(1);
        var (mapping, keys) = Keys(40);
        using var model = context.Transforms.Text.TranslateByRecurrentNetwork(Short()).Fit(keys);
        var sources = Draw(2000, 5).Select(pair => string.Join(' ', pair.Letters)).ToArray();
        Assert.Throws<OperationCanceledException>(() =>
        {
            var rows = 0;
            foreach (var _ in model.Transform(mapping.Transform(Sources(sources))).GetColumn<string>("Translation"))
                if (rows++ == 0) context.Cancel();
        });
    }

    [TestMethod]
    public void Long_sources_are_translated_and_cut_texts_are_told()
    {
        using var model = Train(Keys(60).Keys, Short());
        model.Search = new() { BeamSize = 2, MaximumLength = 4, MinimumLength = 4 };
        var answer = Translate(model, Mapping, string.Join(' ', Enumerable.Repeat("a", 3000)), "a").ToArray();
        Assert.HasCount(4, answer[0].Tokens);
        Assert.HasCount(4 * 3000, answer[0].Attention);
        // A text of four tokens may still end by itself.
        foreach (var one in answer) Assert.IsTrue(float.IsFinite(one.Score));
        using var translator = Model.CreateTranslator();
        var cut = translator.Translate(["a", "b", "c", "d"], new() { BeamSize = 1, MaximumLength = 2 });
        Assert.AreEqual(("dog cat", false), (cut.Text, cut.IsComplete));
    }

    [TestMethod]
    public void A_search_that_the_model_cannot_make_is_refused()
    {
        var options = Short();
        (options.Decoder.Attention, options.Output.AttentionColumnName) = (null, null);
        using var model = Train(Keys(40).Keys, options);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.Search = new() { CoveragePenalty = 0.2f }).Message, "needs attention");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Search = new() { BeamSize = 0 });
        NumberAssert.IsGreaterThan(0, model.Transform(Mapping.Transform(Sources("a b"))).GetColumn<string>("Translation").Single().Length);
    }

    internal static RecurrentTranslationEstimator.Options Short()
    {
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 1;
        return options;
    }
}
