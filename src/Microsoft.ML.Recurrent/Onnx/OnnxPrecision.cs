namespace Microsoft.ML.Recurrent;

/// <summary>
/// In what numbers an exported file keeps its weights and computes. Whatever is chosen, the file takes and gives 32-bit floats, and small parameters (biases,
/// means and scales) stay 32-bit floats. <see cref="OnnxExportReport"/> says by how much the answers change.
/// </summary>
public enum OnnxPrecision
{
    /// <summary>32-bit floats throughout: the answers of training.</summary>
    Single,

    /// <summary>
    /// Weights as 16-bit floats, computed in 32 bits: half the file, and the same speed on every runtime, since it widens the weights once, when it loads them.
    /// In plain ONNX operators.
    /// </summary>
    HalfWeights,

    /// <summary>
    /// Weights as 16-bit floats; recurrent layers and products with weights compute in 16 bits. For GPUs: ONNX Runtime's CPU provider has no such kernels and
    /// computes in 32 bits between conversions, a little slower than <see cref="HalfWeights"/>. In plain ONNX operators.
    /// </summary>
    Half,

    /// <summary>
    /// Weights as 8-bit integers with a 32-bit scale for each unit, computed in 32-bit floats: a quarter of the file, the same speed. In plain ONNX operators.
    /// </summary>
    Int8Weights,

    /// <summary>
    /// Quantised inputs, too, for ONNX Runtime's CPU provider: LSTM layers as its operator <c>com.microsoft.DynamicQuantizeLSTM</c>, large dense layers as
    /// <c>QuantizeLinear</c> and <c>MatMulInteger</c>, which multiply in 8-bit integers and are up to three times as fast where layers are large; all other
    /// weights, those of GRU and simple recurrent layers too, as in <see cref="Int8Weights"/>. These layers' inputs are clipped to the range that they have
    /// over <see cref="OnnxExportOptions.EvaluationData"/> (calibration, for which ONNX Runtime is needed at the export): give rows like those to be scored,
    /// outliers among them. An LSTM's 8 bits are laid out over the rows that are scored together, within that range, so that a row's answer depends on its
    /// neighbours within the error. The file is scored only: it is not read back to be trained further.
    /// </summary>
    Int8,
}
