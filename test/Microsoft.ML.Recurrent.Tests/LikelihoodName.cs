namespace Microsoft.ML.Recurrent.Tests;

/// <summary>The likelihoods by name, for tests that are run once for each.</summary>
public enum LikelihoodName
{
    Point,
    Quantiles,
    Gaussian,
    StudentT,
    NegativeBinomial,
}
