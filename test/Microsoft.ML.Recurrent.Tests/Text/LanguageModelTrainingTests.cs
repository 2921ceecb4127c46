using Microsoft.ML.Recurrent.Tests.Data;
using Microsoft.ML.Recurrent.Tests.Onnx;
using static Microsoft.ML.Recurrent.Tests.Text.SmallTexts;

namespace Microsoft.ML.Recurrent.Tests.Text;

/// <summary>What a language model's training shares with other trainers': checkpoints, cancellation, fine-tuning, errors.</summary>
[TestClass]
public sealed class LanguageModelTrainingTests
{
    [TestMethod]
    [DataRow(true, null)]
    [DataRow(true, 5)]
    [DataRow(false, null)]
    public void A_run_that_was_cancelled_goes_on_where_it_stopped(bool carryState, int? sampled)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-language-").FullName;
        try
        {
            var (_, keys) = Keys(80);
            RecurrentLanguageModelEstimator.Options New()
            {
                var options = Options();
                (options.Batches.Stateful, options.Vocabulary.SampledTokens, options.Network.Regularization.DropoutRate, options.Stopping.MaximumNumberOfEpochs,
                    options.Network.NumberOfLayers) =
                    (carryState, sampled, 0.2f, 4, 2);
                return options;
            }

            var whole = TrainedWeights(New(), keys);
            using (var cancellation = new CancellationTokenSource())
            {
                var options = New();
                (options.Checkpoints.Folder, options.CancellationToken, options.Logging.Progress) = (folder, cancellation.Token, new Canceller(cancellation));
                using var partly = Train(keys, options);
                Assert.AreEqual(TrainingEnd.Cancelled, partly.Model.History.End);
            }

            var resumed = New();
            (resumed.Checkpoints.Folder, resumed.Checkpoints.Resume, resumed.NumberOfThreads) = (folder, true, 1);
            CollectionAssert.AreEqual(whole, TrainedWeights(resumed, keys));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void The_loss_summed_over_the_steps_takes_longer_steps()
    {
        // 64 sentences of four words and their ends: 8 streams of four pieces of ten steps.
        var lines = Draw(400, 1).Where(row => row.Tokens.Length == 4).Take(64).Select(row => string.Join(' ', row.Tokens)).ToArray();
        var texts = Texts(lines);
        var keys = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(texts).Transform(texts);
        TestModels.AssertClose(Trained(false, 0.1f), Trained(true, 0.01f), "steps");
        TestModels.AssertClose(Trained(false, 0.1f, 2), Trained(true, 0.01f, 2), "steps of two batches");

        float[] Trained(bool sum, float rate, int batches = 1)
        {
            var options = Options();
            (options.Optimizer.Kind, options.Batches.SumLossOverSteps, options.Optimizer.LearningRate, options.Stopping.MaximumNumberOfEpochs,
                options.Optimizer.Gradients.ClipNorm,
                options.Stopping.ValidationFraction) = (OptimizerKind.Sgd, sum, rate, 1, float.PositiveInfinity, 0);
            options.Optimizer.Gradients.AccumulationSteps = batches;
            return TrainedWeights(options, keys);
        }
    }

    [TestMethod]
    public void Embeddings_begin_as_the_options_say()
    {
        var (_, keys) = Keys(40);
        Assert.AreEqual(1, Deviation(_ => { }), 0.15);
        Assert.AreEqual(0.2, Deviation(options => options.Vocabulary.TieWeights = true), 0.03);
        Assert.AreEqual(0.2, Deviation(
            options => (options.Network.Initialization.Embedding, options.Network.Initialization.Input) =
                (WeightInitializer.Normal(0.2f), WeightInitializer.Uniform(3))), 0.03);
        Assert.AreEqual(3 / Math.Sqrt(3), Deviation(options => options.Network.Initialization.Input = WeightInitializer.Uniform(3)), 0.3);

        double Deviation(Action<RecurrentLanguageModelEstimator.Options> change)
        {
            var options = Options();
            (options.Optimizer.Kind, options.Optimizer.LearningRate, options.Stopping.MaximumNumberOfEpochs) = (OptimizerKind.Sgd, 1e-9f, 1);
            change(options);
            using var model = Train(keys, options);
            using var network = model.Model.ToNetwork();
            return Math.Sqrt(network["embedding_1.weight"].Value.Span.ToArray().Average(value => (double)value * value));
        }
    }

    [TestMethod]
    public void A_model_is_trained_further()
    {
        var (mapping, keys) = Keys(80);
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 3;
        using var first = Train(keys, options);
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs) = (first.Model, 20);
        using var second = Train(keys, options);
        NumberAssert.IsLessThan(first.Evaluate(keys).Perplexity, second.Evaluate(keys).Perplexity);

        options.Network.Initialization.FrozenLayers = ["embedding_1", "lstm_1", "head"];
        options.Stopping.MaximumNumberOfEpochs = 1;
        using var frozen = Train(keys, options);
        Assert.AreEqual(first.Evaluate(keys).LogLikelihood, frozen.Evaluate(keys).LogLikelihood, 1e-9);

        // Words it has never heard join those it knows, in another order; among themselves the known ones are as probable as before.
        var wider = Context.Data.LoadFromEnumerable<Sentence>([new() { Tokens = ["unheard", "words"] }, .. Draw(80, 1).Reverse()]);
        var more = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(wider);
        using var grown = Train(more.Transform(wider), options);
        using (Microsoft.ML.Recurrent.Networks.Network before = first.Model.ToNetwork(), after = grown.Model.ToNetwork())
        {
            var (known, all) = (first.Model.Manifest.Vocabulary!.Values, grown.Model.Manifest.Vocabulary!.Values);
            Assert.HasCount(known.Length + 2, all);
            var size = before["embedding_1.weight"].Value.Shape.Columns;
            for (var i = 0; i < known.Length; i++)
            {
                var j = all.IndexOf(known[i]);
                CollectionAssert.AreEqual(before["embedding_1.weight"].Value.Span.Slice((i + 1) * size, size).ToArray(),
                    after["embedding_1.weight"].Value.Span.Slice((j + 1) * size, size).ToArray(), known[i]);
                Assert.AreEqual(before["head.bias"].Value[i + 1], after["head.bias"].Value[j + 1], known[i]);
            }

            // The marker after each row is the last of both.
            Assert.AreEqual(before["head.bias"].Value.Span[^1], after["head.bias"].Value.Span[^1]);
        }

        var other = Texts("1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9");
        var fault = Assert.Throws<ArgumentException>(() => Train(Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(other).Transform(other), options));
        StringAssert.Contains(fault.Message, "another vocabulary");
    }

