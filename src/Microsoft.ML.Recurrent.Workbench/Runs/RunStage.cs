namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>What a run does.</summary>
public enum RunStage
{
    /// <summary>It trains and compares trials.</summary>
    Search,

    /// <summary>It measures the best model on the test rows.</summary>
    Evaluation,

    /// <summary>It writes the model, the code and the report.</summary>
    Writing,
}
