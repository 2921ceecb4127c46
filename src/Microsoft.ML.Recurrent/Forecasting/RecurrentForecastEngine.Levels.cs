using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent;

/// <content>Bounds of other levels than that of training.</content>
public sealed partial class RecurrentForecastEngine
{
    // Bounds that are quantiles are not scaled: the graph of another level has them.
    private SeriesPredictor PredictorAt(float? level)
    {
        if (level is not { } wanted || !Manifest.Forecast!.CalibratesLevels || wanted == Manifest.Forecast.ConfidenceLevel) return _predictor;
        lock (_gate)
        {
            if (_levels.TryGetValue(wanted, out var known)) return known;
            var predictor = new SeriesPredictor(LevelModel.Create(_forecaster.Model, wanted), _forecaster.Scoring, _state.Layout);
            _levels.Add(wanted, predictor);
            return predictor;
        }
    }

    // The factor that scales the bounds of each output from the trained level to another level.
    private Func<int, float> BoundStretch(float? level)
    {
        var forecast = Manifest.Forecast!;
        if (level is null) return static _ => 1;
        if (!(level is > 0 and < 1)) throw new ArgumentOutOfRangeException("confidenceLevel", level, "The confidence level must lie between 0 and 1.");
        if (forecast.LowerBoundColumn is null)
            throw new ArgumentException("The model was trained without bounds: set the columns of the bounds in the options of the trainer.",
                "confidenceLevel");
        if (level == forecast.ConfidenceLevel) return static _ => 1;
        // Its graph has the bounds of the level: see PredictorAt.
        if (forecast.CalibratesLevels) return static _ => 1;
        if (forecast.ResidualQuantiles.IsEmpty)
            throw new ArgumentException($"The model learned the quantiles of its bounds for the level {forecast.ConfidenceLevel} only.",
                "confidenceLevel");
        if (forecast.CalibrationCount > 0 && !ConformalCalibration.Holds(forecast.CalibrationCount, level.Value)) return static _ => float.NaN;
        var (wanted, trained) = (ResidualQuantiles.At(forecast, level.Value), ResidualQuantiles.At(forecast, forecast.ConfidenceLevel));
        return output => trained[output] > 0 ? wanted[output] / trained[output] : 1;
    }
}
