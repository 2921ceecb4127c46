namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Finds the options of a run's model.</summary>
internal interface ITrialSearch
{
    /// <summary>Trains and compares.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="run">The run.</param>
    /// <param name="folder">Where trials are kept.</param>
    /// <param name="progress">Receives the progress of training.</param>
    /// <param name="cancellationToken">Ends the search with the best model so far.</param>
    /// <exception cref="OperationCanceledException">There is no model yet.</exception>
    SearchOutcome Search(MLContext mlContext, PreparedRun run, RunFolder folder, IProgress<RunProgress>? progress, CancellationToken cancellationToken);
}
