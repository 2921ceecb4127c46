using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Quantiles of the conformity scores of each output: at the levels of <see cref="ResidualQuantiles"/>, and at that of the bounds.</summary>
/// <param name="Values">Level by level, that of the bounds last.</param>
/// <param name="Outputs">Outputs.</param>
internal sealed record ScoreQuantiles(float[] Values, int Outputs)
{
    /// <summary>Those of sorted scores.</summary>
    public static ScoreQuantiles Create(float[][] sorted, float level) =>
        new([.. ResidualQuantiles.Create(sorted), .. sorted.Select(scores => ConformalCalibration.Quantile(scores, level))], sorted.Length);

    /// <summary>Those at the level of the bounds.</summary>
    public ReadOnlySpan<float> OfBounds => Values.AsSpan(Values.Length - Outputs);

    /// <summary>Those at the levels of <see cref="ResidualQuantiles"/>.</summary>
    public ImmutableArray<float> Table => [.. Values[..^Outputs]];

    /// <summary>These times a factor for each target.</summary>
    public ScoreQuantiles Times(float[] factors) => this with { Values = [.. Values.Select((value, i) => value * factors[i % factors.Length])] };

    /// <summary>By target the geometric mean over the steps of the quotient to others, at the level of the bounds; 1 if any is not positive.</summary>
    public float[] Over(ScoreQuantiles others, int targets)
    {
        var sums = new double[targets];
        for (var i = 0; i < Outputs; i++)
        {
            var positive = OfBounds[i] > 0 && others.OfBounds[i] > 0;
            sums[i % targets] += positive ? Math.Log(OfBounds[i] / others.OfBounds[i]) : double.NaN;
        }
        return Array.ConvertAll(sums, sum => double.IsNaN(sum) ? 1 : (float)Math.Exp(sum * targets / Outputs));
    }
}
