using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.ML.Recurrent.Tests.Tokens;

namespace Microsoft.ML.Recurrent.Tests.Text;

/// <summary>Language models of plain texts: words, characters and byte pairs by the tokenizer of the pipeline.</summary>
[TestClass]
public sealed class TextModelTests
{
    private static readonly MLContext s_context = new(1);
    private static readonly string[] s_texts = [.. Draw(150, 1)];

    [TestMethod]
    [DataRow("Bpe")]
    [DataRow("Characters")]
    [DataRow("WhiteSpace")]
    public void A_pipeline_continues_texts_and_streams_them_in_whole_characters(string kind)
    {
        using var files = new TokenFiles();
        var model = Fit(Tokenizer(kind, files), 20);
        using var generator = model.CreateTextGenerator();
        CollectionAssert.Contains(new[] { "fish", "meat" }.Select(food => $"{food} 😀").ToArray(), Greedy(generator, "the naïve cat eats").Trim());
        var known = Draw(500, 2).ToHashSet();
        var options = new TextGenerationOptions { Temperature = 0.7f, TopP = 0.9f, MaximumTokens = 80 };
        var texts = Enumerable.Range(0, 20).Select(seed => generator.GenerateText("the", options with { Seed = seed })).ToArray();
        NumberAssert.IsGreaterThan(15, texts.Count(text => known.Contains("the" + text)),
            string.Join("; ", texts));
        // At a high temperature a byte follows any other.
        options = options with { Temperature = 3, TopP = 1, StopAtEndOfSentence = false };
        for (var seed = 0; seed < 5; seed++)
        {
            var chunks = generator.StreamText("the café", options with { Seed = seed }).ToArray();
            Assert.AreEqual(generator.GenerateText("the café", options with { Seed = seed }), string.Concat(chunks));
            foreach (var chunk in chunks)
            {
                Assert.AreNotEqual("", chunk);
                Assert.AreEqual(chunk, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(chunk)), "no half of a surrogate pair");
            }
        }
        Assert.AreEqual("the naïve café\u00a0😀", generator.Detokenize(generator.Tokenize("the naïve café\u00a0😀")).Replace("café 😀", "café\u00a0😀",
            StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_loaded_pipeline_writes_the_same_text()
    {
        using var files = new TokenFiles();
        var model = Fit(Tokenizer("Bpe", files), 2);
        using var stream = new MemoryStream();
        s_context.Model.Save(model, null, stream);
        stream.Position = 0;
        using RecurrentTextGenerator before = model.CreateTextGenerator(), after = new MLContext().Model.Load(stream, out _).CreateTextGenerator();
        var options = new TextGenerationOptions { Seed = 4, StopAtEndOfSentence = false };
        var text = before.GenerateText("the cat", options);
        Assert.AreEqual(text, after.GenerateText("the cat", options));
        StringAssert.Contains(text, "\n", "ends of sentences are line breaks");
        Assert.AreEqual(before.EvaluateText("the cat eats fish 😀"), after.EvaluateText("the cat eats fish 😀"));
    }

    [TestMethod]
    public void Two_processes_write_the_same_text()
    {
        using var files = new TokenFiles();
        var model = Fit(Tokenizer("Bpe", files), 2);
        using var generator = model.CreateTextGenerator();
        var expected = generator.GenerateText("the cat", new() { Seed = 9, StopAtEndOfSentence = false });
        NumberAssert.IsGreaterThan(20, expected.Length);
        Assert.AreEqual(expected, SecondProcess.Generate(s_context, model, "the cat", 9));
        Assert.AreEqual(expected, SecondProcess.Generate(s_context, model, "the cat", 9, environment => environment["DOTNET_PROCESSOR_COUNT"] = "1"));
        Assert.AreNotEqual(expected, SecondProcess.Generate(s_context, model, "the cat", 10));
    }

    [TestMethod]
    public void Figures_per_character_and_word_do_not_depend_on_the_tokens()
    {
        using var files = new TokenFiles();
        var held = Draw(60, 3).ToArray();
        // The end of a sentence counts as one of each.
        var (characters, words) = (held.Sum(text => text.EnumerateRunes().Count() + 1L), held.Sum(text => text.Split(' ').Length + 1L));
        var bits = new Dictionary<string, double>();
        foreach (var kind in new[] { "Bpe", "Characters", "WhiteSpace" })
        {
            var model = Fit(Tokenizer(kind, files), 15);
            var data = model.Transform(View(held));
            var metrics = Model(model).EvaluateText(data, "Text");
            Assert.AreEqual((characters, words, 0L), (metrics.Characters!.Value, metrics.Words!.Value, metrics.MissingTokens), kind);
            Assert.AreEqual(Model(model).Evaluate(data).LogLikelihood, metrics.LogLikelihood);
            Assert.AreEqual(-metrics.LogLikelihood / characters / Math.Log(2), metrics.BitsPerCharacter!.Value, 1e-9);
            Assert.AreEqual(Math.Exp(-metrics.LogLikelihood / words), metrics.PerplexityPerWord!.Value, 1e-9 * metrics.PerplexityPerWord!.Value);
            bits.Add(kind, metrics.BitsPerCharacter.Value);
            if (kind is "Characters") Assert.AreEqual(metrics.BitsPerToken, metrics.BitsPerCharacter.Value, 1e-9);
            if (kind is "WhiteSpace") Assert.AreEqual(metrics.Perplexity, metrics.PerplexityPerWord.Value, 1e-9);
            using var generator = model.CreateTextGenerator();
            var one = generator.EvaluateText(held[0]);
            var row = Model(model).EvaluateText(model.Transform(View(held[0])), "Text", carryState: false);
            Assert.AreEqual((row.Tokens, row.Characters, row.Words), (one.Tokens, one.Characters, one.Words), kind);
            Assert.AreEqual(row.LogLikelihood, one.LogLikelihood, 1e-3);
            Assert.IsNull(Model(model).Evaluate(data).BitsPerCharacter);
        }
        // All three have learned that a sentence has no more than one of two animals, adjectives and foods.
        NumberAssert.IsLessThan(1.35, bits.Values.Max() / bits.Values.Min(), string.Join(", ", bits));
    }

    [TestMethod]
    public void First_tokens_without_a_marker_are_not_counted_and_unknown_ones_give_no_figure()
    {
        using var files = new TokenFiles();
        var model = Fit(Tokenizer("WhiteSpace", files), 1, endOfSentence: null);
        var metrics = Model(model).EvaluateText(model.Transform(View("the cat eats", "the dog")), "Text");
        Assert.AreEqual((4L, 4L, "the cat eatsthe dog".Length - 3L), (metrics.Tokens, metrics.Words!.Value, metrics.Characters!.Value));
        metrics = Model(model).EvaluateText(model.Transform(View("the cat eats", "the dog")), "Text", carryState: false);
        Assert.AreEqual((3L, 3L, "the cat eatsthe dog".Length - 6L), (metrics.Tokens, metrics.Words!.Value, metrics.Characters!.Value));
        metrics = Model(model).EvaluateText(model.Transform(View("the lion eats")), "Text");
        Assert.IsTrue(double.IsNaN(metrics.BitsPerCharacter!.Value) && double.IsNaN(metrics.PerplexityPerWord!.Value));
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => Model(model).EvaluateText(model.Transform(View("a")), "Keys")).Message, "Keys");
    }

