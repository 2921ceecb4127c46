using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

/// <summary>Classification with softmax cross-entropy.</summary>
internal sealed class ClassHead(int classes) : Head
{
    public override int Outputs => classes;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        ClassificationLosses.SoftmaxCrossEntropy(tape, output.Values, batch.Labels, batch.Weights);

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) => [output.Values];
}

/// <summary>Regression with the squared error.</summary>
internal sealed class NumberHead(int outputs) : Head
{
    public override int Outputs => outputs;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        RegressionLosses.MeanSquaredError(tape, output.Values, batch.Targets!, batch.Weights);

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) => [output.Values];
}
