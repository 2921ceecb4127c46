using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Intervals by split-conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018): the half width at each step is that quantile of the head's conformity scores (residuals in units of the window's own spread, say) on examples that were
/// not learned which, were they exchangeable with what comes, covers the next one with at least the wanted probability.
/// </summary>
internal static class ConformalCalibration
{
    /// <summary>Sets the head's half widths from the residuals on <paramref name="examples"/>; returns the scores' quantiles at other levels, where those make bounds.</summary>
    public static ImmutableArray<float> Calibrate(Network network, ForecastHead head, ExampleSet examples, float level)
    {
        var residuals = new float[head.Steps][];
        for (var i = 0; i < residuals.Length; i++) residuals[i] = new float[examples.Examples.Length];
        head.BeginCalibration(network, examples);
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        var batches = examples.Batches(256);
        var done = 0;
        for (batches.Begin(null); batches.Next(batch); tape.Reset())
        {
            var output = network.Forward(tape, batch);
            var scores = head.Scores(tape, output, batch.Targets!).Span;
            for (var i = 0; i < scores.Length; i++) residuals[i % residuals.Length][done + i / residuals.Length] = scores[i];
            done += batch.Rows;
        }
        residuals = Known(residuals);
        for (var i = 0; i < residuals.Length; i++) head.HalfWidths!.Value[i] = Quantile(residuals[i], level);
        return head.BoundsStretch ? ResidualQuantiles.Of(residuals) : [];
    }

    // Targets that are missing tell nothing. An output of which all are missing takes the others' residuals.
    private static float[][] Known(float[][] residuals)
    {
        float[][] known = [.. residuals.Select(output => output.Where(residual => !float.IsNaN(residual)).Order().ToArray())];
        if (!known.Any(output => output.Length == 0)) return known;
        float[] all = [.. known.SelectMany(output => output).Order()];
        if (all.Length == 0) throw new ArgumentException("Bounds cannot be calibrated: all targets of the examples that were held back are missing. Hold back more of them (the option ValidationFraction).", "validationData");
        return [.. known.Select(output => output.Length == 0 ? all : output)];
    }

    /// <summary>The ceil((n + 1) level)-th smallest of sorted residuals; the greatest where there are too few for the level.</summary>
    internal static float Quantile(float[] residuals, double level)
    {
        var rank = (int)Math.Min(residuals.Length, Math.Ceiling((residuals.Length + 1) * level - 1e-9));
        return residuals[Math.Max(rank, 1) - 1];
    }
}
