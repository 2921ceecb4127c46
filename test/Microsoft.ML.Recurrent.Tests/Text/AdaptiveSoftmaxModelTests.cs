using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Text;
using static Microsoft.ML.Recurrent.Tests.Text.SmallTexts;

namespace Microsoft.ML.Recurrent.Tests.Text;

/// <summary>Language models with an adaptive softmax, end to end.</summary>
[TestClass]
public sealed class AdaptiveSoftmaxModelTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Learns_a_grammar_to_its_entropy(bool carryState)
    {
        var (mapping, keys) = Keys();
        var options = Adaptive();
        options.Batches.Stateful = carryState;
        using var model = Train(keys, options);
        var metrics = model.Evaluate(mapping.Transform(Context.Data.LoadFromEnumerable(Draw(200, 99))));
        NumberAssert.IsLessThan(Entropy + 0.35, -metrics.LogLikelihood / 200);
        NumberAssert.IsGreaterThan(Entropy - 0.1, -metrics.LogLikelihood / 200);
        StringAssert.Contains(model.Model.Summary(), "Adaptive softmax, cutoffs 4, 7");
        using var generator = model.CreateTextGenerator();
        CollectionAssert.AreEqual(new[] { "hay" }, generator.Generate(["the", "horse", "eats"], new() { Temperature = 0 }));
        Assert.AreEqual(1, generator.NextTokens(["the"], 100).Sum(next => next.Probability), 0.02);
    }

    [TestMethod]
    public void Validation_finds_the_perplexity_of_evaluation()
    {
        var (mapping, keys) = Keys();
        var held = mapping.Transform(Context.Data.LoadFromEnumerable(Draw(60, 5)));
        var options = Adaptive();
        (options.Optimizer.BatchSize, options.Stopping.MaximumNumberOfEpochs) = (1, 3);
        using var model = Train(keys, options, held);
        var best = model.Model.History.Epochs[model.Model.History.BestEpoch - 1];
        Assert.AreEqual(best.ValidationPerplexity!.Value, model.Evaluate(held).Perplexity, 1e-4);
    }

    [TestMethod]
    public void Graphs_of_any_opset_agree_with_the_network()
    {
        var (_, keys) = Keys(60);
        var options = Adaptive();
        options.Stopping.MaximumNumberOfEpochs = 2;
        using var transformer = Train(keys, options);
        var model = transformer.Model;
        var rows = TestRows.Random(model.Description, 3, shortest: 4, longest: 4);
        using var network = model.ToNetwork();
        using var batch = rows.ToBatch(model.Description);
        using var tape = new Tape { Recording = false };
        var vocabulary = model.Description.Vocabulary;
        var expected = new NextTokenHead(vocabulary).Predict(tape, network.Forward(tape, batch))[0].Span;
        foreach (var opset in new[] { 11, 13, 17, 22 })
        {
            using var stream = new MemoryStream();
            model.ExportToOnnx(stream, new() { Opset = opset, Form = OnnxExportForm.SingleStep });
            using var session = new InferenceSession(stream.ToArray());
            using var run = new RunOptions();
            var inputs = session.InputNames.Where(name => name.Contains('.', StringComparison.Ordinal))
                .ToDictionary(name => name, _ => OrtValue.CreateTensorValueFromMemory(new float[3 * 24], [1, 3, 24]));
            inputs.Add("Tokens", OrtValue.CreateTensorValueFromMemory(rows.Tokens.SelectMany(row => row).ToArray(), [3, 4]));
            inputs.Add(Microsoft.ML.Recurrent.Model.ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(new long[] { 4, 4, 4 }, [3]));
            using var results = session.Run(run, inputs, ["NextToken"]);
            var actual = results[0].GetTensorDataAsSpan<float>();
            for (var row = 0; row < 3; row++)
                for (var t = 0; t < 4; t++)
                    TestModels.AssertClose(expected.Slice((t * 3 + row) * vocabulary, vocabulary).ToArray(),
                        actual.Slice((row * 4 + t) * vocabulary, vocabulary).ToArray(), $"opset {opset}, row {row}, step {t}");
            foreach (var input in inputs.Values) input.Dispose();
        }
        foreach (var precision in new[] { OnnxPrecision.Half, OnnxPrecision.Int8, OnnxPrecision.HalfWeights })
        {
            using var small = new MemoryStream();
            foreach (var output in model.ExportToOnnx(small, new() { Precision = precision }).Outputs)
                NumberAssert.IsLessThan(0.3, output.MaximumAbsoluteError, $"{precision} {output}");
        }
    }

    [TestMethod]
    public void A_run_that_was_cancelled_goes_on_and_a_saved_model_answers_the_same()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-adaptive-").FullName;
        try
        {
            var (mapping, keys) = Keys(80);
            var whole = TrainedWeights(New(), keys);
            using (var cancellation = new CancellationTokenSource())
            {
                var options = New();
                (options.Checkpoints.Folder, options.CancellationToken, options.Logging.Progress) = (folder, cancellation.Token, new Canceller(cancellation));
                using var partly = Train(keys, options);
            }
            var resumed = New();
            (resumed.Checkpoints.Folder, resumed.Checkpoints.Resume, resumed.NumberOfThreads) = (folder, true, 1);
            using var model = Train(keys, resumed);
            CollectionAssert.AreEqual(whole, WeightsOf(model));

            var path = Path.Combine(folder, "model.zip");
            Context.Model.Save(model, keys.Schema, path);
            using var loaded = (RecurrentLanguageModelTransformer)new MLContext().Model.Load(path, out _);
            CollectionAssert.AreEqual(Score(model, mapping, "the small bird eats seed")[0].LogProbabilities,
                Score(loaded, mapping, "the small bird eats seed")[0].LogProbabilities);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static RecurrentLanguageModelEstimator.Options New()
        {
            var options = Adaptive();
            (options.Network.Regularization.DropoutRate, options.Optimizer.EmaDecay, options.Stopping.MaximumNumberOfEpochs) = (0.2f, 0.9f, 4);
            return options;
        }
    }

    /// <summary>Texts with another order of tokens, one of them new: what was learned of the known ones stays.</summary>
    [TestMethod]
    public void Tokens_of_further_texts_keep_their_clusters()
    {
        var (mapping, keys) = Keys(80);
        var options = Adaptive();
        options.Stopping.MaximumNumberOfEpochs = 4;
        using var first = Train(keys, options);
        var texts = Context.Data.LoadFromEnumerable<Sentence>([new() { Tokens = ["cow", "eats", "seed"] }, .. Draw(60, 2).Reverse()]);
        var further = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(texts);
        options = Adaptive();
        options.Network.Initialization = new() { Model = first.Model, FrozenLayers = ["embedding_1", "lstm_1", "head"] };
        options.Stopping.MaximumNumberOfEpochs = 1;
        using var tuned = Train(further.Transform(texts), options);
        CollectionAssert.AreEqual(new[] { 4, 7 }, tuned.Model.Description.AdaptiveSoftmax!.Cutoffs.ToArray());
        using RecurrentTextGenerator before = first.CreateTextGenerator(), after = tuned.CreateTextGenerator();
        var (old, fresh) = (Next(before), Next(after));
        Assert.HasCount(old.Count + 1, fresh);
        // The head knows the frequent tokens; in the last cluster the cow takes its share, and the others keep their proportions.
        using var network = first.Model.ToNetwork();
        string[] words = ["", .. first.Model.Manifest.Vocabulary!.Values, "<eos>"];
        string[] rare = [.. words.Where((word, id) => word.Length > 0 && network["head.places"].Value[id] >= 7)];
        NumberAssert.IsGreaterThan(1, rare.Length);
        foreach (var word in old.Keys)
        {
            if (!rare.Contains(word)) Assert.AreEqual(old[word], fresh[word], 1e-5 * old[word] + 1e-9, word);
            else Assert.AreEqual(old[word] / old[rare[0]], fresh[word] / fresh[rare[0]], 1e-4 * old[word] / old[rare[0]], word);
        }
        using var same = Train(keys, options);
        Assert.AreEqual(first.Evaluate(keys).LogLikelihood, same.Evaluate(keys).LogLikelihood, 1e-4);

        static Dictionary<string, double> Next(RecurrentTextGenerator generator) =>
            generator.NextTokens(["the", "horse", "eats"], 100).ToDictionary(next => next.Token, next => (double)next.Probability);
    }

    [TestMethod]
    public void Frequent_tokens_come_first_and_few_tokens_need_no_clusters()
    {
        var (_, keys) = Keys(80);
        var options = Adaptive();
        options.Stopping.MaximumNumberOfEpochs = 1;
        using var model = Train(keys, options);
        using var network = model.Model.ToNetwork();
        string[] words = ["", .. model.Model.Manifest.Vocabulary!.Values, "<eos>"];
        CollectionAssert.IsSubsetOf(new[] { "the", "eats", "<eos>" }, words.Where((_, id) => network["head.places"].Value[id] < 4).ToArray());

        options.Vocabulary.Cutoffs = null;
        using var full = Train(keys, options);
        Assert.IsNull(full.Model.Description.AdaptiveSoftmax);
        var many = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 400).Select(i => new Sentence { Tokens = ["a", $"w{i}", "b", $"w{i / 3}"] }));
        using var divided = Train(Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(many).Transform(many), options);
        Assert.IsNotNull(divided.Model.Description.AdaptiveSoftmax);
    }

    [TestMethod]
    public void Contradictions_are_refused()
    {
        var (_, keys) = Keys(40);
        Refused("AdaptiveSoftmax", options => options.Vocabulary.TieWeights = true);
        Refused("AdaptiveSoftmax", options => options.Vocabulary.SampledTokens = 3);
        Refused("Cutoffs", options => options.Vocabulary.AdaptiveSoftmax = false);
        Refused("Cutoffs", options => options.Vocabulary.Cutoffs = []);
        Refused("Cutoffs", options => options.Vocabulary.Cutoffs = [4, 4]);
        Refused("Cutoffs", options => options.Vocabulary.Cutoffs = [0, 4]);
        Refused("Cutoffs", options => options.Vocabulary.Cutoffs = [4, 500]);
        Refused("ClusterDivisor", options => options.Vocabulary.ClusterDivisor = 0.5f);
        var plain = Options();
        plain.Stopping.MaximumNumberOfEpochs = 1;
        using var model = Train(keys, plain);
        Refused("Network.Initialization.Model", options => options.Network.Initialization.Model = model.Model);
        var adaptive = Adaptive();
        adaptive.Stopping.MaximumNumberOfEpochs = 1;
        using var other = Train(keys, adaptive);
        Refused("Network.Initialization.Model", options => (options.Vocabulary.AdaptiveSoftmax, options.Vocabulary.Cutoffs, options.Vocabulary.SampledTokens,
            options.Network.Initialization.Model) = (false, null, 3, other.Model));

        void Refused(string name, Action<RecurrentLanguageModelEstimator.Options> change)
        {
            var options = Adaptive();
            change(options);
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => Train(keys, options)).ParamName, name);
        }
    }

    private static RecurrentLanguageModelEstimator.Options Adaptive()
    {
        var options = Options();
        (options.Vocabulary.AdaptiveSoftmax, options.Vocabulary.Cutoffs, options.Vocabulary.ClusterDivisor) = (true, [4, 7], 2);
        return options;
    }
}
