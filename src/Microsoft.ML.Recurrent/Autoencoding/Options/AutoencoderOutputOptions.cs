namespace Microsoft.ML.Recurrent;

/// <summary>The columns that an autoencoder adds.</summary>
public sealed class AutoencoderOutputOptions : IOptionGroup
{
    /// <summary>The column of the code, the means of the latent variables: <c>Vector&lt;Single, n&gt;</c>. Default: "Latent".</summary>
    public string LatentColumnName { get; set; } = "Latent";

    /// <summary>
    /// The column of the sequence that the decoder makes of the code, in the unit of the input: <c>Vector&lt;Single, T, k&gt;</c> with all k channels of all
    /// input columns, or of as many steps as the row has. Default: "Reconstruction".
    /// </summary>
    public string ReconstructionColumnName { get; set; } = "Reconstruction";

    /// <summary>
    /// The column of the error of that sequence, <c>Single</c>: the mean over steps and channels of the squared difference, divided by the variance of the
    /// channel in the likelihood (<see cref="ReconstructionOptions.Scale"/>). With learned variances, rows like those of the training part have errors of about
    /// 1 or less. Default: "ReconstructionError".
    /// </summary>
    public string ReconstructionErrorColumnName { get; set; } = "ReconstructionError";

    internal void Check()
    {
        var checks = new OptionChecks("Output");
        checks.Column(LatentColumnName);
        checks.Column(ReconstructionColumnName);
        checks.Column(ReconstructionErrorColumnName);
    }
}
