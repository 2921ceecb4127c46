namespace Microsoft.ML.Recurrent;

/// <summary>How attention scores a state k against a query q.</summary>
public enum AttentionForm
{
    /// <summary>q . k (Luong et al. 2015).</summary>
    Dot,

    /// <summary>q W k, with a learned W (Luong et al. 2015).</summary>
    General,

    /// <summary>v . tanh(W q + U k), with learned v, W and U (Bahdanau et al. 2015).</summary>
    Additive,
}
