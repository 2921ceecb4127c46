namespace Microsoft.ML.Recurrent;

/// <summary>The kind of recurrent cell.</summary>
public enum RecurrentCell
{
    /// <summary>Elman's simple recurrent network: h' = f(W x + U h + b) (Elman 1990).</summary>
    SimpleRnn,

    /// <summary>Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000).</summary>
    Lstm,

    /// <summary>Gated recurrent unit (Cho et al. 2014), with the reset gate after the recurrent product (the form of cuDNN) unless told otherwise.</summary>
    Gru,
}
