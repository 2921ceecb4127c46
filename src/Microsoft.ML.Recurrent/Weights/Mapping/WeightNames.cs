namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>Names of what a network of this library has beside its layers.</summary>
internal static class WeightNames
{
    /// <summary>The linear layer after the described ones.</summary>
    public const string Head = "head";

    /// <summary>Mean and scale of the features: x' = (x - mean) / scale.</summary>
    public const string InputMean = "input.mean", InputScale = "input.scale";

    /// <summary>Mean and scale of the label: y = y' scale + mean.</summary>
    public const string TargetMean = Regression.RegressionHead.MeanName, TargetScale = Regression.RegressionHead.ScaleName;
}
