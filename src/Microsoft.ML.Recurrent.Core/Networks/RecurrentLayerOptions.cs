namespace Microsoft.ML.Recurrent;

/// <summary>
/// Options of a recurrent layer of a <see cref="SequenceNetwork"/>. Rates must be at least 0 and less than 1; the default of 0 disables them.
/// </summary>
public sealed class RecurrentLayerOptions
{
    /// <summary>Unique within the network; null, the default, for <c>lstm_1</c>, <c>gru_1</c>, <c>rnn_1</c>, <c>mgu_1</c>, ...</summary>
    public string? Name { get; set; }

    /// <summary>Whether a second direction reads the sequence backward. Default: false.</summary>
    public bool Bidirectional { get; set; }

    /// <summary>How two directions are merged. Default: concatenated.</summary>
    public BidirectionalMerge Merge { get; set; }

    /// <summary>Whether the input is added to the output; both must have the same size. Default: false.</summary>
    public bool Residual { get; set; }

    /// <summary>Steps between a state and its predecessor (Chang et al. 2017). Default: 1.</summary>
    public int Dilation { get; set; } = 1;

    /// <summary>LSTM: size of the projected state (Sak et al. 2014). Default: 0, no projection.</summary>
    public int Projection { get; set; }

    /// <summary>Simple RNN: activation of the state. Default: tanh.</summary>
    public RecurrentActivation Activation { get; set; }

    /// <summary>
    /// GRU: whether the reset gate is applied after the recurrent product, as in cuDNN. If before, ONNX Runtime runs the layer on the CPU only. Default: true.
    /// </summary>
    public bool ResetAfter { get; set; } = true;

    /// <summary>Dropout of the inputs in training, with one mask for all steps of a sequence (Gal and Ghahramani 2016).</summary>
    public float InputDropout { get; set; }

    /// <summary>Dropout of the state read by the gates in training, with one mask for all steps of a sequence (Gal and Ghahramani 2016).</summary>
    public float RecurrentDropout { get; set; }

    /// <summary>Zoneout: probability that a unit of the state keeps its previous value (Krueger et al. 2017).</summary>
    public float ZoneoutHidden { get; set; }

    /// <summary>Zoneout of the memory of an LSTM.</summary>
    public float ZoneoutCell { get; set; }

    /// <summary>LSTM: layer normalization inside the cell (Ba et al. 2016). Default: false.</summary>
    public bool LayerNormalization { get; set; }
}
