namespace Microsoft.ML.Recurrent;

/// <summary>How a trial ended.</summary>
public enum TrialState
{
    /// <summary>It runs, or was interrupted: an experiment that is resumed goes on with it.</summary>
    Running,

    /// <summary>Its training ended by itself.</summary>
    Completed,

    /// <summary>It was ended early, since it was not among the best ones at a rung; its model is that of its best epoch.</summary>
    EndedEarly,

    /// <summary>The time of the experiment ended it; its model is that of its best epoch.</summary>
    TimeOver,

    /// <summary>It has no result; <see cref="TrialResult.Reason"/> says why.</summary>
    Failed,
}
