using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Text;
using static Microsoft.ML.Recurrent.Tests.Text.SmallTexts;

namespace Microsoft.ML.Recurrent.Tests.Text;

[TestClass]
public sealed class TextGeneratorTests
{
    private static readonly Lazy<(ITransformer Chain, RecurrentLanguageModelTransformer Model, ITransformer Mapping)> Trained = new(() =>
    {
        var (mapping, keys) = Keys();
        var model = Train(keys);
        return (new TransformerChain<ITransformer>(mapping, model), model, mapping);
    });

    [TestMethod]
    public void Writes_sentences_of_the_grammar()
    {
        using var generator = Trained.Value.Chain.CreateTextGenerator();
        string[] known = [.. Draw(200, 1).Select(row => string.Join(' ', row.Tokens)).Distinct()];
        var written = Enumerable.Range(0, 40).Select(seed => string.Join(' ', generator.Generate([], new() { Seed = seed, TopP = 0.9f }))).ToArray();
        NumberAssert.IsGreaterThan(35, written.Count(known.Contains), string.Join("; ", written.Except(known)));
        NumberAssert.IsGreaterThan(4, written.Distinct().Count());
        CollectionAssert.AreEqual(new[] { "fish" }, generator.Generate(["the", "small", "cat", "eats"], new() { Temperature = 0 }));

        var next = generator.NextTokens(["the", "dog", "eats"], 3);
        Assert.HasCount(3, next);
        Assert.AreEqual("meat", next[0].Token);
        NumberAssert.IsGreaterThan(0.8f, next[0].Probability);
        Assert.AreEqual("<eos>", generator.NextTokens(["the", "dog", "eats", "meat"])[0].Token);
        Assert.AreEqual("<eos>", generator.Vocabulary.Last());
    }

    [TestMethod]
    public void The_same_seed_writes_the_same_text()
    {
        using var generator = Trained.Value.Model.CreateTextGenerator();
        using var other = new RecurrentTextGenerator(Trained.Value.Model.Model);
        var options = new TextGenerationOptions { Seed = 5, MaximumTokens = 60, StopAtEndOfSentence = false, Temperature = 1.5f, TopK = 6 };
        var text = generator.Generate(["the"], options);
        Assert.HasCount(60, text);
        CollectionAssert.Contains(text, "<eos>");
        CollectionAssert.AreEqual(text, other.Generate(["the"], options));
        CollectionAssert.AreNotEqual(text, generator.Generate(["the"], options with { Seed = 6 }));

        // Texts that are written at the same time do not disturb each other.
        var all = new string[32][];
        Parallel.For(0, all.Length, i => all[i] = generator.Generate(["the"], options with { Seed = i % 8 }));
        for (var i = 0; i < all.Length; i++) CollectionAssert.AreEqual(generator.Generate(["the"], options with { Seed = i % 8 }), all[i]);
        using var lazily = generator.Stream(["the"], options).GetEnumerator();
        foreach (var token in text)
        {
            Assert.IsTrue(lazily.MoveNext());
            Assert.AreEqual(token, lazily.Current);
        }
    }

    [TestMethod]
    public void What_is_probable_is_what_the_model_says()
    {
        // The stepwise graph against the whole one.
        using var generator = Trained.Value.Model.CreateTextGenerator();
        var answer = Score(Trained.Value.Model, Trained.Value.Mapping, "the small horse eats")[0];
        var next = generator.NextTokens(["the", "small", "horse", "eats"], 100);
        Assert.HasCount(answer.Next.Length, next);
        Onnx.TestModels.AssertClose([.. answer.Next.OrderDescending()], [.. next.Select(token => token.Probability)], "next tokens");
        Assert.AreEqual(answer.LogProbabilities[0], MathF.Log(generator.NextTokens([], 100).Single(token => token.Token == "the").Probability), 1e-5f);
    }