    /// <summary>
    /// Further texts without the horse, in another order: the tokens that they lack keep their rows, and older mappings score them as before.
    /// </summary>
    [TestMethod]
    [DataRow("<eos>", false, null, false)]
    [DataRow("<eos>", true, null, true)]
    [DataRow(null, false, 4, false)]
    public void Tokens_that_further_texts_lack_are_kept(string? marker, bool tied, int? sampled, bool isKey)
    {
        string[] End(bool ends) => ends ? ["<eos>"] : [];
        Sentence[] Lines(int seed, bool ends) => [.. Draw(60, seed).Select(row => new Sentence { Tokens = [.. row.Tokens, .. End(ends)] })];
        var all = Context.Data.LoadFromEnumerable(Lines(1, isKey));
        var mapping = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(all);
        var keys = mapping.Transform(all);
        var options = Options();
        (options.Vocabulary.EndOfSentence, options.Vocabulary.TieWeights, options.Vocabulary.SampledTokens, options.Vocabulary.EmbeddingSize) =
            (marker, tied, sampled, tied ? 16 : null);
        options.Stopping.MaximumNumberOfEpochs = 4;
        using var first = Train(keys, options);

        var few = Context.Data.LoadFromEnumerable(Lines(2, ends: false).Where(row => !row.Tokens.Contains("horse")).Reverse()
            .Prepend(new() { Tokens = ["cow", "eats", "seed"] }));
        var fewer = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(few);
        options.Network.Initialization = new() { Model = first.Model, FrozenLayers = ["embedding_1", "lstm_1", tied ? "projection" : "head"] };
        options.Stopping.MaximumNumberOfEpochs = 1;
        (options.Optimizer.Kind, options.Optimizer.LearningRate) = (OptimizerKind.Sgd, 1e-12f);
        using var tuned = Train(fewer.Transform(few), options, fewer.Transform(few));
        var (known, words) = (first.Model.Manifest.Vocabulary!.Values, tuned.Model.Manifest.Vocabulary!.Values);
        CollectionAssert.IsSubsetOf(known, words);
        Assert.HasCount(known.Length + 1, words, "the cow");
        Assert.AreNotEqual(known[0], words[0], "the test is about another order");

        // The cow takes its share of each probability; among themselves the tokens of the first model are as likely as before.
        using var before = first.CreateTextGenerator();
        using var after = tuned.CreateTextGenerator();
        CollectionAssert.AreEquivalent(before.Vocabulary.Append("cow").ToArray(), after.Vocabulary.ToArray());
        var (old, fresh) = (Next(before, "the", "horse", "eats"), Next(after, "the", "horse", "eats"));
        Assert.AreEqual(old["hay"] / old["the"], fresh["hay"] / fresh["the"], 1e-3 * old["hay"] / old["the"]);

        // Both mappings, and the keys of the whole model in its own order, give the same answers.
        var lines = new[] { "the cat eats fish", "the small bird eats seed" };
        var whole = Context.Transforms.Conversion.MapValueToKey("Tokens",
            keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence)
            .Fit(Texts(string.Join(' ', words)));
        var expected = Score(tuned, fewer, lines);
        foreach (var other in new ITransformer[] { mapping, whole })
            for (var i = 0; i < lines.Length; i++)
                TestModels.AssertClose(expected[i].LogProbabilities[1..], Score(tuned, other, lines)[i].LogProbabilities[1..], lines[i]);
        var texts = Texts(lines);
        Assert.AreEqual(tuned.Evaluate(fewer.Transform(texts)).LogLikelihood, tuned.Evaluate(mapping.Transform(texts)).LogLikelihood, 1e-6);
        Assert.IsTrue(double.IsFinite(tuned.Evaluate(keys).LogLikelihood), "the horse is scored");

        static Dictionary<string, double> Next(RecurrentTextGenerator generator, params string[] prompt) =>
            generator.NextTokens(prompt, 100).ToDictionary(next => next.Token, next => (double)next.Probability);
    }

