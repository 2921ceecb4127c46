using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>A language model as the decoder of a beam search for one prompt.</summary>
/// <param name="scorer">Scores as many rows at once as the beam is wide.</param>
/// <param name="states">The states after the prompt but for its last token.</param>
internal sealed class LanguageModelBeam(StepScorer scorer, float[] states) : IBeamModel
{
    private float[][] _states = [states];

    public int Vocabulary => scorer.OutputSize;

    public int SourceTime => 0;

    public void Step(ReadOnlySpan<int> sources, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> logProbabilities, Span<float> attention)
    {
        scorer.Clear();
        for (var i = 0; i < tokens.Length; i++) scorer.Add<float>([tokens[i]], _states[parents[i]]);
        scorer.Run();
        var next = new float[tokens.Length][];
        for (var i = 0; i < tokens.Length; i++)
            scorer.Read(i, logProbabilities.Slice(i * Vocabulary, Vocabulary), next[i] = new float[scorer.StateSize]);
        _states = next;
    }
}
