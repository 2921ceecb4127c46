namespace Microsoft.ML.Recurrent;

/// <summary>The evidence of one sequence, in nats of the density of its numbers in their unit.</summary>
/// <param name="LogLikelihood">The mean log-likelihood given draws of the latent variables, summed over steps and channels.</param>
/// <param name="KlDivergence">The divergence of the distribution of the latent variables from the standard normal one, at least 0.</param>
/// <param name="ImportanceWeightedBound">The importance-weighted bound (Burda et al. 2016): as tight as draws are many.</param>
public sealed record SequenceEvidence(double LogLikelihood, double KlDivergence, double ImportanceWeightedBound)
{
    /// <summary>The evidence lower bound, <see cref="LogLikelihood"/> less <see cref="KlDivergence"/>.</summary>
    public double EvidenceLowerBound => LogLikelihood - KlDivergence;
}
