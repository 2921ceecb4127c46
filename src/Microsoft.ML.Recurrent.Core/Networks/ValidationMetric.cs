namespace Microsoft.ML.Recurrent;

/// <summary>The validation metric for early stopping and best-epoch selection.</summary>
public enum ValidationMetric
{
    /// <summary>The training loss. Supported by every trainer.</summary>
    Loss,

    /// <summary>The mean absolute error in the unit of the label, for regressions and forecasters.</summary>
    MeanAbsoluteError,

    /// <summary>The root mean squared error in the unit of the label, for regressions and forecasters.</summary>
    RootMeanSquaredError,

    /// <summary>The fraction of correctly classified rows, for classifiers.</summary>
    Accuracy,

    /// <summary>The harmonic mean of precision and recall: of the positive class for two classes, otherwise the mean over the classes.</summary>
    F1Score,

    /// <summary>The probability that a positive row scores higher than a negative one, for two classes.</summary>
    AreaUnderRocCurve,

    /// <summary>
    /// Corpus BLEU, from 0 to 100, of greedy translations of the validation part: the words of their texts, split at white space, beside those of the target,
    /// smoothed as by <c>EvaluateTranslations</c>. For translations.
    /// </summary>
    Bleu,
}

/// <summary>Properties of the metrics.</summary>
internal static class ValidationMetrics
{
    /// <summary>Whether higher is better.</summary>
    public static bool IsGain(this ValidationMetric metric) =>
        metric is ValidationMetric.Accuracy or ValidationMetric.F1Score or ValidationMetric.AreaUnderRocCurve or ValidationMetric.Bleu;

    /// <summary>The name in logs.</summary>
    public static string LogName(this ValidationMetric metric) => metric switch
    {
        ValidationMetric.Loss => "loss",
        ValidationMetric.MeanAbsoluteError => "mean_absolute_error",
        ValidationMetric.RootMeanSquaredError => "root_mean_squared_error",
        ValidationMetric.Accuracy => "accuracy",
        ValidationMetric.F1Score => "f1_score",
        ValidationMetric.AreaUnderRocCurve => "area_under_roc_curve",
        ValidationMetric.Bleu => "bleu",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "The metric has no name."),
    };
}
