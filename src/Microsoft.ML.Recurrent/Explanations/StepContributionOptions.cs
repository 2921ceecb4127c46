using Microsoft.ML.Recurrent.Explanations;

namespace Microsoft.ML.Recurrent;

/// <summary>What is explained by <c>mlContext.Transforms.CalculateStepContributions</c>, and which columns tell it.</summary>
public sealed class StepContributionOptions
{
    /// <summary>Default of <see cref="NumberOfIntegrationSteps"/>.</summary>
    internal const int DefaultIntegrationSteps = 32;

    /// <summary>
    /// The class whose score is explained, by its value as text; of a classifier or a tagger. Default: null, the class with the highest score of each row (for
    /// two classes, the score of true).
    /// </summary>
    public string? TargetClass { get; set; }

    /// <summary>
    /// Of a tagger, the step whose score is explained, from 0; a negative one counts from the end, -1 for the last step. Rows that do not have it get NaN.
    /// Default: null, which a tagger refuses.
    /// </summary>
    public int? TargetStep { get; set; }

    /// <summary>
    /// Whether each number of a step has a contribution of its own (<c>Vector&lt;Single, *, k&gt;</c>). Default: false, their sum over the numbers of a step.
    /// Not for tokens.
    /// </summary>
    public bool PerFeature { get; set; }

    /// <summary>A column for the score that is explained, <c>Single</c>. Default: null, none.</summary>
    public string? ScoreColumnName { get; set; }

    /// <summary>A column for the score of the baseline, <c>Single</c>: contributions add up to the difference. Default: null, none.</summary>
    public string? BaselineScoreColumnName { get; set; }

    /// <summary>
    /// Points of the path from the baseline at which gradients are taken first, in parts of 8 points; at least 8. Parts whose contributions differ from the
    /// difference of their scores, because the gradient jumps, are halved until the sum is within 0.5%. Default: 32.
    /// </summary>
    public int NumberOfIntegrationSteps { get; set; } = DefaultIntegrationSteps;

    internal StepContributionOptions Copy() => (StepContributionOptions)MemberwiseClone();

    internal void Check()
    {
        var checks = new OptionChecks();
        checks.ColumnOrNull(ScoreColumnName);
        checks.ColumnOrNull(BaselineScoreColumnName);
        if (NumberOfIntegrationSteps < StepExplainer.PointsInPart)
        {
            throw checks.OutOfRange(nameof(NumberOfIntegrationSteps), NumberOfIntegrationSteps, $"must be at least {StepExplainer.PointsInPart}");
        }
    }
}
