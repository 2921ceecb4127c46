namespace Microsoft.ML.Recurrent;

/// <summary>
/// The likelihood of a sequence given its latent variables: its numbers are independent and normal, about the means that the decoder gives, with one standard
/// deviation for each channel.
/// </summary>
public sealed class ReconstructionOptions : IOptionGroup
{
    /// <summary>
    /// The standard deviation, greater than 0, in units of the network's input: of standardized numbers, standard deviations of the channel. It weighs the
    /// reconstruction against the divergence. Default: null, one for each channel that is learned with the weights (Rybkin et al. 2021), which needs no tuning;
    /// it cannot fall below 0.01.
    /// </summary>
    public float? Scale { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks("Reconstruction");
        if (Scale is not { } scale) return;
        checks.Positive(scale, nameof(Scale));
        if (!float.IsFinite(scale)) throw checks.OutOfRange(nameof(Scale), scale, "must be finite");
    }
}
