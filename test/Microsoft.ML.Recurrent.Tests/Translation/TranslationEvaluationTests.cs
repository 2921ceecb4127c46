using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;
using Microsoft.ML.Recurrent.Translation.Metrics;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>Metrics of translations, held to those that sacreBLEU (commit f615c72) gave for the same texts.</summary>
[TestClass]
public sealed class TranslationEvaluationTests
{
    private static readonly Pair[] s_pairs =
    [
        new()
        {
            Translation = "The 3.5-litre engine, built in 1,200 units, cost $40.",
            Reference = "The 3.5-litre engine, of which 1,200 were built, cost $40.",
            Second = "The 3.5-litre engine, made in 1,200 units, costs $40.",
        },
        new()
        {
            Translation = "It's a state-of-the-art (2-in-1) device; isn't it?",
            Reference = "It is a state-of-the-art (2-in-1) device, isn't it?",
            Second = "It's a state-of-the-art 2-in-1 device; is it not?",
        },
        new() { Translation = "He said: \"Yes...\"", Reference = "He said \"Yes.\"", Second = "\"Yes...\", he said." },
        new() { Translation = "Ça va très bien, merci !", Reference = "Ça va bien, merci !", Second = "Je vais très bien, merci !" },
        new() { Translation = "a b c", Reference = "a b c d", Second = "a c" },
    ];

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(BleuTokenization.International13a, false, 1, 55.15021939701278, 71.51786228606221)]
    [DataRow(BleuTokenization.International13a, false, 2, 72.9634512264947, 77.91208800307555)]
    [DataRow(BleuTokenization.International13a, true, 2, 72.9634512264947, 78.11278705227613)]
    [DataRow(BleuTokenization.None, false, 1, 21.642962328003865, 71.51786228606221)]
    [DataRow(BleuTokenization.None, false, 2, 36.32928877985223, 77.91208800307555)]
    public void Scores_equal_those_of_sacreBLEU(BleuTokenization tokenization, bool ignoreCase, int references, double bleu, double chrf)
    {
        string[] names = [nameof(Pair.Reference), nameof(Pair.Second)];
        var metrics = _ml.Transforms.Text.EvaluateTranslations(_ml.Data.LoadFromEnumerable(s_pairs), names[..references], nameof(Pair.Translation),
            new() { Tokenization = tokenization, IgnoreCase = ignoreCase });
        Assert.AreEqual(bleu, metrics.Bleu, 1e-9);
        Assert.AreEqual(chrf, metrics.Chrf, 1e-9);
        Assert.AreEqual(5, metrics.Texts);
        Assert.AreEqual(0, metrics.ExactMatch);
    }

    [TestMethod]
    public void The_parts_of_BLEU_equal_those_of_sacreBLEU()
    {
        var metrics = Evaluate(s_pairs, new() { Tokenization = BleuTokenization.None });
        double[] precisions = [71.428571, 47.826087, 22.222222, 3.846154];
        for (var i = 0; i < precisions.Length; i++) Assert.AreEqual(precisions[i], metrics.BleuPrecisions[i], 1e-6);
        Assert.AreEqual(0.9310627797040228, metrics.BrevityPenalty, 1e-12);
        Assert.AreEqual((28, 30), (metrics.Tokens, metrics.ReferenceTokens));
    }

    [TestMethod]
    [DataRow("a,b.c 1,2 3.x x.3 4-5 a-4 -4 &quot;hi&quot; &amp; <skipped>y it's $5 50% ..x.. 1...2 a- b",
        "a , b . c 1,2 3 . x x . 3 4 - 5 a-4 -4 \" hi \" & y it's $ 5 50 % . . x . . 1 . . .2 a- b")]
    [DataRow("«Bonjour», dit-il.", "«Bonjour» , dit-il .")]
    [DataRow("👍.ok 😀,5", "👍 . ok 😀 , 5")]
    [DataRow("", "")]
    public void Texts_are_split_as_by_mteval_13a(string text, string tokens) =>
        Assert.AreEqual(tokens, string.Join(' ', BleuTokens.Split(text, BleuTokenization.International13a)));

    [TestMethod]
    public void Golden_values_of_a_corpus()
    {
        var golden = GoldenMetrics.Read("bleu");
        string[] Texts(string name) => [.. golden.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
        var pairs = Texts("hypotheses").Zip(Texts("references"), (own, other) => new Pair { Translation = own, Reference = other }).ToArray();
        var metrics = Evaluate(pairs, new() { Tokenization = BleuTokenization.None });
        Assert.AreEqual(golden.Number("score"), metrics.Bleu, 1e-9);
        Assert.AreEqual(golden.Number("chrf"), metrics.Chrf, 1e-9);
        Assert.AreEqual(golden.Number("brevityPenalty"), metrics.BrevityPenalty, 1e-12);
    }

    [TestMethod]
    public void Equal_texts_of_two_or_three_tokens_have_BLEU_0_without_the_effective_order()
    {
        Pair[] pairs = [new() { Translation = "the cat", Reference = "the cat" }, new() { Translation = "a dog ran", Reference = "a dog ran" }];
        var metrics = Evaluate(pairs);
        Assert.AreEqual(0, metrics.Bleu);
        Assert.AreEqual((1, 0, 0), (metrics.ExactMatch, metrics.TokenErrorRate, metrics.CharacterErrorRate));
        Assert.AreEqual(100, Evaluate(pairs, new() { UseEffectiveOrder = true }).Bleu, 1e-9);
        Assert.AreEqual(100, metrics.Chrf, 1e-9);
    }

    [TestMethod]
    public void Error_rates_count_edits_over_the_length_of_the_nearest_reference()
    {
        Pair[] pairs = [new() { Translation = "a c d e", Reference = "a b c d", Second = "x" }];
        var metrics = Evaluate(pairs);
        // An insertion and a deletion of four tokens; three replacements of seven characters.
        Assert.AreEqual(0.5, metrics.TokenErrorRate);
        Assert.AreEqual(3.0 / 7, metrics.CharacterErrorRate, 1e-12);
        Assert.AreEqual(double.NaN, Evaluate([new() { Translation = "a", Reference = "" }]).TokenErrorRate);
    }

    [TestMethod]
    public void Tokens_and_their_keys_count_as_texts()
    {
        var data = _ml.Data.LoadFromEnumerable(s_pairs);
        var tokens = _ml.Transforms.Text.TokenizeIntoWords("Tokens", nameof(Pair.Reference))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Keys", "Tokens")).Fit(data).Transform(data);
        var options = new TranslationEvaluationOptions { Tokenization = BleuTokenization.None };
        var wanted = Evaluate(s_pairs, options);
        foreach (var name in (string[])["Tokens", "Keys"])
            Assert.AreEqual(wanted.Bleu, _ml.Transforms.Text.EvaluateTranslations(tokens, name, nameof(Pair.Translation), options).Bleu, name);
    }

    [TestMethod]
    public void No_texts_give_NaN()
    {
        var metrics = Evaluate([]);
        Assert.AreEqual((0, double.NaN, double.NaN, double.NaN), (metrics.Texts, metrics.Bleu, metrics.Chrf, metrics.ExactMatch));
    }

    [TestMethod]
    public void Columns_of_other_types_are_refused_by_name()
    {
        var data = _ml.Data.LoadFromEnumerable(s_pairs);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.Text.EvaluateTranslations(data, nameof(Pair.Number), nameof(Pair.Translation)));
        StringAssert.Contains(error.Message, "The reference column 'Number' has the wrong type: expected a text");
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.Text.EvaluateTranslations(data, nameof(Pair.Reference), "Translations"));
        StringAssert.Contains(error.Message, "translation column 'Translations'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Evaluate(s_pairs, new() { Tokenization = (BleuTokenization)7 }));
    }

    private TranslationMetrics Evaluate(Pair[] pairs, TranslationEvaluationOptions? options = null) =>
        _ml.Transforms.Text.EvaluateTranslations(_ml.Data.LoadFromEnumerable(pairs), nameof(Pair.Reference), nameof(Pair.Translation), options);

    private sealed class Pair
    {
        public string Translation { get; set; } = "";

        public string Reference { get; set; } = "";

        public string Second { get; set; } = "";

        public float Number { get; set; }
    }
}
