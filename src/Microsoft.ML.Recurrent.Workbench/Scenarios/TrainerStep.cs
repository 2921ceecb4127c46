namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>The trainer of a pipeline.</summary>
public abstract class TrainerStep
{
    private protected TrainerStep(string code, RecurrentTrainerOptions options) => (Code, Options) = (code, options);

    /// <summary>The call in C# that takes the options: <c>mlContext.Forecasting.ForecastByRecurrentNetwork</c>.</summary>
    public string Code { get; }

    /// <summary>The options, where nothing was searched.</summary>
    public RecurrentTrainerOptions Options { get; }

    /// <summary>Makes a step.</summary>
    /// <param name="code">The call in C# that takes the options.</param>
    /// <param name="options">The options.</param>
    /// <param name="create">Makes the trainer of options.</param>
    /// <typeparam name="TOptions">The type of the options.</typeparam>
    /// <typeparam name="TTransformer">The type of what the trainer returns.</typeparam>
    public static TrainerStep Create<TOptions, TTransformer>(string code, TOptions options, Func<MLContext, TOptions, RecurrentTrainer<TTransformer>> create)
        where TOptions : RecurrentTrainerOptions
        where TTransformer : class, ISingleFeaturePredictionTransformer<RecurrentModel> => new Typed<TOptions, TTransformer>(code, options, create);

    /// <summary>Makes the trainer.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="options">Its options, of the type of <see cref="Options"/>.</param>
    public abstract IEstimator<ITransformer> CreateTrainer(MLContext mlContext, RecurrentTrainerOptions options);

    /// <summary>Trains.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="options">The options, of the type of <see cref="Options"/>.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="validation">The rows that tell when to stop; null for a part of the training rows.</param>
    public abstract ITransformer Fit(MLContext mlContext, RecurrentTrainerOptions options, IDataView train, IDataView? validation);

    private sealed class Typed<TOptions, TTransformer>(string code, TOptions defaults, Func<MLContext, TOptions, RecurrentTrainer<TTransformer>> create)
        : TrainerStep(code, defaults)
        where TOptions : RecurrentTrainerOptions
        where TTransformer : class, ISingleFeaturePredictionTransformer<RecurrentModel>
    {
        public override IEstimator<ITransformer> CreateTrainer(MLContext mlContext, RecurrentTrainerOptions options) => create(mlContext, (TOptions)options);

        public override ITransformer Fit(MLContext mlContext, RecurrentTrainerOptions options, IDataView train, IDataView? validation) =>
            create(mlContext, (TOptions)options).Fit(train, validation);
    }
}
