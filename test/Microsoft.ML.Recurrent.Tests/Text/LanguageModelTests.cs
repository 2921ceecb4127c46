using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Recurrent.Tests.Onnx;
using static Microsoft.ML.Recurrent.Tests.Text.SmallTexts;

namespace Microsoft.ML.Recurrent.Tests.Text;

[TestClass]
public sealed class LanguageModelTests
{
    [TestMethod]
    [DataRow(RecurrentCell.Lstm, true, false, null)]
    [DataRow(RecurrentCell.Gru, true, true, null)]
    [DataRow(RecurrentCell.SimpleRnn, false, false, null)]
    [DataRow(RecurrentCell.Gru, false, true, 6)]
    [DataRow(RecurrentCell.Lstm, true, false, 6)]
    public void Learns_a_grammar_to_its_entropy(RecurrentCell cell, bool carryState, bool tied, int? sampled)
    {
        var (mapping, keys) = Keys();
        var options = Options();
        (options.Network.Cell, options.Batches.Stateful, options.Vocabulary.TieWeights, options.Vocabulary.SampledTokens, options.Vocabulary.EmbeddingSize) =
            (cell, carryState, tied, sampled, tied ? 16 : null);
        using var model = Train(keys, options);
        var fresh = mapping.Transform(Context.Data.LoadFromEnumerable(Draw(200, 99)));
        var metrics = model.Evaluate(fresh);
        var perSentence = -metrics.LogLikelihood / 200;
        NumberAssert.IsLessThan(Entropy + 0.35, perSentence, $"{perSentence} nats a sentence, at best {Entropy}");
        NumberAssert.IsGreaterThan(Entropy - 0.1, perSentence);
        Assert.AreEqual(metrics.Perplexity, Math.Exp(metrics.CrossEntropy), 1e-9);
        Assert.AreEqual(metrics.CrossEntropy, metrics.BitsPerToken * Math.Log(2), 1e-9);
        if (tied) StringAssert.Contains(model.Model.Summary(), "projection");
    }

    [TestMethod]
    public void The_food_follows_from_the_animal()
    {
        var (mapping, keys) = Keys();
        using var model = Train(keys);
        var answers = Score(model, mapping, "the cat eats fish", "the cat eats hay", "the small dog eats");
        NumberAssert.IsGreaterThan(-0.2f, answers[0].LogProbabilities[3]);
        NumberAssert.IsLessThan(-3f, answers[1].LogProbabilities[3]);
        NumberAssert.IsGreaterThan(5 * answers[0].Perplexity, answers[1].Perplexity * 2);
        Assert.HasCount(5 - 1, answers[2].LogProbabilities);

        // Names stand behind the numbers; the end of the sentence, which is no key, is the last.
        var column = model.Transform(mapping.Transform(Texts("the"))).Schema["Next"];
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        string[] tokens = [.. names.DenseValues().Select(name => name.ToString())];
        Assert.AreEqual("<eos>", tokens[^1]);
        Assert.AreEqual("meat", tokens[Array.IndexOf(answers[2].Next, answers[2].Next.Max())]);
        Assert.AreEqual(1, answers[2].Next.Sum(), 0.02);
    }

    [TestMethod]
    public void The_history_holds_the_perplexity_that_evaluation_finds()
    {
        var (mapping, keys) = Keys();
        var held = mapping.Transform(Context.Data.LoadFromEnumerable(Draw(60, 5)));
        var options = Options();
        // One stream is what evaluation reads.
        (options.Optimizer.BatchSize, options.Stopping.MaximumNumberOfEpochs) = (1, 3);
        var seen = new List<TrainingProgress>();
        options.Logging.Progress = new Reports(seen);
        using var model = Train(keys, options, held);
        var best = model.Model.History.Epochs[model.Model.History.BestEpoch - 1];
        Assert.AreEqual(best.ValidationPerplexity!.Value, model.Evaluate(held).Perplexity, 1e-4);
        Assert.AreEqual(best.ValidationPerplexity, seen.First(report => report.EpochEnded && report.Epoch == best.Epoch).ValidationPerplexity);
        Assert.AreEqual(held.GetColumn<uint[]>("Tokens").Sum(row => row.Length + 1), model.Evaluate(held).Tokens);
    }

