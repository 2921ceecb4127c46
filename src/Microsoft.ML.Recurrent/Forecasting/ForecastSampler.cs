using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.ML.Recurrent.Losses;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Draws paths from a forecast: each step from its own distribution (the likelihood's, by mean and standard deviation; else the calibration's residuals around the forecast), neighbouring steps of a target tied
/// by a Gaussian copula, a Markov chain whose correlations the calibration's residuals told (without a calibration steps are drawn independently).
/// </summary>
internal sealed class ForecastSampler
{
    private readonly ForecastManifest _manifest;
    private readonly SeriesForecast _forecast;

    /// <exception cref="ArgumentException">The model says nothing of its forecasts' distribution; the message says what to train it with.</exception>
    public ForecastSampler(ForecastManifest manifest, SeriesForecast forecast)
    {
        (_manifest, _forecast) = (manifest, forecast);
        if (!ByMoments && (forecast.UpperBounds.IsEmpty || manifest.ResidualQuantiles.IsEmpty))
            throw new ArgumentException($"The model cannot be drawn from: {(manifest.Likelihood is ForecastLikelihood.Quantiles ? "quantiles are no whole distribution: choose another likelihood" : manifest.Likelihood is ForecastLikelihood.Point or ForecastLikelihood.StudentT
                ? "name the columns of its bounds when it is trained, so that residuals are kept" : "name StandardDeviationColumnName when it is trained")}.", "series");
    }

    private bool ByMoments => _manifest.Likelihood is ForecastLikelihood.Gaussian or ForecastLikelihood.NegativeBinomial && !_forecast.StandardDeviations.IsEmpty;

    /// <summary>One path: horizon x targets numbers, step by step.</summary>
    public float[] Draw(RandomStream random)
    {
        var (targets, steps) = (_manifest.Targets.Length, _forecast.Values.Length);
        var (path, scores) = (new float[steps], new double[targets]);
        for (var i = 0; i < steps; i++)
        {
            var target = i % targets;
            var tie = i < targets || _manifest.StepCorrelations.IsEmpty ? 0 : _manifest.StepCorrelations[i];
            scores[target] = tie * scores[target] + Math.Sqrt(1 - tie * tie) * StandardNormal.Quantile((random.NextUInt32() + 0.5) / 4294967296.0);
            path[i] = At(i, scores[target]);
        }
        return path;
    }

    // The value of output i at a normal score: its quantile of the score's probability.
    private float At(int i, double score)
    {
        var center = _forecast.Values[i];
        if (!ByMoments)
        {
            // Residuals are kept by size: the score's sign gives theirs.
            var level = (float)Math.Min(Math.Abs(2 * StandardNormal.Cumulative(score) - 1), 0.999999);
            var (wanted, trained) = (ResidualQuantiles.At(_manifest, level, i), ResidualQuantiles.At(_manifest, _manifest.ConfidenceLevel, i));
            var edge = score > 0 ? _forecast.UpperBounds[i] : _forecast.LowerBounds[i];
            return trained > 0 ? center + (edge - center) * wanted / trained : center;
        }
        var deviation = _forecast.StandardDeviations[i];
        return _manifest.Likelihood is ForecastLikelihood.Gaussian ? center + (float)score * deviation : Count(center, deviation, StandardNormal.Cumulative(score));
    }

    /// <summary>The quantile of a negative binomial distribution: the least count that is reached with the probability.</summary>
    internal static float Count(double mean, double deviation, double probability)
    {
        var r = mean * mean / Math.Max(deviation * deviation - mean, 1e-6 * mean * mean);
        var success = r / (r + mean);
        double low = -1, high = Math.Ceiling(mean + deviation);
        while (Cumulative(high) < probability && high < 1e15) (low, high) = (high, 2 * high + 1);
        while (high - low > 1)
        {
            var middle = Math.Floor((low + high) / 2);
            if (Cumulative(middle) < probability) low = middle;
            else high = middle;
        }
        return (float)high;

        double Cumulative(double count) => SpecialFunctions.RegularizedBeta(r, count + 1, success);
    }
}
