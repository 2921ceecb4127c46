using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// A text in greedy decoding: the most likely token that may be written is. After the most tokens that the text may have comes the end token, whatever its
/// probability, as in a beam search.
/// </summary>
/// <param name="description">The decoder.</param>
/// <param name="source">Steps of the source.</param>
internal sealed class GreedyText(DecoderDescription description, int source)
{
    private readonly int _most = description.MostTokens(source);
    private readonly List<int> _tokens = [];
    private readonly List<float[]> _attention = [];
    private double _logProbability;

    /// <summary>Whether the end token has been written.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The text so far.</summary>
    public DecodedText Result => new([.. _tokens], _logProbability, [.. _attention]);

    /// <summary>Writes a token, unless the text has ended, and returns the token to feed to the next step.</summary>
    /// <param name="logits">The outputs of the step, overwritten.</param>
    /// <param name="excluded">The tokens that are never written.</param>
    /// <param name="weights">The weights of the attention of the step; empty if they are not kept.</param>
    public int Write(Span<float> logits, ReadOnlySpan<bool> excluded, ReadOnlySpan<float> weights)
    {
        if (HasEnded) return description.EndToken;
        RowSoftmax.ApplyLog(logits, logits);
        var token = description.EndToken;
        if (_tokens.Count < _most)
        {
            var best = float.NegativeInfinity;
            for (var i = 0; i < logits.Length; i++)
            {
                if (!(logits[i] > best) || excluded[i] || i == description.EndToken && _tokens.Count < description.MinimumLength) continue;
                (token, best) = (i, logits[i]);
            }
        }

        _logProbability += logits[token];
        if (token == description.EndToken) HasEnded = true;
        else
        {
            _tokens.Add(token);
            if (!weights.IsEmpty) _attention.Add(weights.ToArray());
        }

        return token;
    }
}
