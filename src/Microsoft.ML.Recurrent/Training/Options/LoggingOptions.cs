namespace Microsoft.ML.Recurrent;

/// <summary>What is reported while training, besides the messages in <c>MLContext.Log</c>.</summary>
public sealed class LoggingOptions : IOptionGroup
{
    /// <summary>Where metrics of the run are written; see <see cref="TrainingLogger"/>. Whoever made a logger disposes of it. Default: none.</summary>
    public TrainingLogger[] Loggers { get; set; } = [];

    /// <summary>Steps of the optimizer between two log entries, at least 1. Default: 10.</summary>
    public int EverySteps { get; set; } = 10;

    /// <summary>
    /// Whether log entries hold norms of gradients and weights, and statistics of the layers' outputs, which show vanishing and exploding gradients.
    /// Default: false.
    /// </summary>
    public bool Statistics { get; set; }

    /// <summary>Receives the progress of training. Default: null.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks("Logging");
        checks.AtLeastOne(EverySteps);
        if (Loggers is null || Loggers.Contains(null!)) throw checks.Refused(nameof(Loggers), "must not be null, nor hold null.");
    }
}