    [TestMethod]
    public void Validation_texts_with_keys_in_another_order_are_refused()
    {
        var (mapping, keys) = Keys(60);
        var reversed = Context.Data.LoadFromEnumerable(Draw(60, 1).Reverse());
        var others = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(reversed).Transform(reversed);
        var error = Assert.ThrowsExactly<ArgumentException>(() => Train(keys, null, others));
        Assert.AreEqual("validationData", error.ParamName);
        StringAssert.Contains(error.Message, "Use the same key mapping for both.");
    }

    [TestMethod]
    public void Columns_that_do_not_fit_are_named()
    {
        var texts = Texts("the cat", "the dog");
        var missing = Assert.Throws<ArgumentOutOfRangeException>(() => Context.Transforms.Text.LanguageModelByLstm("Out", "Toknes").Fit(texts)).Message;
        StringAssert.Contains(missing, "'Toknes'");
        StringAssert.Contains(missing, "'Tokens'");
        var mismatch = Assert.Throws<ArgumentOutOfRangeException>(() => Context.Transforms.Text.LanguageModelByGru("Out").Fit(texts)).Message;
        StringAssert.Contains(mismatch, "'Tokens'");
        StringAssert.Contains(mismatch, "a vector of keys");
        StringAssert.Contains(mismatch, "MapValueToKey");

        // Before training, by the schema's shape alone.
        var pipeline = Context.Transforms.CopyColumns("Words", "Tokens").Append(Context.Transforms.Text.LanguageModelBySimpleRnn("Out", "Words"));
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => pipeline.GetOutputSchema(SchemaShapes.Create(texts.Schema))).Message, "'Words'");

        // Keys of another mapping, in validation and in scoring.
        var (mapping, keys) = Keys(20);
        var unknown = Texts("the cat", "the cow");
        var others = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(unknown).Transform(unknown);
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 1;
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Train(keys, options, others)).Message, "validation data");
        using var model = Train(keys, options);
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => model.Transform(others)).Message, "'Tokens'");
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => model.Evaluate(others)).Message, "'Tokens'");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => model.Evaluate(mapping.Transform(Texts("", "")))).Message, "no tokens");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Train(mapping.Transform(Texts("")), options)).Message, "no tokens");
    }

    [TestMethod]
    public void Options_that_do_not_fit_are_named()
    {
        Refused("Network.Bidirectional", options => options.Network.Bidirectional = true);
        Refused("Network.Pooling", options => options.Network.Pooling = SequencePooling.Max);
        Refused("Batches.StepsPerBatch", options => options.Batches.StepsPerBatch = 0);
        Refused("Vocabulary.SampledTokens", options => options.Vocabulary.SampledTokens = 0);
        Refused("Vocabulary.EmbeddingSize", options => options.Vocabulary.EmbeddingSize = 0);
        Refused("Vocabulary.EndOfSentence", options => options.Vocabulary.EndOfSentence = "");
        Refused("Output.LogProbabilitiesColumnName", options => options.Output.LogProbabilitiesColumnName = "");
        Refused("Output.PerplexityColumnName", options => options.Output.PerplexityColumnName = "");

        var (_, keys) = Keys(20);
        Fails("Vocabulary.SampledTokens", options => options.Vocabulary.SampledTokens = 1000);
        Fails("'both'", options => options.Network.Custom = SequenceNetwork.Create().Embedding(4).Lstm(4, bidirectional: true, name: "both"));
        Fails("'seeing'", options => options.Network.Custom = SequenceNetwork.Create().Embedding(4).SelfAttention(1, name: "seeing"));
        Fails("'pool'", options => options.Network.Custom = SequenceNetwork.Create().Embedding(4).Lstm(4).Pool(SequencePooling.Max, "pool"));
        Fails("tied", options => (options.Network.Custom, options.Vocabulary.TieWeights) = (SequenceNetwork.Create().Embedding(4).Lstm(5), true));

        void Fails(string named, Action<RecurrentLanguageModelEstimator.Options> change)
        {
            var options = Options();
            change(options);
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => Train(keys, options)).Message, named);
        }

        static void Refused(string named, Action<RecurrentLanguageModelEstimator.Options> change)
        {
            var options = Options();
            change(options);
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => Context.Transforms.Text.LanguageModelByRecurrentNetwork(options)).Message, named);
        }
    }
}
