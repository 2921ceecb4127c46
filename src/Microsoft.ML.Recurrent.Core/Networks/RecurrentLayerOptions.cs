namespace Microsoft.ML.Recurrent;

/// <summary>
/// What a recurrent layer of a <see cref="SequenceNetwork"/> may have beyond its size. Rates lie from 0 up to, but not including, 1; 0, the default, is none.
/// </summary>
public sealed class RecurrentLayerOptions
{
    /// <summary>Unique within the network; <c>lstm_1</c>, <c>gru_1</c>, <c>rnn_1</c>, <c>mgu_1</c>, ... where null, the default.</summary>
    public string? Name { get; set; }

    /// <summary>Whether a second direction reads the sequence backward; false by default.</summary>
    public bool Bidirectional { get; set; }

    /// <summary>How two directions become one; side by side by default.</summary>
    public BidirectionalMerge Merge { get; set; }

    /// <summary>Whether the layer's input is added to its output, which then must have the same size; false by default.</summary>
    public bool Residual { get; set; }

    /// <summary>Steps between a state and the one it is made from (Chang et al. 2017); 1 by default.</summary>
    public int Dilation { get; set; } = 1;

    /// <summary>Of an LSTM: the size of the state that is projected out of the hidden units (Sak et al. 2014); 0, the default, for none.</summary>
    public int Projection { get; set; }

    /// <summary>Of a simple recurrent network: the state's activation; tanh by default.</summary>
    public RecurrentActivation Activation { get; set; }

    /// <summary>
    /// Of a GRU: whether the reset gate is applied after the recurrent product, as in cuDNN; true by default. Before it, ONNX Runtime runs the layer on the CPU
    /// only.
    /// </summary>
    public bool ResetAfter { get; set; } = true;

    /// <summary>Dropout of the inputs while training, the same at every step of a sequence (Gal and Ghahramani 2016).</summary>
    public float InputDropout { get; set; }

    /// <summary>Dropout of the state that the gates read while training, the same at every step of a sequence (Gal and Ghahramani 2016).</summary>
    public float RecurrentDropout { get; set; }

    /// <summary>Probability that a number of the state stays as it was (zoneout, Krueger et al. 2017).</summary>
    public float ZoneoutHidden { get; set; }

    /// <summary>The same of an LSTM's memory.</summary>
    public float ZoneoutCell { get; set; }

    /// <summary>Of an LSTM: layer normalization inside the cell (Ba et al. 2016); false by default.</summary>
    public bool LayerNormalization { get; set; }
}
