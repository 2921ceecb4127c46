using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>A forecaster whose bounds are quantiles of calibrated levels, with bounds of another level.</summary>
internal static class LevelModel
{
    /// <summary>Creates the model; its bounds are NaN if the calibration had too few residuals.</summary>
    public static RecurrentModel Create(RecurrentModel model, float level)
    {
        var forecast = model.Manifest.Forecast!;
        var scores = ResidualQuantiles.At(forecast, level);
        if (!ConformalCalibration.Holds(forecast.CalibrationCount, level)) Array.Fill(scores, float.NaN);
        var graph = model.Proto();
        var parameter = graph.Graph.Initializer.First(tensor => tensor.Name == ForecastHead.HalfWidthsName);
        parameter.FloatData.Clear();
        parameter.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(scores));
        return RecurrentModel.Create(graph, model.Metadata with { Manifest = model.Manifest with { Forecast = forecast with { ConfidenceLevel = level } } });
    }
}
