using Microsoft.ML.Recurrent.Decoding;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The sessions of the two graphs.</summary>
internal sealed class TranslationSessions(TranslationGraphs graphs, ScoringOptions options) : IDisposable
{
    public IBeamModel Read(int[][] sources) => throw new NotSupportedException(graphs.Identity + options);

    public void Dispose()
    {
    }

    internal sealed class BeamOf : IBeamModel, IDisposable
    {
        public int Vocabulary => 0;

        public int SourceTime => 0;

        public void Dispose()
        {
        }

        public void Step(ReadOnlySpan<int> sources, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> logProbabilities, Span<float> attention) =>
            throw new NotSupportedException();
    }
}
