namespace Microsoft.ML.Recurrent;

/// <summary>How a framework orients the weights of layers, and orders their gates.</summary>
public enum WeightsLayout
{
    /// <summary>Weights are [units, inputs]; gates are i f g o (LSTM) and r z n (GRU), with two biases. PyTorch, TorchSharp and this library.</summary>
    PyTorch,

    /// <summary>Weights are [inputs, units]; gates are i f c o (LSTM) and z r h (GRU), with one bias, or two as the rows of one.</summary>
    Keras,
}
