using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent;

/// <content>
/// What the recurrent layers have beyond their size. All of it holds for each of them, for a forecaster's decoder as well, and none of it where
/// <see cref="Network"/> gives layers of your own.
/// </content>
public abstract partial class RecurrentTrainerOptions
{
    /// <summary>
    /// The share of each recurrent layer's inputs that is dropped while training, the same ones at every step of a sequence (variational dropout, Gal and
    /// Ghahramani 2016), from 0 up to, but not including, 1. Default: 0.
    /// </summary>
    public float InputDropoutRate { get; set; }

    /// <summary>
    /// The share of the state that the gates do not see while training, the same one at every step of a sequence (variational dropout, Gal and Ghahramani
    /// 2016), from 0 up to, but not including, 1. Training is slower with it; scoring is not. Default: 0.
    /// </summary>
    public float RecurrentDropoutRate { get; set; }

    /// <summary>
    /// Zoneout (Krueger et al. 2017): the probability that a number of the state stays as it was at the step before; at inference the mean of both is taken.
    /// From 0 up to, but not including, 1; 0.05 is usual. In the ONNX graph the layer is a loop, which is slower to score. Default: 0.
    /// </summary>
    public float ZoneoutRate { get; set; }

    /// <summary>The same of the memory of an LSTM, from 0 up to, but not including, 1; up to 0.5 is usual. Default: 0.</summary>
    public float CellZoneoutRate { get; set; }

    /// <summary>
    /// Of an LSTM: the size of the state, projected out of the <see cref="HiddenSize"/> numbers of the memory (Sak et al. 2014), at least 1 and less than
    /// these: a large memory with few weights. What comes out of the layer has this size. Default: null, no projection.
    /// </summary>
    public int? ProjectionSize { get; set; }

    /// <summary>Where there is layer normalization (Ba et al. 2016). Default: nowhere.</summary>
    public LayerNormalizationPlace LayerNormalization { get; set; }

    /// <summary>
    /// Whether each recurrent layer from the second on adds what comes in to what comes out (He et al. 2016; Wu et al. 2016), so that gradients reach the lower
    /// layers; needs a <see cref="NumberOfLayers"/> of 2 or more. Default: false.
    /// </summary>
    public bool ResidualConnections { get; set; }

    /// <summary>Numbers of a step that come out of each recurrent layer.</summary>
    internal int StateSize => (ProjectionSize ?? HiddenSize) * (Bidirectional ? 2 : 1);

    private void CheckLayers()
    {
        Share(InputDropoutRate);
        Share(RecurrentDropoutRate);
        Share(ZoneoutRate);
        Share(CellZoneoutRate);
        Defined(LayerNormalization);
        if (ProjectionSize is { } size) AtLeastOne(size, nameof(ProjectionSize));
        if (Network is not null) return;
        if (ProjectionSize is { } projected)
        {
            Needs(CellOptions.Projection, nameof(ProjectionSize));
            if (projected >= HiddenSize)
                throw OutOfRange(nameof(ProjectionSize), projected,
                    $"must be less than HiddenSize, which is {HiddenSize}: a projection makes the state smaller");
        }
        if (CellZoneoutRate > 0) Needs(CellOptions.MemoryZoneout, nameof(CellZoneoutRate), "use ZoneoutRate, or ");
        if (LayerNormalization is LayerNormalizationPlace.InsideCell)
            Needs(CellOptions.LayerNormalization, nameof(LayerNormalization), "normalise BetweenLayers, or ", " InsideCell");
        if (ResidualConnections && NumberOfLayers < 2)
            throw new ArgumentException(
                "The option ResidualConnections joins each layer to the one below it, but NumberOfLayers is 1: take more layers, or leave it false.",
                nameof(ResidualConnections));
    }

    private void Needs(CellOptions option, string name, string remedy = "", string value = "")
    {
        if (CellDescriptor.For(Cell).Has(option)) return;
        string others = string.Join(" or ", CellDescriptor.With(option).Select(kind => $"RecurrentCell.{kind}"));
        throw new ArgumentException(
            $"The option {name}{value} goes with {others}, not with {Cell}: {remedy}choose such a cell, or leave the option at its default.", name);
    }
}