    [TestMethod]
    public void A_saved_model_writes_the_same_text()
    {
        var path = Path.GetTempFileName();
        try
        {
            var options = new TextGenerationOptions { Seed = 3, MaximumTokens = 50, StopAtEndOfSentence = false };
            using var before = Trained.Value.Chain.CreateTextGenerator();
            Context.Model.Save(Trained.Value.Chain, Texts("the cat").Schema, path);
            var loaded = new MLContext().Model.Load(path, out _);
            using var after = loaded.CreateTextGenerator();
            CollectionAssert.AreEqual(before.Generate([], options), after.Generate([], options));
            var expected = Score(Trained.Value.Model, Trained.Value.Mapping, "the small bird eats seed")[0];
            var actual = Context.Data.CreateEnumerable<Answer>(loaded.Transform(Texts("the small bird eats seed")), false).Single();
            CollectionAssert.AreEqual(expected.LogProbabilities, actual.LogProbabilities);
            Assert.AreEqual(expected.Perplexity, actual.Perplexity);
            var transformer = (RecurrentLanguageModelTransformer)((IEnumerable<ITransformer>)loaded).Last();
            Assert.AreEqual(Trained.Value.Model.Scoring, transformer.Scoring);
            using var engine = Context.Model.CreatePredictionEngine<Sentence, Answer>(loaded);
            CollectionAssert.AreEqual(expected.LogProbabilities, engine.Predict(new() { Tokens = ["the", "small", "bird", "eats", "seed"] }).LogProbabilities);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void The_best_texts_are_those_of_the_greatest_probability()
    {
        using var generator = Trained.Value.Model.CreateTextGenerator();
        // The grammar has two ends for each animal; the model leaves a little to others.
        var best = generator.GenerateBest(["the"], new() { BeamSize = 30, NumberOfResults = 8, LengthNormalization = LengthNormalization.None });
        Assert.HasCount(8, best);
        string[] known = [.. Draw(200, 1).Select(row => string.Join(' ', row.Tokens.Skip(1))).Distinct()];
        CollectionAssert.AreEquivalent(known, best.Select(text => text.ToString()).ToArray());
        for (var i = 1; i < best.Count; i++) NumberAssert.IsGreaterThanOrEqualTo(best[i].Score, best[i - 1].Score);
        foreach (var text in best)
        {
            Assert.IsTrue(text.IsComplete);
            Assert.AreEqual(text.LogProbability, text.Score);
            // The tokens after "the", and the end.
            var first = Math.Log(generator.NextTokens([], 100).Single(token => token.Token == "the").Probability);
            string[] tokens = ["the", .. text.Tokens];
            Assert.AreEqual(generator.Perplexity(tokens), Math.Exp(-(text.LogProbability + first) / (tokens.Length + 1)), 1e-4);
        }
        CollectionAssert.AreEqual(generator.Generate(["the"], new() { Temperature = 0 }),
            generator.GenerateBest(["the"], new() { BeamSize = 1 })[0].Tokens.ToArray());
        var shorter = generator.GenerateBest(["the"], new() { MaximumLength = 1, MinimumLength = 1 }, ["cat"])[0];
        Assert.HasCount(1, shorter.Tokens);
        Assert.AreNotEqual("cat", shorter.Tokens[0]);
    }

    [TestMethod]
    public void Texts_stop_at_stop_tokens_and_keep_the_least_length()
    {
        using var generator = Trained.Value.Model.CreateTextGenerator();
        var greedy = new TextGenerationOptions { Temperature = 0 };
        CollectionAssert.AreEqual(new[] { "eats" }, generator.Generate(["the", "small", "cat"], greedy with { StopTokens = ["fish"] }));
        Assert.HasCount(7, generator.Generate(["the", "small", "cat"], greedy with { MinimumTokens = 7, MaximumTokens = 7 }));
        var text = generator.Generate(["the", "small", "cat"], greedy with { MinimumTokens = 2, StopTokens = ["fish"], MaximumTokens = 20 });
        NumberAssert.IsGreaterThanOrEqualTo(2, text.Length);
        // At the second place "fish" would end the text too early.
        Assert.AreNotEqual("fish", text[1]);
    }

    [TestMethod]
    public void Only_allowed_tokens_are_generated()
    {
        using var generator = Trained.Value.Model.CreateTextGenerator();
        string[] allowed = ["hay", "seed", "eats"];
        for (var seed = 0; seed < 10; seed++)
        {
            var text = generator.Generate(["the", "cat"], new() { AllowedTokens = allowed, Seed = seed, MaximumTokens = 20, Temperature = 2 });
            Assert.IsTrue(text.All(allowed.Contains), string.Join(' ', text));
        }
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => generator.Generate(["the"], new() { AllowedTokens = ["lion"] })).Message, "'lion'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => generator.Generate(["the"], new() { StopTokens = ["lion"] })).Message, "'lion'");
    }

    [TestMethod]
    public void A_penalty_keeps_a_greedy_text_from_turning_in_circles()
    {
        using var generator = Trained.Value.Model.CreateTextGenerator();
        var greedy = new TextGenerationOptions { Temperature = 0, StopAtEndOfSentence = false, MaximumTokens = 9 };
        int Distinct(float penalty) => generator.Generate(["the"], greedy with { RepetitionPenalty = penalty }).Distinct().Count();
        NumberAssert.IsGreaterThan(Distinct(1), Distinct(50));
    }

    [TestMethod]
    public void Unknown_tokens_of_a_prompt_are_refused_unless_the_model_has_learned_missing_keys()
    {
        var (_, model, mapping) = Trained.Value;
        using (var generator = model.CreateTextGenerator())
        {
            CollectionAssert.AreEqual(new[] { "lion", "" }, generator.UnknownTokens(["the", "lion", "", "lion"]));
            var error = Assert.ThrowsExactly<ArgumentException>(() => generator.Generate(["the", "lion"]));
            StringAssert.Contains(error.Message, "'lion'");
            Assert.AreEqual("prompt", error.ParamName);
            Assert.ThrowsExactly<ArgumentException>(() => generator.NextTokens(["lion"]));
            Assert.ThrowsExactly<ArgumentException>(() => generator.GenerateBest(["lion"]));
            Assert.ThrowsExactly<ArgumentException>(() => generator.Perplexity(["the", "lion"]));
            Assert.IsNotEmpty(generator.Generate(["the", "lion"], new() { AllowUnknownTokens = true, Seed = 1, MinimumTokens = 1 }));
        }
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 2;
        using var knowing = Train(mapping.Transform(Texts([.. Enumerable.Repeat("the lion eats meat", 20), .. Enumerable.Repeat("the cat eats fish", 20)])),
            options);
        using var other = knowing.CreateTextGenerator();
        Assert.IsNotEmpty(other.Generate(["the", "lion"], new() { Seed = 1, MinimumTokens = 1 }));
        Assert.AreEqual(knowing.Evaluate(mapping.Transform(Texts("the lion eats meat")), carryState: false).Perplexity,
            other.Perplexity(["the", "lion", "eats", "meat"]), 1e-3);
    }

    [TestMethod]
    public void Faults_are_named()
    {
        var (chain, model, mapping) = Trained.Value;
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => mapping.CreateTextGenerator()).Message, "language model");
        var regression = Context.Regression.Trainers.Lstm(maximumNumberOfEpochs: 1).Fit(Context.Data.LoadFromEnumerable(Training.SequenceTasks.Sums(20, 1)));
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => new RecurrentTextGenerator(regression.Model)).Message, "Regression");
        var generator = model.CreateTextGenerator();
        foreach (var (name, options) in new (string, TextGenerationOptions)[]
        {
            ("MaximumTokens", new() { MaximumTokens = 0 }), ("Temperature", new() { Temperature = -1 }), ("Temperature", new() { Temperature = float.NaN }),
            ("TopK", new() { TopK = -1 }), ("TopP", new() { TopP = 0 }),
            ("TopP", new() { TopP = 1.5f }), ("MinimumTokens", new() { MinimumTokens = 101 }), ("RepetitionPenalty", new() { RepetitionPenalty = 0.9f }),
        }) StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => generator.Generate([], options)).Message, name);
        Assert.Throws<ArgumentException>(() => generator.Generate([], new() { ExcludedTokens = [.. generator.Vocabulary] }));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => generator.Generate([], cancellationToken: stopped.Token));
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.Generate([]));

        var options2 = Options();
        (options2.Vocabulary.EndOfSentence, options2.Stopping.MaximumNumberOfEpochs) = (null, 1);
        using var open = Train(Keys(20).Keys, options2);
        using var joined = open.CreateTextGenerator();
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => joined.Generate([])).Message, "prompt");
    }

    [TestMethod]
    public void Draws_follow_temperature_top_k_and_top_p()
    {
        double[] probabilities = [0.05, 0.4, 0.3, 0.15, 0.1];
        var logs = Array.ConvertAll(probabilities, p => (float)Math.Log(p));
        var none = new bool[5];
        Expect(new(), [0.05, 0.4, 0.3, 0.15, 0.1]);
        Expect(new() { TopK = 2 }, [0, 4 / 7.0, 3 / 7.0, 0, 0]);
        Expect(new() { TopP = 0.65f }, [0, 4 / 7.0, 3 / 7.0, 0, 0]);
        Expect(new() { TopP = 0.75f }, [0, 0.4 / 0.85, 0.3 / 0.85, 0.15 / 0.85, 0]);
        Expect(new() { TopK = 3, TopP = 0.8f }, [0, 4 / 7.0, 3 / 7.0, 0, 0]);
        Expect(new() { TopP = 0.01f }, [0, 1, 0, 0, 0]);
        Expect(new() { Temperature = 0 }, [0, 1, 0, 0, 0]);
        Expect(new() { TopK = 1 }, [0, 1, 0, 0, 0]);
        var squares = probabilities.Select(p => p * p).ToArray();
        Expect(new() { Temperature = 0.5f }, [.. squares.Select(p => p / squares.Sum())]);
        Expect(new(), [0.125, 0, 0.75, 0, 0.125], [1 / 8f, 0, 6 / 8f, 0, 1 / 8f], [false, true, false, true, false]);

        void Expect(TextGenerationOptions options, double[] expected, float[]? weights = null, bool[]? excluded = null)
        {
            const int draws = 20_000;
            var sampler = new TokenSampler(5, options, seed: 7);
            var counts = new int[5];
            for (var i = 0; i < draws; i++) counts[sampler.Draw(weights is null ? logs : Array.ConvertAll(weights, MathF.Log), excluded ?? none)]++;
            for (var token = 0; token < 5; token++)
            {
                if (expected[token] == 0) Assert.AreEqual(0, counts[token], $"{options}, token {token}");
                else Assert.AreEqual(expected[token], counts[token] / (double)draws, 4 * Math.Sqrt(expected[token] * (1 - expected[token]) / draws) + 1e-9,
                    $"{options}, token {token}");
            }
        }
    }
}
