namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>What some likelihoods are made with.</summary>
internal sealed record LikelihoodSettings
{
    /// <summary>The levels of the quantiles that are asked for.</summary>
    public IReadOnlyList<double> Asked { get; init; } = [];

    /// <summary>Further levels to learn, which have no columns.</summary>
    public IReadOnlyList<double> Learned { get; init; } = [];

    /// <summary>The level of the bounds; null for no bounds.</summary>
    public float? ConfidenceLevel { get; init; }

    /// <summary>What is minimised where single numbers are learned; null for the squared error.</summary>
    public PointLoss? Loss { get; init; }
}

/// <summary>The likelihoods by the names that options and files have for them.</summary>
internal static class LikelihoodFactory
{
    private static readonly LikelihoodSettings s_plain = new();
    private static readonly PointLikelihood s_squared = new(null);

    /// <summary>Makes a likelihood. Those that take no settings are the same object each time.</summary>
    /// <param name="name">Its <see cref="Likelihood.Name"/>.</param>
    /// <param name="settings">What it is made with; null for none.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Likelihood Create(string name, LikelihoodSettings? settings = null)
    {
        settings ??= s_plain;
        return name switch
        {
            "Point" => settings.Loss is null ? s_squared : new PointLikelihood(settings.Loss),
            "Quantiles" => new QuantilesLikelihood(settings.Asked, settings.ConfidenceLevel, settings.Learned),
            "Gaussian" => GaussianLikelihood.Instance,
            "StudentT" => StudentTLikelihood.Instance,
            "NegativeBinomial" => NegativeBinomialLikelihood.Instance,
            _ => throw new ArgumentException($"No likelihood is named '{name}': a newer version may have written it.", nameof(name)),
        };
    }
}
