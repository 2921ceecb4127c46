using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The network: the recurrent layers, or layers of your own, their initialization and regularization. A forecaster's decoder has the same kind of layers as
/// its encoder.
/// </summary>
public sealed class NetworkOptions : IOptionGroup
{
    /// <summary>The kind of recurrent cell. Default: LSTM.</summary>
    [SearchChoice("Lstm", "Gru")]
    public RecurrentCell Cell { get; set; } = RecurrentCell.Lstm;

    /// <summary>Size of each recurrent layer's state, at least 1. Default: 64.</summary>
    [SearchRange(0.25, 2, IsRelative = true, IsLogarithmic = true)]
    public int HiddenSize { get; set; } = RecurrentTrainerOptions.DefaultHiddenSize;

    /// <summary>Number of stacked recurrent layers, at least 1. Default: 1.</summary>
    [SearchChoice("1", "2")]
    public int NumberOfLayers { get; set; } = RecurrentTrainerOptions.DefaultNumberOfLayers;

    /// <summary>
    /// Whether each layer has a second direction that reads the sequence backward; the states of both directions are concatenated. Default: null, true for
    /// taggers and classifiers (but false with <see cref="SequenceTrainerOptions.TruncatedBpttSteps"/>), false for other trainers.
    /// </summary>
    public bool? Bidirectional { get; set; }

    /// <summary>The activation of a <see cref="RecurrentCell.SimpleRnn"/>'s state; it has no effect on other cells. Default: tanh.</summary>
    public RecurrentActivation Activation { get; set; } = RecurrentActivation.Tanh;

    /// <summary>
    /// How the states of all steps become one vector: the last state, or the mean or maximum over the steps. Default: null, for classifiers the maximum (the
    /// last state where <see cref="Bidirectional"/> is false), for other trainers the last state.
    /// </summary>
    [SearchChoice("null", "Last", "Mean", "Max", "Attention")]
    public SequencePooling? Pooling { get; set; }

    /// <summary>
    /// For LSTM: size of the state after a projection of the memory, which has <see cref="HiddenSize"/> elements (Sak et al. 2014). At least 1 and less than
    /// <see cref="HiddenSize"/>: a large memory with few weights. Default: null, no projection.
    /// </summary>
    public int? ProjectionSize { get; set; }

    /// <summary>Where layer normalization is applied (Ba et al. 2016). Default: nowhere.</summary>
    public LayerNormalizationPlace LayerNormalization { get; set; }

    /// <summary>
    /// Whether each recurrent layer from the second on adds its input to its output (He et al. 2016; Wu et al. 2016), which helps gradients reach the lower
    /// layers. Needs a <see cref="NumberOfLayers"/> of 2 or more. Default: false.
    /// </summary>
    public bool ResidualConnections { get; set; }

    /// <summary>
    /// Layers of your own. They replace those that the other options of this group and the rates of <see cref="Regularization"/> describe.
    /// Default: null, the layers that the options describe.
    /// </summary>
    public SequenceNetwork? Custom { get; set; }

    /// <summary>Where the weights start: random initializers, or a trained model for fine-tuning. Default: random weights.</summary>
    public InitializationOptions Initialization { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>Dropout, zoneout and data augmentation. Default: none.</summary>
    public RegularizationOptions Regularization { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>Size of each recurrent layer's output at one step.</summary>
    internal int StateSize => (ProjectionSize ?? HiddenSize) * (Bidirectional is true ? 2 : 1);

    internal void Check()
    {
        var checks = new OptionChecks("Network");
        checks.Defined<RecurrentCell>(Cell);
        checks.Defined<RecurrentActivation>(Activation);
        checks.Defined<SequencePooling>(Pooling);
        checks.Defined<LayerNormalizationPlace>(LayerNormalization);
        checks.AtLeastOne(HiddenSize);
        checks.AtLeastOne(NumberOfLayers);
        checks.AtLeastOne(ProjectionSize);
        Initialization.Check();
        Regularization.Check();
        if (Custom is null) CheckCell(checks);
    }

    private void CheckCell(OptionChecks checks)
    {
        if (ProjectionSize is { } projected)
        {
            Needs(CellOptions.Projection, checks.Path(nameof(ProjectionSize)));
            if (projected >= HiddenSize)
            {
                throw checks.OutOfRange(nameof(ProjectionSize), projected,
                    $"must be less than HiddenSize, which is {HiddenSize}: a projection makes the state smaller");
            }
        }
        if (Regularization.CellZoneoutRate > 0)
            Needs(CellOptions.MemoryZoneout, checks.Path("Regularization.CellZoneoutRate"), "use ZoneoutRate, or ");
        if (LayerNormalization is LayerNormalizationPlace.InsideCell)
            Needs(CellOptions.LayerNormalization, checks.Path(nameof(LayerNormalization)), "normalize BetweenLayers, or ", " InsideCell");
        if (ResidualConnections && NumberOfLayers < 2)
        {
            throw checks.Refused(nameof(ResidualConnections),
                "joins each layer to the one below it, but NumberOfLayers is 1: use more layers, or leave it false.");
        }
    }

    private void Needs(CellOptions option, string path, string remedy = "", string value = "")
    {
        if (CellDescriptor.For(Cell).Has(option)) return;
        var others = string.Join(" or ", CellDescriptor.With(option).Select(kind => $"RecurrentCell.{kind}"));
        throw new ArgumentException(
            $"The option {path}{value} goes with {others}, not with {Cell}: {remedy}choose such a cell, or leave the option at its default.", path);
    }
}
