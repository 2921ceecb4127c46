namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>Settings that some likelihoods need.</summary>
internal sealed record LikelihoodSettings
{
    /// <summary>The levels of the requested quantiles.</summary>
    public IReadOnlyList<double> Asked { get; init; } = [];

    /// <summary>Further levels to learn, which have no columns.</summary>
    public IReadOnlyList<double> Learned { get; init; } = [];

    /// <summary>The level of the bounds; null for no bounds.</summary>
    public float? ConfidenceLevel { get; init; }

    /// <summary>The loss of a point forecast; null for the squared error.</summary>
    public PointLoss? Loss { get; init; }
}

/// <summary>The likelihoods by name, as used in options and files.</summary>
internal static class LikelihoodFactory
{
    private static readonly LikelihoodSettings s_plain = new();
    private static readonly PointLikelihood s_squared = new(null);

    /// <summary>Creates a likelihood. Those without settings are singletons.</summary>
    /// <param name="name">Its <see cref="Likelihood.Name"/>.</param>
    /// <param name="settings">Its settings; null for none.</param>
    /// <exception cref="ArgumentException">No likelihood has this name.</exception>
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
            _ => throw new ArgumentException($"Unknown likelihood '{name}'. A newer version may have written it.", nameof(name)),
        };
    }
}
