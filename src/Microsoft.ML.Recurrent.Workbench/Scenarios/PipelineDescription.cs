using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>A pipeline that can be built, fitted and written as code.</summary>
/// <param name="Before">The steps before the trainer.</param>
/// <param name="Trainer">The trainer.</param>
/// <param name="After">The steps after it.</param>
public sealed record PipelineDescription(ImmutableArray<PipelineStep> Before, TrainerStep Trainer, ImmutableArray<PipelineStep> After)
{
    /// <summary>The pipeline as one estimator.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="options">The options of the trainer; null for those of <see cref="Trainer"/>.</param>
    public IEstimator<ITransformer> Create(MLContext mlContext, RecurrentTrainerOptions? options = null)
    {
        var chain = new EstimatorChain<ITransformer>();
        foreach (var step in Before) chain = chain.Append(step.Create(mlContext));
        chain = chain.Append(Trainer.CreateTrainer(mlContext, options ?? Trainer.Options));
        foreach (var step in After) chain = chain.Append(step.Create(mlContext));
        return chain;
    }

    /// <summary>Fits the pipeline.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="options">The options of the trainer; null for those of <see cref="Trainer"/>.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="validation">The rows that tell when to stop; null for a part of the training rows.</param>
    /// <returns>The fitted steps, in order.</returns>
    public TransformerChain<ITransformer> Fit(MLContext mlContext, RecurrentTrainerOptions? options, IDataView train, IDataView? validation)
    {
        ArgumentNullException.ThrowIfNull(train);
        var fitted = new List<ITransformer>();
        foreach (var step in Before) Add(step.Create(mlContext).Fit(train));
        var model = Trainer.Fit(mlContext, options ?? Trainer.Options, train, validation);
        Add(model);
        foreach (var step in After) Add(step.Create(mlContext).Fit(train));
        return new([.. fitted]);

        void Add(ITransformer transformer)
        {
            fitted.Add(transformer);
            train = transformer.Transform(train);
            if (validation is not null) validation = transformer.Transform(validation);
        }
    }
}
