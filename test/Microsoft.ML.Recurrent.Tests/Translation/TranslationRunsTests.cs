using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>Many sources, read in runs of similar length.</summary>
[TestClass]
public sealed class TranslationRunsTests
{
    private const int End = 9, Start = 10;

    private static readonly TranslationManifest s_manifest = new()
    {
        Target = new(LabelKind.Text, [.. Enumerable.Range(1, 8).Select(key => $"{key}")]),
        End = End,
        Start = Start,
        Search = new BeamSearchOptions().ToManifest(),
        Attends = false,
        KnowsUnknown = false,
        UnknownText = "<unk>",
        Answers = [TranslationAnswer.Text],
    };

    [TestMethod]
    public void Each_source_gets_its_own_text_whatever_stands_beside_it()
    {
        var random = new Random(3);
        int[][] sources = [.. Enumerable.Range(0, 37).Select(_ => Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(1, 9)).ToArray())];
        List<int[][]> runs = [];
        var found = new TranslationRuns(s_manifest, Read).Find(sources, new() { BeamSize = 3 }, [true], 8);
        for (var i = 0; i < sources.Length; i++) CollectionAssert.AreEqual(sources[i], found[i][0].Tokens, $"source {i}");
        CollectionAssert.AreEqual(new[] { 8, 8, 8, 8, 5 }, runs.Select(run => run.Length).ToArray());
        // Sources of similar length are read together, so that little is padding.
        CollectionAssert.AreEqual(sources.Select(source => source.Length).Order().ToArray(),
            runs.SelectMany(run => run.Select(source => source.Length)).ToArray());

        IBeamModel Read(int[][] run)
        {
            runs.Add(run);
            return new Copies(run);
        }
    }

    [TestMethod]
    public void Long_sources_are_read_in_small_runs()
    {
        int[][] sources = [.. Enumerable.Range(0, 5).Select(_ => Enumerable.Repeat(1, 6000).ToArray())];
        List<int> runs = [];
        new TranslationRuns(s_manifest, run =>
        {
            runs.Add(run.Length);
            return new Copies(run);
        }).Find(sources, new() { BeamSize = 1, MaximumLength = 3 }, [], 64);
        CollectionAssert.AreEqual(new[] { 2, 2, 1 }, runs);
    }

    [TestMethod]
    public void A_search_is_stopped_between_two_tokens()
    {
        var checks = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() => new TranslationRuns(s_manifest, run => new Copies(run)).Find([[1, 2, 3]], new(), [], 8, () =>
        {
            if (++checks == 3) throw new OperationCanceledException();
        }));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            new TranslationRuns(s_manifest, run => new Copies(run)).Find([[1]], new(), [], 8, null, source.Token));
    }

    /// <summary>A decoder that is almost sure of the source itself.</summary>
    private sealed class Copies(int[][] sources) : IBeamModel
    {
        private int[] _rows = [.. Enumerable.Range(0, sources.Length)];
        private int _written;

        public int Vocabulary => Start + 1;

        public int SourceTime => 0;

        public void Step(ReadOnlySpan<int> live, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> logProbabilities, Span<float> attention)
        {
            _rows = [.. live.ToArray().Select(row => _rows[row])];
            logProbabilities.Fill(-10);
            for (var i = 0; i < tokens.Length; i++)
            {
                var source = sources[_rows[i / (tokens.Length / live.Length)]];
                // No text ends before its source does.
                logProbabilities[i * Vocabulary + End] = -30;
                logProbabilities[i * Vocabulary + (_written < source.Length ? source[_written] : End)] = -0.01f;
            }
            _written++;
        }
    }
}
