namespace Microsoft.ML.Recurrent;

/// <summary>How texts are split into tokens before BLEU and the token error rate are counted.</summary>
public enum BleuTokenization
{
    /// <summary>At white space only: for texts that are tokens already.</summary>
    None,

    /// <summary>The rules of mteval-v13a, the default of sacreBLEU and of the WMT evaluations: punctuation is split off, but not inside numbers.</summary>
    International13a,
}
