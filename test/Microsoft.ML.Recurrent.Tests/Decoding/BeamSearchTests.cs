using Microsoft.ML.Recurrent.Decoding;

namespace Microsoft.ML.Recurrent.Tests.Decoding;

/// <summary>Beam search beside all texts there are.</summary>
[TestClass]
public sealed class BeamSearchTests
{
    private const int Start = 0, End = 1, Vocabulary = 5, Longest = 4;

    [TestMethod]
    [DataRow(LengthNormalization.None, 0f, 0f)]
    [DataRow(LengthNormalization.Average, 1f, 0f)]
    [DataRow(LengthNormalization.Average, 0.5f, 0.3f)]
    [DataRow(LengthNormalization.Gnmt, 0.6f, 0f)]
    [DataRow(LengthNormalization.Gnmt, 2f, 0.2f)]
    public void A_beam_as_wide_as_all_texts_finds_the_best_ones(LengthNormalization normalization, float exponent, float coverage)
    {
        var options = new BeamSearchOptions
        {
            // The end token and the start are not continued: three others are.
            BeamSize = 81, NumberOfResults = 7, LengthNormalization = normalization, LengthExponent = exponent, CoveragePenalty = coverage,
            MaximumLength = Longest,
        };
        options.Check();
        for (var seed = 0; seed < 20; seed++)
        {
            int[] lengths = [3, 1, 2];
            var model = new RandomModel(seed, lengths);
            var found = new BeamSearch(options, Start, End, [true]).Run(model, lengths);
            for (var source = 0; source < lengths.Length; source++)
            {
                var all = model.All(source, new TextScore(options)).OrderByDescending(text => text.Score).Take(options.NumberOfResults).ToArray();
                for (var i = 0; i < all.Length; i++)
                {
                    Assert.AreEqual(all[i].Score, found[source][i].Score, 1e-9, $"seed {seed}, source {source}, text {i}");
                    CollectionAssert.AreEqual(all[i].Tokens, found[source][i].Tokens);
                    Assert.AreEqual(all[i].Tokens.Length, found[source][i].Attention.Length);
                }
            }
        }
    }

    [TestMethod]
    public void A_beam_of_one_takes_the_most_likely_token_until_the_end()
    {
        var options = new BeamSearchOptions { BeamSize = 1, MinimumLength = 0, MaximumLength = 6 };
        for (var seed = 0; seed < 20; seed++)
        {
            int[] lengths = [2, 3];
            var model = new RandomModel(seed, lengths);
            var found = new BeamSearch(options, Start, End, [true]).Run(model, lengths);
            for (var source = 0; source < lengths.Length; source++)
            {
                List<int> tokens = [];
                while (tokens.Count < 6)
                {
                    var logs = model.LogProbabilities(source, [Start, .. tokens]);
                    var best = Enumerable.Range(1, Vocabulary - 1).MaxBy(token => logs[token]);
                    if (best == End) break;
                    tokens.Add(best);
                }
                CollectionAssert.AreEqual(tokens, found[source].Single().Tokens);
                Assert.AreEqual(tokens.Count < 6 || found[source][0].IsComplete, found[source][0].IsComplete);
            }
        }
    }

    [TestMethod]
    public void Sources_do_not_disturb_each_other()
    {
        var options = new BeamSearchOptions { BeamSize = 3, NumberOfResults = 2 };
        int[] lengths = [4, 1, 3, 2];
        var together = new BeamSearch(options, Start, End, [true]).Run(new RandomModel(3, lengths), lengths);
        for (var source = 0; source < lengths.Length; source++)
        {
            var alone = new BeamSearch(options, Start, End, [true]).Run(new RandomModel(3, [lengths[source]]) { FirstSource = source }, [lengths[source]])[0];
            Assert.AreEqual(alone.Length, together[source].Length);
            for (var i = 0; i < alone.Length; i++)
            {
                CollectionAssert.AreEqual(alone[i].Tokens, together[source][i].Tokens);
                Assert.AreEqual(alone[i].Score, together[source][i].Score);
            }
        }
    }

    [TestMethod]
    public void Lengths_and_excluded_tokens_are_kept()
    {
        var options = new BeamSearchOptions { BeamSize = 4, NumberOfResults = 4, MinimumLength = 2, MaximumLength = 3 };
        var found = new BeamSearch(options, Start, End, [true, false, false, true]).Run(new RandomModel(1, [3]), [3])[0];
        Assert.IsNotEmpty(found);
        foreach (var text in found)
        {
            NumberAssert.IsGreaterThanOrEqualTo(2, text.Tokens.Length);
            NumberAssert.IsLessThanOrEqualTo(3, text.Tokens.Length);
            Assert.IsFalse(text.Tokens.Contains(3) || text.Tokens.Contains(0) || text.Tokens.Contains(End));
        }
        for (var i = 1; i < found.Length; i++) NumberAssert.IsGreaterThanOrEqualTo(found[i].Score, found[i - 1].Score);
    }

