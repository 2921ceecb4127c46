using Microsoft.ML.Recurrent.Experiments;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Searches options of a trainer: random search around the given ones, with asynchronous successive halving (Li et al. 2020), then training of the best on all
/// rows. <c>mlContext.CreateRecurrentExperiment</c> creates it.
/// </summary>
/// <remarks>
/// Trial 1 has the given options as they are, and always runs to its end, if there is time. Trials train side by side with one thread each. Their metric is
/// measured on validation rows that none of them trains on. The figure of the best trial is one of many: for an unbiased one measure the model on further rows.
/// </remarks>
/// <typeparam name="TOptions">The options of the trainer.</typeparam>
public sealed class RecurrentExperiment<TOptions>
    where TOptions : RecurrentTrainerOptions
{
    private readonly MLContext _context;
    private readonly Func<MLContext, TOptions, IEstimator<ITransformer>> _create;
    private readonly TOptions _options;
    private readonly ExperimentMetric _metric;
    private readonly ExperimentOptions _settings;

    internal RecurrentExperiment(MLContext context, Func<MLContext, TOptions, IEstimator<ITransformer>> create, TOptions options, ExperimentMetric metric,
        ExperimentOptions settings, SearchSpace? space)
    {
        settings.Check();
        Space = space ?? SearchSpace.Create(options);
        if (!options.Task.Metrics.Contains(metric.WhileTraining))
        {
            throw new ArgumentException($"The trainer has no {metric.WhileTraining} while it trains, only {string.Join(", ", options.Task.Metrics)}: set " +
                $"{nameof(ExperimentMetric)}.{nameof(ExperimentMetric.WhileTraining)}.", nameof(metric));
        }
        (_context, _create, _metric) = (context, create, metric);
        (_options, _settings) = ((TOptions)options.Clone(), OptionCopies.Copy(settings));
        Seed = settings.Seed ?? options.Seed ?? 1;
    }

    /// <summary>The options that are varied.</summary>
    public SearchSpace Space { get; }

    /// <summary>The seed of the trials.</summary>
    public int Seed { get; }

    /// <summary>For tests: how long a trial may take to end once it is canceled.</summary>
    internal TimeSpan? Patience { get; set; }

    /// <summary>Trial <paramref name="number"/>; null where the space has no further configuration.</summary>
    /// <param name="number">From 1.</param>
    public Trial? GetTrial(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return Space.Trial(Seed, number);
    }

    /// <summary>The options of a trial, with its seed.</summary>
    /// <param name="trial">The trial.</param>
    /// <exception cref="ArgumentException">A parameter of the trial is no option, or no value of it.</exception>
    public TOptions OptionsOf(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return (TOptions)Space.OptionsOf(trial);
    }

    /// <summary>Runs the trials, and trains the best one on all rows.</summary>
    /// <param name="train">The training rows; training holds out a part of them, <see cref="StoppingOptions.ValidationFraction"/>, to know when to stop. They
    /// are read by several threads: cache them if that is slow.</param>
    /// <param name="validation">The rows on which trials are compared.</param>
    /// <param name="progress">Receives the progress, a few times per second, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the experiment; it returns the best model so far.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type; the message says what to do.</exception>
    /// <exception cref="InvalidOperationException">No trial has a model; or the store holds another experiment, or fails.</exception>
    /// <exception cref="OperationCanceledException">It was canceled before a trial had a model.</exception>
    public ExperimentResult<TOptions> Execute(IDataView train, IDataView validation, IProgress<ExperimentProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _options.CancellationToken);
        canceled.Token.ThrowIfCancellationRequested();
        // What is wrong with the columns is wrong with all trials.
        _create(_context, (TOptions)_options.Clone()).GetOutputSchema(SchemaShape.Create(train.Schema));
        var host = ((IHostEnvironment)_context).Register("Experiment");
        using var channel = host.Start("Experiment");
        using var ownStore = _settings.Store is null ? new InMemoryTrialStore() : null;
        var setup = new ExperimentSetup
        {
            Host = host,
            Contexts = new(_context, channel),
            Options = _settings,
            Space = Space,
            Metric = _metric,
            Create = (context, options) => _create(context, (TOptions)options),
            Store = _settings.Store ?? ownStore!,
            Seed = Seed,
            Train = train,
            Validation = validation,
            Cancellation = canceled.Token,
            Patience = Patience ?? TimeSpan.FromSeconds(20),
        };
        var run = new ExperimentRun(setup, progress, canceled.Token);
        var (best, trained) = run.Run();
        channel.Info(MessageSensitivity.Schema, $"The best of {run.Results.Length} trials: {best}");
        if (run.Final is { } final) channel.Info(MessageSensitivity.Schema, final.Reason);
        var (model, reason) = run.Refit(best, canceled.Token);
        if (reason is not null) channel.Info(MessageSensitivity.Schema, $"The model is that of the trial. {reason}");
        model ??= trained ?? setup.Store.LoadModel(best.Trial.Number) ?? Repeat(best, train, CancellationToken.None);
        run.Report(isLast: true);
        return new(_metric, run.Results, best, OptionsOf(best.Trial), model)
        {
            Final = run.Final,
            WhyNotRefitted = reason,
            Elapsed = run.Clock.Elapsed,
            IsCanceled = setup.Canceled,
        };
    }

    /// <summary>
    /// Trains a trial again: the model that it had, to the bit, on the same rows. One that was ended in the middle of an epoch without a validation part is
    /// trained to the end of the epoch before.
    /// </summary>
    /// <param name="result">The trial.</param>
    /// <param name="train">The training rows of the experiment.</param>
    /// <param name="cancellationToken">Ends training; the best weights so far are kept.</param>
    /// <exception cref="InvalidOperationException">Training failed; the message says why.</exception>
    public ITransformer Repeat(TrialResult result, IDataView train, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(train);
        var wasEnded = result.State is TrialState.EndedEarly or TrialState.TimeOver;
        using var run = new TrialRun(result.Trial, OptionsOf(result.Trial), new()
        {
            MaximumEpoch = wasEnded ? Math.Max(1, result.Epochs) : null,
            NumberOfThreads = 1,
        }, cancellationToken);
        using var channel = ((IHostEnvironment)_context).Start("Experiment");
        var contexts = new TrialContext(_context, channel);
        var (repeated, model) = run.Run(options => _create(contexts.Create(result.Trial, tellsAll: true), (TOptions)options).Fit(train), null);
        cancellationToken.ThrowIfCancellationRequested();
        return model ?? throw new InvalidOperationException($"Trial {result.Trial.Number} could not be repeated: {repeated.Reason}");
    }
}
