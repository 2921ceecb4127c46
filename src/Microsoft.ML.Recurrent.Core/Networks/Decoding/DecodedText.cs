namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>A text that a decoder of tokens has written.</summary>
/// <param name="Tokens">Its tokens, without the end token.</param>
/// <param name="LogProbability">The sum of the log-probabilities of its tokens and of the end token.</param>
/// <param name="Attention">The weights of the attention of each token, tokens x steps of the source; empty unless they were kept.</param>
internal sealed record DecodedText(int[] Tokens, double LogProbability, float[][] Attention);
