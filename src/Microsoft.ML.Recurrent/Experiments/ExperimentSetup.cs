using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>What an experiment runs on its rows.</summary>
internal sealed class ExperimentSetup
{
    public required IHost Host { get; init; }

    public required TrialContext Contexts { get; init; }

    public required ExperimentOptions Options { get; init; }

    public required SearchSpace Space { get; init; }

    public required ExperimentMetric Metric { get; init; }

    public required Func<MLContext, RecurrentTrainerOptions, IEstimator<ITransformer>> Create { get; init; }

    public required TrialStore Store { get; init; }

    public required int Seed { get; init; }

    public required IDataView Train { get; init; }

    public required IDataView Validation { get; init; }

    /// <summary>The caller's cancellation.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>How long a trial may take to end once it is canceled.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    public bool Canceled => Cancellation.IsCancellationRequested;

    /// <summary>The metric of an epoch.</summary>
    public ValidationMetric Watched => Metric.WhileTraining;

    public bool WatchedIsGain => Watched.IsGain();

    public int TrialsAtOnce => Options.TrialsAtOnce ?? Environment.ProcessorCount;

    public IDataView RefitData => Options.RefitData ?? new AppendedRowsView(Train, Validation);

    /// <summary>The folds of the final; empty where none takes place.</summary>
    public IReadOnlyList<ExperimentFold> Folds => Options.Folds is { } folds && FinalChoice.WhyTooFew(folds) is null ? folds : [];

    /// <summary>The time of all folds of a trial over that of the trial, with as many fits at once as trials.</summary>
    public double FinalWork => Folds.Sum(fold => fold.Train.GetRowCount() is { } own && Train.GetRowCount() is > 0 and var rows ? (double)own / rows : 1)
        / Math.Min(TrialsAtOnce, Math.Max(1, Folds.Count));

    /// <summary>Rows of the refit for each training row of a trial.</summary>
    public double RefitGrowth => RefitData.GetRowCount() is { } all && Train.GetRowCount() is > 0 and var rows ? Math.Max(1, (double)all / rows) : 1.25;

    /// <summary>What the experiment is: trials of another one are not its own.</summary>
    public string Describe() => string.Join("\n",
    [
        $"seed {Seed}", $"metric {Metric.Name}, {(Metric.HigherIsBetter ? "higher" : "lower")} is better, {Metric.WhileTraining} while training",
        $"reduction factor {Options.ReductionFactor}", $"first rung {Options.MinimumNumberOfEpochs}",
        $"trials by {(Options.MaximumTrials is null ? "time" : "number")}",
        .. Train.Schema.Where(column => !column.IsHidden).Select(column => $"column {column.Name}: {column.Type}"),
        string.Create(CultureInfo.InvariantCulture, $"training rows {Train.GetRowCount()?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}"),
        .. Options.Folds is { } folds ? [$"final of {Options.Finalists} trials on {string.Join(", ", folds.Select(static fold => fold.Name))}"]
            : Array.Empty<string>(),
        Space.Describe(),
    ]);

    public RecurrentTrainerOptions OptionsOf(Trial trial) => Space.OptionsOf(trial);

    /// <summary>Trains a trial on the training rows, or on those of the refit.</summary>
    public ITransformer Fit(Trial trial, RecurrentTrainerOptions options, bool isRefit = false) =>
        Create(Contexts.Create(trial, isRefit), options).Fit(isRefit ? RefitData : Train);

    /// <summary>Trains a trial on the rows of a fold.</summary>
    public ITransformer Fit(Trial trial, RecurrentTrainerOptions options, ExperimentFold fold) =>
        Create(Contexts.Create(trial, tellsAll: false), options).Fit(fold.Train);

    public double Measure(ITransformer model) => Metric.Measure(model, Validation);

    /// <summary>Throws where the environment was canceled.</summary>
    public void CheckAlive() => Host.CheckAlive();
}
