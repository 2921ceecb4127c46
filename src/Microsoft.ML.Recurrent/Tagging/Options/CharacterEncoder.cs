namespace Microsoft.ML.Recurrent;

/// <summary>The network over the characters of a token.</summary>
public enum CharacterEncoder
{
    /// <summary>A convolution over the characters, and the maximum of each filter (Ma and Hovy 2016).</summary>
    Convolution,

    /// <summary>A bidirectional LSTM, whose last states are taken (Lample et al. 2016).</summary>
    Lstm,
}
