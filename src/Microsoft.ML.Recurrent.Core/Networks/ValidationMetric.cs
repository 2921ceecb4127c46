namespace Microsoft.ML.Recurrent;

/// <summary>What a validation set is judged by, which decides when training stops and which epoch's weights are kept.</summary>
public enum ValidationMetric
{
    /// <summary>The loss that is minimised. Every trainer has it.</summary>
    Loss,

    /// <summary>The mean absolute error in the label's own unit, of regressions and forecasters.</summary>
    MeanAbsoluteError,

    /// <summary>The root of the mean squared error in the label's own unit, of regressions and forecasters.</summary>
    RootMeanSquaredError,

    /// <summary>The share of rows whose class is found, of classifiers.</summary>
    Accuracy,

    /// <summary>The harmonic mean of precision and recall: of two classes that of the positive one, of more the mean over the classes.</summary>
    F1Score,

    /// <summary>How probably a positive row scores higher than a negative one, of two classes.</summary>
    AreaUnderRocCurve,
}

/// <summary>What the metrics are like.</summary>
internal static class ValidationMetrics
{
    /// <summary>Whether more is better.</summary>
    public static bool IsGain(this ValidationMetric metric) =>
        metric is ValidationMetric.Accuracy or ValidationMetric.F1Score or ValidationMetric.AreaUnderRocCurve;

    /// <summary>As loggers call it.</summary>
    public static string LogName(this ValidationMetric metric) => metric switch
    {
        ValidationMetric.Loss => "loss",
        ValidationMetric.MeanAbsoluteError => "mean_absolute_error",
        ValidationMetric.RootMeanSquaredError => "root_mean_squared_error",
        ValidationMetric.Accuracy => "accuracy",
        ValidationMetric.F1Score => "f1_score",
        _ => "area_under_roc_curve",
    };
}
