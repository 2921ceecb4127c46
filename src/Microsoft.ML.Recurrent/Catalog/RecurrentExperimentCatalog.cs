using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Adds experiments, which search options of a trainer, to <see cref="MLContext"/>.</summary>
public static class RecurrentExperimentCatalog
{
    /// <summary>Creates an experiment: it tries options of a recurrent trainer around the given ones, and trains the best.</summary>
    /// <remarks>
    /// <code>
    /// var experiment = mlContext.CreateRecurrentExperiment(
    ///     (context, options) =&gt; context.MulticlassClassification.Trainers.RecurrentNetwork(options),
    ///     new RecurrentMulticlassTrainer.Options { FeatureColumnName = "Features" },
    ///     ExperimentMetric.MulticlassAccuracy(mlContext),
    ///     new() { MaximumTime = TimeSpan.FromMinutes(2) });
    /// var result = experiment.Execute(train, validation);
    /// Console.WriteLine(result);
    /// </code>
    /// </remarks>
    /// <typeparam name="TOptions">The options of the trainer.</typeparam>
    /// <param name="mlContext">The context.</param>
    /// <param name="create">Creates the pipeline of a trial: the trainer with these options, and what stands before and after it. It is called with a context
    /// of the trial's own, by several threads.</param>
    /// <param name="options">The options from which the search starts; they are copied.</param>
    /// <param name="metric">What trials are compared by.</param>
    /// <param name="settings">How long it runs; <see cref="ExperimentOptions.MaximumTrials"/> or <see cref="ExperimentOptions.MaximumTime"/> has to be
    /// set.</param>
    /// <param name="space">The options that are varied, and their values; null for those that the options declare.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentExperiment<TOptions> CreateRecurrentExperiment<TOptions>(this MLContext mlContext,
        Func<MLContext, TOptions, IEstimator<ITransformer>> create, TOptions options, ExperimentMetric metric, ExperimentOptions settings,
        Recurrent.SearchSpace? space = null)
        where TOptions : RecurrentTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(settings);
        return new(mlContext, create, options, metric, settings, space);
    }
}
