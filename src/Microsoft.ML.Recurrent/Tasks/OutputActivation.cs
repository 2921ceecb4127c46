namespace Microsoft.ML.Recurrent;

/// <summary>The activation after the last linear layer of a network.</summary>
public enum OutputActivation
{
    /// <summary>None: a regression, logits or a forecast.</summary>
    Identity,

    /// <summary>1 / (1 + exp(-x)) of each output.</summary>
    Sigmoid,

    /// <summary>exp(x) over its sum: probabilities of classes.</summary>
    Softmax,

    /// <summary>The natural logarithm of the soft-max.</summary>
    LogSoftmax,
}
