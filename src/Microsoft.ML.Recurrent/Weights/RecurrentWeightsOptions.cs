using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent;

/// <summary>Options of <see cref="RecurrentWeightsCatalog.LoadRecurrentWeights"/>.</summary>
public sealed class RecurrentWeightsOptions
{
    /// <summary>Whether the network has an output for each step, as a tagger or a language model. Default: false, one output for each sequence.</summary>
    public bool OutputPerStep { get; set; }

    /// <summary>
    /// The activation of the output. A sigmoid of one output is a binary classifier, a soft-max a multiclass classifier. Default: null, that of the
    /// configuration of a Keras archive, otherwise none.
    /// </summary>
    public OutputActivation? OutputActivation { get; set; }

    /// <summary>The name of the input column. Default: Features.</summary>
    public string InputColumnName { get; set; } = "Features";

    /// <summary>Steps of every sequence, where all have the same number. Default: null, any number.</summary>
    public int? TimeSteps { get; set; }

    /// <summary>
    /// Names of the file by names of the network, for what is not found by itself. A layer of the network (<c>lstm_1</c>; <c>head</c> for the last linear
    /// layer) or one parameter (<c>lstm_1.weight_ih</c>) stands for a layer of the file (<c>encoder.rnn</c>; <c>layers/lstm</c>) or one tensor. Layers of a
    /// stack are <c>rnn.l0</c>, <c>rnn.l1</c> and so on.
    /// </summary>
    public IDictionary<string, string> Names { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Only tensors whose names begin with this text are read, without it. Default: null, all.</summary>
    public string? Prefix { get; set; }

    /// <summary>
    /// Of a training checkpoint of PyTorch: the keys that lead to the state dict, with dots between them. Default: null, the usual ones (<c>state_dict</c>,
    /// <c>model_state_dict</c>, <c>model</c> ...), or the only dictionary of tensors.
    /// </summary>
    public string? Section { get; set; }

    /// <summary>Whether tensors that the network has no use for are ignored. Default: false, an error that lists them.</summary>
    public bool IgnoreUnusedTensors { get; set; }

    /// <summary>Whether parameters that the file lacks begin at random. Default: false, an error that lists them.</summary>
    public bool IgnoreMissingParameters { get; set; }

    /// <summary>The layout of the weights. Default: null, that of the format of the file.</summary>
    public WeightsLayout? Layout { get; set; }

    /// <summary>
    /// The order of the gates of cells, where it is not that of the layout: of an LSTM the letters i, f, g (the candidate) and o, of a GRU r, z and n (the
    /// candidate).
    /// </summary>
    public IDictionary<RecurrentCell, string> Gates { get; } = new Dictionary<RecurrentCell, string>();

    /// <summary>
    /// Added to the variance by layer and batch normalization. Default: null, that of the configuration of a Keras archive, otherwise the default of the
    /// framework: 1e-5 of PyTorch, 1e-3 of Keras.
    /// </summary>
    public float? NormalizationEpsilon { get; set; }

    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    internal void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(InputColumnName);
        if (TimeSteps is < 1) throw new ArgumentOutOfRangeException(nameof(TimeSteps), TimeSteps, "A sequence has at least one step.");
        if (OutputActivation is { } activation && !Enum.IsDefined(activation))
            throw new ArgumentOutOfRangeException(nameof(OutputActivation), activation, "Unknown activation.");
        if (Layout is { } layout && !Enum.IsDefined(layout)) throw new ArgumentOutOfRangeException(nameof(Layout), layout, "Unknown layout.");
        if (NormalizationEpsilon is not (null or > 0 and < float.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(NormalizationEpsilon), NormalizationEpsilon, "The epsilon must be greater than 0.");
        foreach (var (cell, gates) in Gates)
        {
            var own = Enum.IsDefined(cell) ? CellDescriptor.For(cell).GateLetters : "";
            if (own.Length == 0 || !gates.Order().SequenceEqual(own.Order()))
                throw new ArgumentException(own.Length == 0 ? $"The option Gates names the cell {cell}, whose gates have one order only."
                    : $"The option Gates has '{gates}' for {cell}, but has to consist of the letters {string.Join(", ", own.ToCharArray())}.", nameof(Gates));
        }
    }
}
