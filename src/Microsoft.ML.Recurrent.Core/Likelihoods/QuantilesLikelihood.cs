using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// Quantiles per step, trained with the pinball loss (Koenker and Bassett 1978). They cannot cross: distances from the median are cumulative. The forecast is
/// the median. Bounds are the quantiles of the confidence level, shifted by calibration (conformalized quantile regression, Romano et al. 2019).
/// </summary>
internal sealed class QuantilesLikelihood : Likelihood
{
    private const float Median = 0.5f;

    private readonly float[] _asked;
    private readonly float[] _levels;
    private readonly float _low, _high;

    /// <param name="asked">The levels with output columns, in order.</param>
    /// <param name="confidenceLevel">The level of the bounds; null for no bounds.</param>
    /// <param name="learned">Further levels to learn; null for none.</param>
    public QuantilesLikelihood(IReadOnlyList<double> asked, float? confidenceLevel, IReadOnlyList<double>? learned = null)
    {
        _asked = [.. asked.Select(level => (float)level)];
        (_low, _high) = confidenceLevel is { } level ? ((1 - level) / 2, (1 + level) / 2) : (Median, Median);
        float[] levels = [.. _asked, Median, _low, _high, .. (learned ?? []).Select(level => (float)level)];
        _levels = [.. levels.Distinct().Order()];
    }

    public override string Name => "Quantiles";

    public override int ParametersPerStep => _levels.Length;

    public override (int First, int Count) LocationParameters => (0, _levels.Length);

    public override int ForecastParameter => Array.IndexOf(_levels, Median);

    public override bool BoundsStretch => false;

    public override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights = null, Tensor? units = null) =>
        DistributionLosses.Quantile(tape, values, targets, _levels, weights);

    public override DecodedForecast<T> Decode<T>(IArithmetic<T> on, IStepParameters<T> parameters, T? unit)
        where T : class
    {
        var quantiles = new T[_levels.Length];
        for (var i = 0; i < quantiles.Length; i++) quantiles[i] = parameters[i];
        for (var i = ForecastParameter + 1; i < quantiles.Length; i++) quantiles[i] = on.Maximum(quantiles[i - 1], quantiles[i]);
        for (var i = ForecastParameter - 1; i >= 0; i--) quantiles[i] = on.Minimum(quantiles[i + 1], quantiles[i]);
        return new(At(Median), At(_low), At(_high), null) { Quantiles = [.. _asked.Select(At)] };

        T At(float level) => quantiles[Array.IndexOf(_levels, level)];
    }
}