    /// <summary>Computed by NumPy from equation 14 of Wu et al. 2016.</summary>
    [TestMethod]
    [DataRow(LengthNormalization.Gnmt, -3.3994020997532726)]
    [DataRow(LengthNormalization.Average, -2.0411850073748377)]
    [DataRow(LengthNormalization.None, -4.268211764206896)]
    public void Scores_with_a_coverage_penalty_are_those_of_the_paper(LengthNormalization normalization, double expected)
    {
        float[][] attention = [[.70f, .20f, .05f, .05f], [.10f, .75f, .10f, .05f], [.30f, .45f, .20f, .05f], [.25f, .25f, .30f, .20f]];
        var options = new BeamSearchOptions { LengthNormalization = normalization, LengthExponent = 0.65f, CoveragePenalty = 0.35f };
        Assert.AreEqual(expected, new TextScore(options).Rank(-3.75, 4, attention, 4), 1e-6);
    }

    [TestMethod]
    public void A_canceled_search_ends()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => new BeamSearch(new(), Start, End, []).Run(new RandomModel(1, [3]), [3], source.Token));
    }

    [TestMethod]
    [DataRow(nameof(BeamSearchOptions.BeamSize))]
    [DataRow(nameof(BeamSearchOptions.NumberOfResults))]
    [DataRow(nameof(BeamSearchOptions.LengthExponent))]
    [DataRow(nameof(BeamSearchOptions.CoveragePenalty))]
    [DataRow(nameof(BeamSearchOptions.MinimumLength))]
    [DataRow(nameof(BeamSearchOptions.MaximumLength))]
    [DataRow(nameof(BeamSearchOptions.LengthNormalization))]
    public void Options_out_of_range_are_named(string option)
    {
        var options = new BeamSearchOptions();
        switch (option)
        {
            case nameof(BeamSearchOptions.BeamSize): options.BeamSize = 0; break;
            case nameof(BeamSearchOptions.NumberOfResults): options.NumberOfResults = 6; break;
            case nameof(BeamSearchOptions.LengthExponent): options.LengthExponent = float.NaN; break;
            case nameof(BeamSearchOptions.CoveragePenalty): options.CoveragePenalty = -1; break;
            case nameof(BeamSearchOptions.MinimumLength): options.MinimumLength = -1; break;
            case nameof(BeamSearchOptions.MaximumLength): options.MaximumLength = 0; break;
            default: options.LengthNormalization = (LengthNormalization)9; break;
        }
        Assert.AreEqual("Search." + option, Assert.ThrowsExactly<ArgumentOutOfRangeException>(options.Check).ParamName);
    }

    /// <summary>A decoder whose log-probabilities depend on all tokens of a text, at random.</summary>
    private sealed class RandomModel(int seed, int[] lengths) : IBeamModel
    {
        private int[][] _texts = [.. lengths.Select(_ => Array.Empty<int>())];
        private int[] _sources = [.. Enumerable.Range(0, lengths.Length)];

        public int FirstSource { get; init; }

        int IBeamModel.Vocabulary => Vocabulary;

        public int SourceTime => lengths.Max();

        public void Step(ReadOnlySpan<int> sources, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> logProbabilities, Span<float> attention)
        {
            var (texts, kept, width) = (new int[tokens.Length][], new int[sources.Length], tokens.Length / sources.Length);
            for (var i = 0; i < sources.Length; i++) kept[i] = _sources[sources[i]];
            attention.Clear();
            for (var i = 0; i < tokens.Length; i++)
            {
                texts[i] = [.. _texts[parents[i]], tokens[i]];
                var source = kept[i / width];
                LogProbabilities(source, texts[i]).CopyTo(logProbabilities[(i * Vocabulary)..]);
                Attention(source, texts[i]).CopyTo(attention[(i * SourceTime)..]);
            }
            (_texts, _sources) = (texts, kept);
        }

        public float[] LogProbabilities(int source, int[] text)
        {
            var random = Draws(source, text);
            float[] logits = [.. Enumerable.Range(0, Vocabulary).Select(_ => 3 * random.NextSingle())];
            var sum = MathF.Log(logits.Sum(MathF.Exp));
            return [.. logits.Select(logit => logit - sum)];
        }

        public IEnumerable<FoundText> All(int source, TextScore score) => All(source, score, [], 0, []);

        private IEnumerable<FoundText> All(int source, TextScore score, int[] tokens, double sum, float[][] attention)
        {
            var logs = LogProbabilities(source, [Start, .. tokens]);
            float[][] seen = [.. attention, Attention(source, [Start, .. tokens])];
            if (tokens.Length > 0)
                yield return new(tokens, sum + logs[End], score.Rank(sum + logs[End], tokens.Length + 1, seen, lengths[source]), attention, true);
            if (tokens.Length == Longest) yield break;
            for (var token = End + 1; token < Vocabulary; token++)
                foreach (var text in All(source, score, [.. tokens, token], sum + logs[token], seen)) yield return text;
        }

        private float[] Attention(int source, int[] text)
        {
            var random = Draws(source, text);
            float[] weights = [.. Enumerable.Range(0, lengths[source]).Select(_ => 0.1f + random.NextSingle())];
            var sum = weights.Sum();
            return [.. weights.Select(weight => weight / sum)];
        }

        private Random Draws(int source, int[] text) => new(text.Aggregate(seed * 31 + source + FirstSource, (hash, token) => unchecked(hash * 131 + token)));
    }
}
