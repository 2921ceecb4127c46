using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Precision;

/// <summary>Converts a model of 32-bit floats to another precision, in place.</summary>
internal static class PrecisionWriter
{
    /// <param name="model">The model.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="ranges">The calibrated ranges of the tensors that <see cref="QuantizedNodes.Inputs"/> names, where these are quantised.</param>
    public static void Apply(ModelProto model, OnnxPrecision precision, IReadOnlyDictionary<string, QuantizationRange> ranges)
    {
        switch (precision)
        {
            case OnnxPrecision.HalfWeights:
                WeightCompression.ToHalf(model.Graph);
                break;
            case OnnxPrecision.Half:
                HalfNodes.Convert(model.Graph);
                WeightCompression.ToHalf(model.Graph);
                break;
            case OnnxPrecision.Int8Weights:
                WeightCompression.ToInt8(model.Graph);
                break;
            case OnnxPrecision.Int8:
                QuantizedNodes.Convert(model, ranges);
                WeightCompression.ToInt8(model.Graph);
                break;
        }
    }
}
