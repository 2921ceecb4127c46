using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The picture of a search for a learning rate.</summary>
public static class LearningRateCharts
{
    /// <summary>
    /// The loss over the learning rate, as it was and smoothed, with the rate suggested. <see cref="PageRenderer"/> draws it as an SVG image.
    /// </summary>
    /// <param name="curve">What <c>FindLearningRate</c> has answered; it has one step or more.</param>
    public static LineChart Curve(LearningRateCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        if (curve.Trials.IsEmpty) throw new ArgumentException("The search ended before its first step: there is nothing to draw.", nameof(curve));
        double[] losses = [.. curve.Trials.SelectMany(trial => (double[])[trial.Loss, trial.SmoothedLoss])];
        bool logarithmic = losses.Min() > 0 && losses.Max() / losses.Min() > 20;
        string suggestion = curve.Suggestion is { } rate ? string.Create(CultureInfo.InvariantCulture, $"falls fastest at {rate:G3}") : "never falls";
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
