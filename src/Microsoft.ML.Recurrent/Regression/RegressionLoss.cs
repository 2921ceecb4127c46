namespace Microsoft.ML.Recurrent;

/// <summary>What a regression or a forecaster minimises, over standardised errors.</summary>
public enum RegressionLoss
{
    /// <summary>The squared error: forecasts are means.</summary>
    SquaredError,

    /// <summary>The absolute error: forecasts are medians, and outliers count less.</summary>
    AbsoluteError,

    /// <summary>Huber's loss, squared up to one standard deviation and linear beyond (Huber 1964).</summary>
    Huber,
}

/// <summary>The losses by name.</summary>
internal static class RegressionLossFunctions
{
    public static Tensors.Tensor Apply(this RegressionLoss loss, Autograd.Tape tape, Tensors.Tensor predictions, Tensors.Tensor targets, Tensors.Tensor? weights) => loss switch
    {
        RegressionLoss.SquaredError => Losses.RegressionLosses.MeanSquaredError(tape, predictions, targets, weights),
        RegressionLoss.AbsoluteError => Losses.RegressionLosses.MeanAbsoluteError(tape, predictions, targets, weights),
        _ => Losses.RegressionLosses.Huber(tape, predictions, targets, weights: weights),
    };
}
