namespace Microsoft.ML.Recurrent;

/// <summary>
/// The latent variables of an autoencoder, and the weight of their Kullback-Leibler divergence from the standard normal distribution in the training loss.
/// Where a decoder learns to do without them, the divergence falls to 0 (posterior collapse): annealing and free bits work against it.
/// </summary>
public sealed class LatentOptions : IOptionGroup
{
    internal const int DefaultSize = 16, UsualAnnealingEpochs = 10;

    /// <summary>Latent variables per sequence, at least 1. Default: 16.</summary>
    public int Size { get; set; } = DefaultSize;

    /// <summary>
    /// Weight of the divergence in the loss, greater than 0. 1 is the evidence lower bound; a greater one makes codes smoother and more alike those that are
    /// sampled, a smaller one reconstructions sharper (beta-VAE, Higgins et al. 2017). Default: 1.
    /// </summary>
    public float KlWeight { get; set; } = 1;

    /// <summary>
    /// Epochs over which the weight of the divergence rises from 0 to <see cref="KlWeight"/>, update by update (KL annealing, Bowman et al. 2016): from 0, no
    /// annealing, to <see cref="StoppingOptions.MaximumNumberOfEpochs"/>. Default: null, 10, or a fifth of the epochs if that is less.
    /// </summary>
    public int? KlAnnealingEpochs { get; set; }

    /// <summary>
    /// Nats of each latent variable that cost nothing (free bits, Kingma et al. 2016): while the mean divergence of a variable over a batch is below this, it
    /// is not made smaller. At least 0; 0.05 to 0.5 are usual. Without effect on validation. Default: 0.
    /// </summary>
    public float FreeBits { get; set; }

    internal int AnnealingEpochs(StoppingOptions stopping) => KlAnnealingEpochs ?? Math.Min(UsualAnnealingEpochs, stopping.MaximumNumberOfEpochs / 5);

    internal void Check(StoppingOptions stopping)
    {
        var checks = new OptionChecks("Latent");
        checks.AtLeastOne(Size);
        checks.Positive(KlWeight);
        if (!float.IsFinite(KlWeight)) throw checks.OutOfRange(nameof(KlWeight), KlWeight, "must be finite");
        checks.NotNegative(FreeBits);
        if (KlAnnealingEpochs < 0) throw checks.OutOfRange(nameof(KlAnnealingEpochs), KlAnnealingEpochs, "must be at least 0");
        if (KlAnnealingEpochs > stopping.MaximumNumberOfEpochs)
        {
            throw checks.OutOfRange(nameof(KlAnnealingEpochs), KlAnnealingEpochs,
                $"must be at most Stopping.MaximumNumberOfEpochs, {stopping.MaximumNumberOfEpochs}: the weight would never be reached");
        }
    }
}