    [TestMethod]
    [DataRow("<eos>")]
    [DataRow(null)]
    public void Rows_do_not_see_each_other(string? marker)
    {
        var (mapping, keys) = Keys(60);
        var options = Options();
        (options.Stopping.MaximumNumberOfEpochs, options.Vocabulary.EndOfSentence) = (2, marker);
        using var model = Train(keys, options);
        string[] lines = ["the cat eats fish", "the small bird eats seed", "the", "horse the small eats eats hay the cat", "dog"];
        var together = Score(model, mapping, [.. lines, .. lines.Reverse()]);
        // Without a marker nothing foretells the first token.
        var first = marker is null ? 1 : 0;
        for (var i = 0; i < lines.Length; i++)
        {
            var alone = Score(model, mapping, lines[i])[0];
            foreach (var other in new[] { together[i], together[^(i + 1)] })
            {
                TestModels.AssertClose(alone.LogProbabilities[first..], other.LogProbabilities[first..], lines[i]);
                TestModels.AssertClose(alone.Next, other.Next, lines[i]);
            }
        }

        Assert.AreEqual(marker is null, float.IsNaN(together[0].LogProbabilities[0]));
        Assert.AreEqual(marker is null, float.IsNaN(together[2].Perplexity));
    }

    [TestMethod]
    public void Evaluation_by_rows_is_the_sum_of_the_rows_answers()
    {
        var (mapping, keys) = Keys(60);
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 2;
        using var model = Train(keys, options);
        string[] lines = ["the cat eats fish", "the small bird eats seed", "the dog eats hay"];
        var rows = mapping.Transform(Texts(lines));
        var answers = Score(model, mapping, lines);
        var expected = answers.Zip(lines, (answer, line) => (line.Split(' ').Length + 1) * Math.Log(answer.Perplexity)).Sum();
        var metrics = model.Evaluate(rows, carryState: false);
        Assert.AreEqual(expected, -metrics.LogLikelihood, 1e-4);
        Assert.AreEqual(4 + 5 + 4 + 3, metrics.Tokens);
        Assert.AreNotEqual(metrics.LogLikelihood, model.Evaluate(rows, carryState: true).LogLikelihood);

        // A word that training never met is counted apart, and not foretold.
        var missing = model.Evaluate(mapping.Transform(Texts("the cat eats caviar")));
        Assert.AreEqual((4, 1), (missing.Tokens, missing.MissingTokens));
    }

    [TestMethod]
    public void Missing_keys_are_a_word_where_training_met_them()
    {
        var data = Context.Data.LoadFromEnumerable(Draw(200, 1));
        var mapping = Context.Transforms.Conversion.MapValueToKey("Tokens", maximumNumberOfKeys: 6).Fit(data);
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 5;
        using var model = Train(mapping.Transform(data), options);
        var metrics = model.Evaluate(mapping.Transform(data));
        NumberAssert.IsGreaterThan(0, metrics.MissingTokens);
        Assert.AreEqual(data.GetColumn<string[]>("Tokens").Sum(row => row.Length + 1), metrics.Tokens);
        NumberAssert.IsLessThan(6, metrics.Perplexity);
    }

    [TestMethod]
    public void A_marker_among_the_keys_is_that_key()
    {
        var lines = Draw(100, 1).Select(row => string.Join(' ', row.Tokens.Append("<eos>"))).ToArray();
        var data = Texts(lines);
        var mapping = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(data);
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 2;
        using var model = Train(mapping.Transform(data), options);
        var (keys, plain) = Keys(100);
        using var other = Train(plain, options);
        // The marker that the rows hold is counted once, and the vocabulary has one word for it.
        Assert.AreEqual(other.Model.Description.Vocabulary, model.Model.Description.Vocabulary);
        Assert.AreEqual(other.Evaluate(plain).Tokens, model.Evaluate(mapping.Transform(data)).Tokens);
        var (with, without) = (Score(model, mapping, "the cat eats fish <eos>")[0], Score(model, mapping, "the cat eats fish")[0]);
        Assert.AreEqual(with.Perplexity, without.Perplexity, 1e-4);
        Assert.HasCount(5, with.LogProbabilities);
    }

