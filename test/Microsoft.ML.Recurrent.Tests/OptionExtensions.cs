using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent.Tests;

/// <summary>Shorter ways to options.</summary>
internal static class OptionExtensions
{
    /// <summary>The likelihood with its defaults.</summary>
    public static ForecastLikelihood ToOption(this LikelihoodName name) => ForecastLikelihood.All.Single(likelihood => likelihood.Name == name.ToString());

    /// <summary>The likelihood as a head has it.</summary>
    public static Likelihood Create(this LikelihoodName name, IReadOnlyList<double> levels, float? confidenceLevel) =>
        LikelihoodFactory.Create(name.ToString(), new() { Asked = levels, ConfidenceLevel = confidenceLevel });
}
