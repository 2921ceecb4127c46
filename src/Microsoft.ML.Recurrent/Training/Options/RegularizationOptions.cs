namespace Microsoft.ML.Recurrent;

/// <summary>
/// What keeps the network from overfitting while it trains; scoring is deterministic. The rates hold for each recurrent layer, a forecaster's decoder included,
/// and have no effect on <see cref="NetworkOptions.Custom"/> layers. Penalties on weights are <see cref="OptimizerOptions"/>.
/// </summary>
public sealed class RegularizationOptions : IOptionGroup
{
    /// <summary>
    /// Fraction of each recurrent layer's outputs that is dropped (Srivastava et al. 2014), from 0 up to, but not including, 1. Default: null, 0.5 for taggers
    /// and classifiers of tokens (0.3 with at most 256 different ones, such as characters), 0.2 for classifiers of numbers, 0 for other trainers.
    /// </summary>
    [SearchRange(0, 0.6)]
    public float? DropoutRate { get; set; }

    /// <summary>
    /// Fraction of the embedding's outputs that is dropped (Zaremba et al. 2014), from 0 up to, but not including, 1. Default: null, for taggers, classifiers
    /// and language models what <see cref="DropoutRate"/> is (0 where that is null and there are at most 256 different tokens), for other trainers 0.
    /// </summary>
    [SearchRange(0, 0.6)]
    public float? EmbeddingDropoutRate { get; set; }

    /// <summary>
    /// Fraction of each recurrent layer's inputs that is dropped, the same ones at every step of a sequence (variational dropout, Gal and Ghahramani 2016),
    /// from 0 up to, but not including, 1. Default: 0.
    /// </summary>
    public float InputDropoutRate { get; set; }

    /// <summary>
    /// Fraction of the state that is dropped on its way to the gates, the same one at every step of a sequence (variational dropout, Gal and Ghahramani 2016),
    /// from 0 up to, but not including, 1. It makes training slower, not scoring. Default: 0.
    /// </summary>
    public float RecurrentDropoutRate { get; set; }

    /// <summary>
    /// Zoneout (Krueger et al. 2017): the probability that an element of the state keeps its value of the step before; at inference the expected value is
    /// taken. From 0 up to, but not including, 1; 0.05 is usual. In the ONNX graph the layer becomes a loop, which is slower to score. Default: 0.
    /// </summary>
    public float ZoneoutRate { get; set; }

    /// <summary>Zoneout of an LSTM's memory, from 0 up to, but not including, 1; up to 0.5 is usual. Default: 0.</summary>
    public float CellZoneoutRate { get; set; }

    /// <summary>Random changes of the training sequences. Default: null, none.</summary>
    public SequenceAugmentation? Augmentation { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks("Network.Regularization");
        checks.Fraction(DropoutRate);
        checks.Fraction(EmbeddingDropoutRate);
        checks.Fraction(InputDropoutRate);
        checks.Fraction(RecurrentDropoutRate);
        checks.Fraction(ZoneoutRate);
        checks.Fraction(CellZoneoutRate);
        Augmentation?.Check();
    }
}
