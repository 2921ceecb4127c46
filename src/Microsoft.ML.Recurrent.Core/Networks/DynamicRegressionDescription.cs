using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>The configuration of a <see cref="DynamicRegression"/>.</summary>
/// <param name="Units">Units of each of its two hidden layers.</param>
/// <param name="Targets">The number of leading features that are forecast.</param>
/// <param name="Location">The parameter of a step's distribution that is the forecast: what is subtracted in the window.</param>
internal sealed record DynamicRegressionDescription(int Units, int Targets, int Location)
{
    /// <summary>
    /// Whether the regression also explains the window, whose linear forecast is then that of what it leaves unexplained. The window's last features have to be
    /// the future features of its steps, and there has to be a linear skip connection.
    /// </summary>
    public bool ReadsWindow { get; init; }

    /// <summary>The lengths, in steps, of moving averages of the covariates that are inputs beside them; only with <see cref="ReadsWindow"/>.</summary>
    public ImmutableArray<int> Averages { get; init; } = [];

    /// <summary>
    /// The lengths, in steps, of exponential averages of the covariates that are inputs beside them: the newest step counts as 1 / length. Only with
    /// <see cref="ReadsWindow"/>.
    /// </summary>
    public ImmutableArray<int> ExponentialAverages { get; init; } = [];
}
