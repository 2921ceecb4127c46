using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>What a search found.</summary>
/// <param name="Model">The fitted pipeline.</param>
/// <param name="Options">The options of its trainer.</param>
/// <param name="Best">The trial that it is of.</param>
/// <param name="Trials">All trials, in their order.</param>
public sealed record SearchOutcome(ITransformer Model, RecurrentTrainerOptions Options, TrialResult Best, ImmutableArray<TrialResult> Trials)
{
    /// <summary>Whether the search was ended before its time.</summary>
    public bool WasCancelled { get; init; }

    /// <summary>The final that chose the trial; null where the validation rows did.</summary>
    public ExperimentFinal? Final { get; init; }

    /// <summary>Why the model is that of the trial, not one that was trained again on all rows that are not held out; null if it was.</summary>
    public string? WhyNotRefitted { get; init; }
}
