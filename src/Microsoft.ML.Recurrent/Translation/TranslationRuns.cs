using Microsoft.ML.Recurrent.Decoding;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Searches for the texts of many sources, those of similar length together. Thread-safe if what reads them is.</summary>
/// <param name="manifest">The tokens that start and end a text.</param>
/// <param name="read">Reads sources, given by their ids, into a decoder that makes steps for all of them.</param>
internal sealed class TranslationRuns(TranslationManifest manifest, Func<int[][], IBeamModel> read)
{
    // What the graphs hold of a run: steps of all sources, padding included, and numbers of the next token.
    private const int StepsOfRun = 16_384, NumbersOfRun = 32_000_000;

    /// <summary>The texts of each source, the best first. A source has at least one token.</summary>
    /// <param name="sources">The ids of the sources.</param>
    /// <param name="search">The options of the search.</param>
    /// <param name="excluded">The tokens that are never written.</param>
    /// <param name="batchSize">The most sources that are searched for together.</param>
    /// <param name="check">Called before each step; may throw. Null for nothing.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    public FoundText[][] Find(int[][] sources, BeamSearchOptions search, bool[] excluded, int batchSize, Action? check = null,
        CancellationToken cancellationToken = default)
    {
        var beams = new BeamSearch(search, manifest.Start, manifest.End, excluded);
        var found = new FoundText[sources.Length][];
        int[] order = [.. Enumerable.Range(0, sources.Length).OrderBy(source => sources[source].Length)];
        var most = Math.Clamp(NumbersOfRun / Math.Max(1, search.BeamSize * manifest.Vocabulary), 1, batchSize);
        for (int start = 0, count; start < order.Length; start += count)
        {
            // The last one of a run is the longest.
            for (count = 1; count < most && start + count < order.Length && (count + 1) * (long)sources[order[start + count]].Length <= StepsOfRun;) count++;
            var run = Array.ConvertAll(order[start..(start + count)], source => sources[source]);
            check?.Invoke();
            var model = read(run);
            using var owned = model as IDisposable;
            var texts = beams.Run(check is null ? model : new CheckedBeam(model, check), Array.ConvertAll(run, source => source.Length), cancellationToken);
            for (var i = 0; i < count; i++) found[order[start + i]] = texts[i];
        }
        return found;
    }

    /// <summary>A decoder whose steps may be stopped.</summary>
    private sealed class CheckedBeam(IBeamModel model, Action check) : IBeamModel
    {
        public int Vocabulary => model.Vocabulary;

        public int SourceTime => model.SourceTime;

        public void Step(ReadOnlySpan<int> sources, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> logProbabilities, Span<float> attention)
        {
            check();
            model.Step(sources, parents, tokens, logProbabilities, attention);
        }
    }
}
