using System.Globalization;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The limits of forecasts (<see cref="ForecastOutputOptions.LowerLimit"/>, <see cref="ForecastOutputOptions.UpperLimit"/>).</summary>
internal static class ForecastLimits
{
    private const int MostWindows = 8192;

    /// <summary>The nearest number of an answer that does not lie beyond a limit.</summary>
    public static float? Nearest(double? limit, bool above)
    {
        if (limit is not { } value) return null;
        var nearest = (float)value;
        if (above && nearest < value) return MathF.BitIncrement(nearest);
        return !above && nearest > value ? MathF.BitDecrement(nearest) : nearest;
    }

    /// <summary>Warns of training targets beyond the limits, which no forecast can reach.</summary>
    /// <param name="options">The options.</param>
    /// <param name="train">The training windows.</param>
    /// <param name="targets">The targets of a window: steps of the horizon x targets.</param>
    /// <param name="channel">Takes the warnings.</param>
    public static void Check(RecurrentForecastingEstimator.Options options, ExampleSet train, int targets, TrainingChannel channel)
    {
        var (lower, upper) = (options.Output.LowerLimit, options.Output.UpperLimit);
        if (lower is null && upper is null) return;
        long below = 0, above = 0, count = 0;
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        var (source, values) = ((IForecastTargets)train.Source, new double[targets]);
        foreach (var example in train.Subsample(MostWindows).Examples)
        {
            source.ReadTargets(example, values);
            foreach (var value in values)
            {
                if (double.IsNaN(value)) continue;
                count++;
                (least, most) = (Math.Min(least, value), Math.Max(most, value));
                if (value < lower) below++;
                if (value > upper) above++;
            }
        }
        if (below > 0) Warn(nameof(options.Output.LowerLimit), lower!.Value, below, "below", $"the smallest is {Invariant(least)}");
        if (above > 0) Warn(nameof(options.Output.UpperLimit), upper!.Value, above, "above", $"the largest is {Invariant(most)}");

        void Warn(string name, double limit, long beyond, string where, string extreme) =>
            channel.Warning(WarningCode.BeyondLimits, string.Create(CultureInfo.InvariantCulture,
                $"{100d * beyond / count:0.#}% of the values of '{options.Input.TargetColumn}' ") +
                $"in the training windows lie {where} Output.{name} = {Invariant(limit)} ({extreme}), " +
                "where no forecast can follow: correct the limit or the data.");

        static string Invariant(double value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
