namespace Microsoft.ML.Recurrent;

/// <summary>
/// The numeric precision of an exported file. Inputs, outputs and small parameters (biases, means and scales) are always 32-bit floats.
/// <see cref="OnnxExportReport"/> reports the error.
/// </summary>
public enum OnnxPrecision
{
    /// <summary>32-bit floats throughout, as in training.</summary>
    Single,

    /// <summary>
    /// Weights as 16-bit floats, computation in 32 bits: half the size and the same speed, since runtimes convert the weights once at load. Standard ONNX
    /// operators.
    /// </summary>
    HalfWeights,

    /// <summary>
    /// Weights as 16-bit floats; recurrent layers and matrix products compute in 16 bits. For GPUs: ONNX Runtime's CPU provider has no such kernels and
    /// computes in 32 bits between conversions, slightly slower than <see cref="HalfWeights"/>. Standard ONNX operators.
    /// </summary>
    Half,

    /// <summary>
    /// Weights as 8-bit integers with a 32-bit scale per unit, computation in 32-bit floats: a quarter of the size and the same speed. Standard ONNX operators.
    /// </summary>
    Int8Weights,

    /// <summary>
    /// Quantized inputs as well, for ONNX Runtime's CPU provider: LSTM layers as its operator <c>com.microsoft.DynamicQuantizeLSTM</c>, large dense layers as
    /// <c>QuantizeLinear</c> and <c>MatMulInteger</c>. These multiply 8-bit integers, up to three times faster for large layers. All other weights, including
    /// those of GRU and simple RNN layers, as in <see cref="Int8Weights"/>. The inputs of these layers are clipped to their range over
    /// <see cref="OnnxExportOptions.EvaluationData"/> (calibration, which requires ONNX Runtime during the export). The input scale of an LSTM is computed over
    /// the rows of a run, within that range, so within the error a row's output depends on the other rows. The file is for scoring only: it cannot be loaded
    /// for training.
    /// </summary>
    Int8,
}
