namespace Microsoft.ML.Recurrent.Distributions;

/// <summary>What a forecaster's parameters of a step make up.</summary>
internal enum StepDistribution
{
    /// <summary>Numbers, or quantiles: no distribution that could be drawn from.</summary>
    None,

    /// <summary>A normal distribution: mean, then its deviation by way of softplus.</summary>
    Gaussian,

    /// <summary>Student's t: degrees of freedom as 2 + softplus, location, then scale by way of softplus.</summary>
    StudentT,

    /// <summary>Negative binomial: mean and dispersion, each by way of softplus, the mean in units of one plus the mean of the window.</summary>
    NegativeBinomial,
}
