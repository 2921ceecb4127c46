using System.Text.RegularExpressions;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Names;

/// <summary>A name that gives way to one of the field's own.</summary>
/// <param name="Pattern">A regular expression that finds it in an identifier.</param>
/// <param name="Instead">What is written instead.</param>
/// <param name="Bearer">"file", "type" or "member", where only such a one gives it up; null for all.</param>
internal sealed record OldName(string Pattern, string Instead, string? Bearer = null)
{
    private readonly Regex _pattern = new(Pattern, RegexOptions.CultureInvariant);

    /// <summary>Whether an identifier bears the name.</summary>
    public bool IsIn(string identifier, string bearer) => (Bearer is null || Bearer == bearer) && _pattern.IsMatch(identifier);
}

/// <summary>The names that give way.</summary>
internal static class OldNames
{
    public static readonly OldName[] All =
    [
        Part("NaiveShrinkage", "ShrinkTowardNaive"),
        Part("BatchesPerStep", "GradientAccumulationSteps"),
        Part("RecomputeSteps", "GradientCheckpointSteps"),
        Part("BackpropagationSteps", "TruncatedBpttSteps"),
        Part("WeightAveraging", "EmaDecay"),
        Part("CarryState", "Stateful"),
        Part("LinearPath", "LinearSkip"),
        Part("PositiveWeight", "WeightOfPositiveExamples"),
        new("(?<!Look)Ahead(?![a-z])", "Future"), // looking ahead is the field's word for a leak
        Whole("Known", "Future"),
        Part("TargetSum", "AddLinearForecast"),
        Part("StepForecasts", "AddLinearForecast"),
        Whole("StepsOperation", "Slice"),
        Whole("JoinOperation", "Concat"),
        Whole("ArrangeOperation", "Permute"),
        Whole("CumulateOperation", "InverseDifference"),
        Whole("WeightedStepsOperation", "AttentionPool"),
        Whole("AddStepOperation", "BroadcastAdd"),
        Whole("ResizeOperation", "PadOrTruncate"),
        Whole("Numbers", "ConstInt", "file"),
        Whole("INumber", "ConstInt"),
        Part("Figures?", "Statistics"),
        Part("Truth", "Targets"),
        Part("Taught", "TeacherForced"),
        Part("Fed", "DecoderInput"),
        new("^Met(?![a-z])", "Seen"),
        new("^Lacks?(?![a-z])", "HasMissing"),
        new("Forese(e|en|es)(?![a-z])", "Forecast"),
        new("Foret(old|ell|ells)(?![a-z])", "Predicted"),
        Part("Workplace", "Workspace"),
        Part("ForecastShape", "ForecastHeadOptions"),
        new("(?<!Series)WindowExamples(?![a-z])", "SeriesWindowExamples"),
        Part("RankMetric", "AucMetric"),
        Part("ClassMetric", "ClassificationMetric"),
        Part("NetworkDesign", "NetworkBuilder"),
        Whole("Decoded", "Location, Lower, Upper, Scale"),
        new("^Least(?!Squares)(?![a-z])", "Minimum"),
        new("^Thin(?![a-z])", "Subsample"),
        Whole("Given", "FromValidation"),
        Whole("Of", "Create"),
    ];

    // A word of an identifier.
    private static OldName Part(string name, string instead) => new($"(?<![A-Z]){name}(?![a-z])", instead);

    private static OldName Whole(string name, string instead, string? bearer = null) => new($"^{name}$", instead, bearer);
}
