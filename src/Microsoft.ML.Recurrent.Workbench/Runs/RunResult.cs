using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>What a run made.</summary>
/// <param name="Run">The run.</param>
/// <param name="Search">What the search found.</param>
/// <param name="Evaluation">The final figures; null where no rows are held out.</param>
/// <param name="Folder">The folder of its files.</param>
/// <param name="Elapsed">The time of all.</param>
public sealed record RunResult(PreparedRun Run, SearchOutcome Search, ScenarioEvaluation? Evaluation, string Folder, TimeSpan Elapsed)
{
    /// <summary>The file of the model.</summary>
    public string ModelPath => Path.Combine(Folder, Run.Request.Name + ScenarioRun.ModelExtension);
}