    [TestMethod]
    public void Texts_need_the_tokenizer_of_the_pipeline()
    {
        using var files = new TokenFiles();
        var model = Fit(Tokenizer("WhiteSpace", files), 1);
        using var generator = Model(model).CreateTextGenerator();
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => generator.GenerateText("the")).Message, "TokenizeForRecurrent");
        Assert.Throws<InvalidOperationException>(() => generator.EvaluateText("the"));
        using var whole = model.CreateTextGenerator();
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => whole.GenerateText("the lion")).Message, "'lion'");
    }

    private static TextTokenizer Tokenizer(string kind, TokenFiles files)
    {
        if (kind is "Characters") return TextTokenizer.Characters;
        if (kind is "WhiteSpace") return TextTokenizer.WhiteSpace;
        var (vocabulary, merges) = ByteLevelBpe.Write(files, s_texts, 60);
        return TextTokenizer.Bpe(vocabulary, merges, byteLevel: true);
    }

    private static TransformerChain<ITransformer> Fit(TextTokenizer tokenizer, int epochs, string? endOfSentence = "<eos>")
    {
        var options = new RecurrentLanguageModelEstimator.Options
        {
            Network = { HiddenSize = 48 },
            Vocabulary = { EndOfSentence = endOfSentence },
            Optimizer = { LearningRate = 0.01f, BatchSize = 8 },
            Stopping = { MaximumNumberOfEpochs = epochs, ValidationFraction = 0 },
            Seed = 1,
        };
        var estimator = s_context.Transforms.Text.LanguageModelByRecurrentNetwork(options);
        var data = View(s_texts);
        var tokens = s_context.Transforms.Text.TokenizeForRecurrent("Tokens", "Text", tokenizer);
        List<ITransformer> steps = [tokens.Fit(data)];
        if (tokenizer.Vocabulary is null) steps.Add(s_context.Transforms.Text.BuildVocabulary("Tokens", "Tokens").Fit(steps[0].Transform(data)));
        foreach (var step in steps) data = step.Transform(data);
        return new([.. steps, estimator.Fit(data)]);
    }

    private static RecurrentLanguageModelTransformer Model(TransformerChain<ITransformer> chain) => chain.OfType<RecurrentLanguageModelTransformer>().Single();

    private static IDataView View(params string[] texts) => s_context.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text }));

    private static string Greedy(RecurrentTextGenerator generator, string prompt) =>
        generator.GenerateText(prompt, new() { Temperature = 0, MaximumTokens = 60 });

    private static IEnumerable<string> Draw(int count, int seed)
    {
        string[] kinds = ["naïve", "café"], animals = ["cat", "dog"], foods = ["fish", "meat"];
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
            yield return $"the {kinds[random.Next(2)]} {animals[random.Next(2)]} eats {foods[random.Next(2)]} 😀";
    }
}