    [TestMethod]
    public void One_row_may_hold_the_whole_text()
    {
        var text = string.Concat(Enumerable.Repeat("to be or not to be. ", 60));
        var rows = Context.Data.LoadFromEnumerable([new Sentence { Tokens = [.. text.Select(c => c.ToString())] }]);
        var mapping = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(rows);
        var options = Options();
        (options.Vocabulary.EndOfSentence, options.Output.PerplexityColumnName, options.Output.NextTokenColumnName, options.Optimizer.BatchSize) =
            (null, null, null, 4);
        using var model = Train(mapping.Transform(rows), options);
        NumberAssert.IsLessThan(0.2, model.Evaluate(mapping.Transform(rows)).BitsPerToken);
        Assert.HasCount(1, model.Model.Manifest.Outputs);
        using var generator = model.CreateTextGenerator();
        StringAssert.StartsWith(string.Concat(generator.Generate("to be or ".Select(c => c.ToString()), new() { Temperature = 0, MaximumTokens = 10 })),
            "not to be.");
    }

    [TestMethod]
    public void The_schema_is_known_before_training()
    {
        var (mapping, keys) = Keys(40);
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 1;
        var estimator = Context.Transforms.Text.LanguageModelByRecurrentNetwork(options);
        var promised = estimator.GetOutputSchema(SchemaShapes.Create(keys.Schema));
        using var model = estimator.Fit(keys);
        var given = SchemaShapes.Create(model.Transform(keys).Schema);
        foreach (var name in new[] { "LogProbabilities", "Perplexity", "Next", "Tokens" })
        {
            var (before, after) = (promised.Single(column => column.Name == name), given.Single(column => column.Name == name));
            Assert.AreEqual((after.Kind, after.ItemType, after.IsKey), (before.Kind, before.ItemType, before.IsKey), name);
            CollectionAssert.AreEquivalent(after.Annotations.Select(annotation => annotation.Name).ToArray(),
                before.Annotations.Select(annotation => annotation.Name).ToArray(), name);
        }

        Assert.AreEqual(new VectorDataViewType(new KeyDataViewType(typeof(uint), 11)), model.FeatureColumnType);
    }

    [TestMethod]
    public void An_exported_file_is_a_model_again()
    {
        var (_, keys) = Keys(40);
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 1;
        using var model = Train(keys, options);
        var path = Path.GetTempFileName();
        try
        {
            model.Model.ExportToOnnx(path);
            using var generator = new RecurrentTextGenerator(Context.Model.LoadRecurrentOnnx(path));
            using var expected = model.CreateTextGenerator();
            var drawn = new TextGenerationOptions { Seed = 4, MaximumTokens = 30, StopAtEndOfSentence = false };
            CollectionAssert.AreEqual(expected.Generate([], drawn), generator.Generate([], drawn));

            // A stream takes keys, and answers with the log-probabilities of all ids.
            using var stream = new SequenceStream<string>(model.Model);
            Assert.AreEqual((1, 13), (stream.InputSize, stream.OutputSize));
            var next = new float[13];
            stream.Step(["text"], [12f], next);
            Assert.AreEqual(1, next.Sum(MathF.Exp), 1e-4);
            TestModels.AssertClose([.. next.Skip(1).OrderDescending().Select(MathF.Exp)], [.. expected.NextTokens([], 12).Select(token => token.Probability)],
                "after the end of a sentence");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Reports(List<TrainingProgress> seen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => seen.Add(value);
    }
}
