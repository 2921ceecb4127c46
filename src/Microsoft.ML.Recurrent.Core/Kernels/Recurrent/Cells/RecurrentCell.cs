namespace Microsoft.ML.Recurrent;

/// <summary>The kind of recurrent cell.</summary>
public enum RecurrentCell
{
    /// <summary>Simple RNN (Elman 1990): h' = f(W x + U h + b).</summary>
    SimpleRnn,

    /// <summary>Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000).</summary>
    Lstm,

    /// <summary>Gated recurrent unit (Cho et al. 2014); by default with the reset gate after the recurrent product (cuDNN's form).</summary>
    Gru,

    /// <summary>
    /// Minimal gated unit (Zhou et al. 2016): a GRU with a single gate for reset and update and two thirds of the weights: f = sigmoid(W_f x + U_f h + b_f), n
    /// = tanh(W_n x + U_n (f h) + b_n), h' = (1 - f) h + f n. In ONNX it is a GRU node with the reset gate before the recurrent product, which ONNX Runtime
    /// runs on the CPU only.
    /// </summary>
    MinimalGated,

    /// <summary>
    /// LSTM with peephole connections: the input and forget gates read the previous memory and the output gate the new one, with one weight per gate and unit
    /// (Gers and Schmidhuber 2000). It cannot be normalized inside the cell. ONNX Runtime runs such a node on the CPU only.
    /// </summary>
    PeepholeLstm,

    /// <summary>
    /// LSTM with coupled input and forget gates, c' = i g + (1 - i) c: three quarters of the weights of an LSTM (Greff et al. 2017; ONNX's
    /// <c>input_forget</c>).
    /// </summary>
    CoupledLstm,

    /// <summary>LSTM with coupled input and forget gates and peephole connections: both of the above.</summary>
    CoupledPeepholeLstm,
}
