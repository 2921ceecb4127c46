using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Metrics of an autoencoder on sequences: means over the rows, in nats of the density of a whole sequence in the unit of the data. Models of the same numbers
/// can be compared by them, whether standardized or not.
/// </summary>
public sealed class RecurrentAutoencoderMetrics
{
    // Burda et al. 2016.
    private const double Active = 0.01;

    internal RecurrentAutoencoderMetrics(ImmutableArray<SequenceEvidence> rows, ImmutableArray<double> divergences, ImmutableArray<double> variances) =>
        (Rows, KlDivergenceByVariable, ActiveVariables) = (rows, divergences, variances.Count(variance => variance > Active));

    /// <summary>The evidence of each row.</summary>
    public ImmutableArray<SequenceEvidence> Rows { get; }

    /// <summary>The mean evidence lower bound (ELBO); higher is better.</summary>
    public double EvidenceLowerBound => Rows.Average(row => row.EvidenceLowerBound);

    /// <summary>The mean log-likelihood given the latent variables: the reconstruction term of the bound.</summary>
    public double LogLikelihood => Rows.Average(row => row.LogLikelihood);

    /// <summary>The mean divergence of the latent variables from the standard normal distribution.</summary>
    public double KlDivergence => Rows.Average(row => row.KlDivergence);

    /// <summary>The mean importance-weighted bound, at least about <see cref="EvidenceLowerBound"/>.</summary>
    public double ImportanceWeightedBound => Rows.Average(row => row.ImportanceWeightedBound);

    /// <summary>The mean divergence of each latent variable; about 0 for one that says nothing.</summary>
    public ImmutableArray<double> KlDivergenceByVariable { get; }

    /// <summary>The number of latent variables whose means vary over the rows, by a variance of more than 0.01 (active units, Burda et al. 2016).</summary>
    public int ActiveVariables { get; }

    /// <summary>A line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"ELBO {EvidenceLowerBound:F2} nats (log-likelihood {LogLikelihood:F2}, divergence {KlDivergence:F2}), importance-weighted bound "
            + $"{ImportanceWeightedBound:F2}, {ActiveVariables} of {KlDivergenceByVariable.Length} latent variables active, {Rows.Length} sequences");
}
