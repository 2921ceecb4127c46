using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>One number a step. Bounds lie as far from it as a share of the calibration's residuals.</summary>
internal sealed class PointForecastHead(RegressionLoss loss, ForecastShape shape, Network network) : ForecastHead(shape, network)
{
    protected override int ParametersPerStep => 1;

    protected override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights) => loss.Apply(tape, values, targets, weights);

    protected override Decoded<Tensor> Decode(Tape tape, Tensor values) => new(values, values, values, null, [], null);

    protected override Decoded<string> Decode(OnnxGraphBuilder graph, string values) => new(values, values, values, null, [], null);
}
