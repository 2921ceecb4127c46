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

    /// <summary>The larger ones of these and of others times a factor.</summary>
    public ScoreQuantiles Max(ScoreQuantiles others, float factor) =>
        this with { Values = [.. Values.Select((value, i) => Math.Max(value, factor * others.Values[i]))] };

    /// <summary>The geometric mean over the outputs of the quotient to others, at the level of the bounds; 1 if any is not positive.</summary>
    public float Over(ScoreQuantiles others)
    {
        double sum = 0;
        for (var i = 0; i < Outputs; i++)
        {
            if (!(OfBounds[i] > 0 && others.OfBounds[i] > 0)) return 1;
            sum += Math.Log(OfBounds[i] / others.OfBounds[i]);
        }
        return (float)Math.Exp(sum / Outputs);
    }
}
