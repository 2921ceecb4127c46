using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The chart of a learning-rate search.</summary>
public static class LearningRateCharts
{
    /// <summary>The raw and the smoothed loss over the learning rate, with the suggested rate. <see cref="PageRenderer"/> draws it as an SVG image.</summary>
    /// <param name="curve">The result of <c>FindLearningRate</c>, with at least one step.</param>
    public static LineChart Curve(LearningRateCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        if (curve.Trials.IsEmpty) throw new ArgumentException("The search ended before its first step: there is nothing to draw.", nameof(curve));
        double[] losses = [.. curve.Trials.SelectMany(trial => (double[])[trial.Loss, trial.SmoothedLoss])];
        var logarithmic = losses.Min() > 0 && losses.Max() / losses.Min() > 20;
        var suggestion = curve.Suggestion is { } rate ? string.Create(CultureInfo.InvariantCulture, $"falls fastest at {rate:G3}") : "never falls";
        return new()
        {
            Title = "Learning rate",
            Description = string.Create(CultureInfo.InvariantCulture,
                $"Loss over {curve.Trials.Length} steps whose learning rate rises "
                    + $"from {curve.Trials[0].LearningRate:G3} to {curve.Trials[^1].LearningRate:G3}; it {suggestion}."),
            XAxis = new("Learning rate (logarithmic)", AxisKind.Logarithmic),
            YAxis = new(logarithmic ? "Loss (logarithmic)" : "Loss", logarithmic ? AxisKind.Logarithmic : AxisKind.Number),
            Series =
            [
                new("Loss of the batch", [.. curve.Trials.Select(trial => new ChartPoint(trial.LearningRate, trial.Loss))]) { Color = 1, Width = 1 },
                new("Smoothed", [.. curve.Trials.Select(trial => new ChartPoint(trial.LearningRate, trial.SmoothedLoss))]) { Color = 2 },
            ],
            Dividers = curve.Suggestion is { } suggested ? [new(suggested, string.Create(CultureInfo.InvariantCulture, $"suggested: {suggested:G2}"))] : [],
            Height = 340,
        };
    }
}
