namespace Microsoft.ML.Recurrent;

/// <summary>Checkpoints, from which an interrupted training run can be resumed.</summary>
public sealed class CheckpointOptions : IOptionGroup
{
    /// <summary>
    /// A folder for the checkpoint of this run alone, which is written at the end of every epoch and at least every <see cref="Interval"/>.
    /// Default: null, no checkpoints.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>
    /// Steps of the optimizer between two checkpoints, at least 1, besides those that <see cref="Interval"/> asks for. Default: null, none.
    /// </summary>
    public int? EverySteps { get; set; }

    /// <summary>Maximum time between two checkpoints, greater than zero. Default: 5 minutes.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether to continue from the checkpoint in <see cref="Folder"/>, if there is one: a run that was interrupted gives the same model, bit by bit, as one
    /// that was not. A checkpoint of another network, data set or seed is refused. Default: false.
    /// </summary>
    public bool Resume { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks("Checkpoints");
        checks.AtLeastOne(EverySteps);
        if (Interval <= TimeSpan.Zero) throw checks.OutOfRange(nameof(Interval), Interval, "must be greater than zero");
        if (Resume && string.IsNullOrEmpty(Folder))
            throw checks.Refused(nameof(Resume), "needs the folder of the checkpoint: set Checkpoints.Folder.");
    }
}
