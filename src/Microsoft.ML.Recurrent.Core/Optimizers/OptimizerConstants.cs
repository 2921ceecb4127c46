namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Constants of an optimizer; null for the default.</summary>
/// <param name="Beta1">Decay of the mean gradient.</param>
/// <param name="Beta2">Decay of the mean squared gradient (PyTorch's alpha of RMSprop, rho of Adadelta).</param>
/// <param name="Epsilon">Added to the square root of the mean squared gradient.</param>
internal readonly record struct OptimizerConstants(float? Beta1, float? Beta2, float? Epsilon)
{
    /// <summary>Whether an optimizer has a decaying mean gradient.</summary>
    public static bool HasBeta1(OptimizerKind kind) =>
        kind is OptimizerKind.Adam or OptimizerKind.AdamW or OptimizerKind.AmsGrad or OptimizerKind.NAdam or OptimizerKind.Adamax;

    /// <summary>Whether an optimizer has a decaying mean squared gradient.</summary>
    public static bool HasBeta2(OptimizerKind kind) =>
        HasBeta1(kind) || kind is OptimizerKind.RmsProp or OptimizerKind.CenteredRmsProp or OptimizerKind.Adadelta;

    /// <summary>Whether an optimizer divides by the root of squared gradients.</summary>
    public static bool HasEpsilon(OptimizerKind kind) => HasBeta2(kind) || kind is OptimizerKind.Adagrad;
}
