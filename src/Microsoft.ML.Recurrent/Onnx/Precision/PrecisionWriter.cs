using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Precision;

/// <summary>Converts a model of 32-bit floats to another precision, in place.</summary>
internal static class PrecisionWriter
{
    public static void Apply(ModelProto model, OnnxPrecision precision)
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
                QuantizedNodes.Convert(model);
                WeightCompression.ToInt8(model.Graph);
                break;
        }
    }
}
