using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>A loss of predictions [rows, n] against targets [rows, n], with weights [rows] or null.</summary>
internal delegate Tensor PointLoss(Tape tape, Tensor predictions, Tensor targets, Tensor? weights);

/// <summary>One value per step, trained with a regression loss.</summary>
/// <param name="loss">The loss; null for the squared error.</param>
internal sealed class PointLikelihood(PointLoss? loss) : Likelihood
{
    public override string Name => "Point";

    public override int ParametersPerStep => 1;

    public override bool DrawsFromResiduals => true;

    public override bool ShrinksTowardNaive => true;

    public override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights = null, Tensor? units = null) =>
        loss is null ? RegressionLosses.MeanSquaredError(tape, values, targets, weights) : loss(tape, values, targets, weights);

    public override DecodedForecast<T> Decode<T>(IArithmetic<T> on, IStepParameters<T> parameters, T? unit)
        where T : class
    {
        var value = parameters[0];
        return new(value, value, value, null);
    }
}
