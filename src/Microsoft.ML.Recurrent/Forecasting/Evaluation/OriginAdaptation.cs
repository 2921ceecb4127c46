using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Lets the bounds of a back-test follow the outcomes, as those of an engine do that forecasts at the same origins.</summary>
/// <param name="data">The actual values.</param>
/// <param name="horizon">Steps of a forecast.</param>
/// <param name="level">The level of the bounds.</param>
/// <param name="rate">The step size.</param>
internal sealed class OriginAdaptation(BackTestData data, int horizon, float level, float rate)
{
    /// <summary>Adapts the bounds of the forecasts of one model, series by series in the order of the origins. An origin knows the rows up to it.</summary>
    /// <param name="pairs">The origins of all series.</param>
    /// <param name="answers">By pair the forecasts, lower and upper bounds, and what follows them; null for none.</param>
    /// <param name="space">Where bounds are scaled.</param>
    public void Apply(ImmutableArray<OriginCut> pairs, double[]?[] answers, BoundSpace space)
    {
        var targets = data.Targets.Length;
        foreach (var series in Enumerable.Range(0, pairs.Length).GroupBy(pair => pairs[pair].Series))
        {
            var (adaptation, outcomes) = (new BoundAdaptation(space, horizon, targets, rate), new double[targets]);
            foreach (var pair in series.OrderBy(pair => pairs[pair].Cut))
            {
                while (adaptation.Row < pairs[pair].Cut)
                {
                    for (var target = 0; target < targets; target++) outcomes[target] = data.Value(series.Key, (int)adaptation.Row, target);
                    adaptation.Observe(outcomes);
                }
                // One row's answer may be that of several origins.
                if (answers[pair]?.ToArray() is not { } answer) continue;
                var (adapted, size) = (new AdaptedForecast(adaptation, level), horizon * targets);
                adapted.Apply(space, answer.AsSpan(0, size), answer.AsSpan(size, size), answer.AsSpan(2 * size, size));
                adapted.Keep();
                answers[pair] = answer;
            }
        }
    }
}
