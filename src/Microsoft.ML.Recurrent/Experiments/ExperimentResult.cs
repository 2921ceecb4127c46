using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>What an experiment found.</summary>
/// <typeparam name="TOptions">The options of the trainer.</typeparam>
public sealed class ExperimentResult<TOptions>
    where TOptions : RecurrentTrainerOptions
{
    internal ExperimentResult(ExperimentMetric metric, ImmutableArray<TrialResult> trials, TrialResult best, TOptions options, ITransformer model) =>
        (Metric, Trials, Best, Options, Model) = (metric, trials, best, options, model);

    /// <summary>The metric by which trials were compared.</summary>
    public ExperimentMetric Metric { get; }

    /// <summary>All trials, by number; those that were interrupted too.</summary>
    public ImmutableArray<TrialResult> Trials { get; }

    /// <summary>The best trial: that of the final, if there was one, else the best on the validation rows.</summary>
    public TrialResult Best { get; }

    /// <summary>The final that chose it; null where none was asked for, or the default trial did not end.</summary>
    public ExperimentFinal? Final { get; init; }

    /// <summary>Its options, with the seed.</summary>
    public TOptions Options { get; }

    /// <summary>The model: that of the refit, or that of the best trial.</summary>
    public ITransformer Model { get; }

    /// <summary>Whether the model was trained again on all rows.</summary>
    public bool IsRefitted => WhyNotRefitted is null;

    /// <summary>Why the model is that of the trial; null if it was trained again.</summary>
    public string? WhyNotRefitted { get; init; }

    /// <summary>The time of the experiment.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Whether it was canceled: an experiment with the same store goes on.</summary>
    public bool IsCanceled { get; init; }

    /// <summary>A table of the trials, the best first.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var known = Trials.Where(trial => trial.Metric is not null);
        known = Metric.HigherIsBetter ? known.OrderByDescending(trial => trial.Metric) : known.OrderBy(trial => trial.Metric);
        text.AppendLine(CultureInfo.InvariantCulture, $"{"trial",5} {Metric.Name,12} {"epochs",6} {"seconds",8}  state, options");
        foreach (var trial in known.Concat(Trials.Where(trial => trial.Metric is null)))
        {
            var metric = trial.Metric is { } value ? value.ToString("G6", CultureInfo.InvariantCulture) : "-";
            text.Append(CultureInfo.InvariantCulture, $"{trial.Trial.Number,5} {metric,12} {trial.Epochs,6} {trial.Elapsed.TotalSeconds,8:F1}  ")
                .AppendLine(CultureInfo.InvariantCulture, $"{trial.State}, {trial.Reason ?? trial.Trial.ToString()}");
        }
        if (Final is null) return text.ToString();
        foreach (var finalist in Final.Finalists) text.Append(finalist).AppendLine();
        return text.AppendLine(Final.Reason).ToString();
    }
}
