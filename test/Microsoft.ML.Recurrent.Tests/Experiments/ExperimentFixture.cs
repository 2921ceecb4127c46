using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Experiments;

/// <summary>A small regression, whose trials take some milliseconds an epoch.</summary>
internal static class ExperimentFixture
{
    public static MLContext Context { get; } = new(1);

    public static IDataView Train { get; } = Context.Data.LoadFromEnumerable(Rows(1, 160));

    public static IDataView Validation { get; } = Context.Data.LoadFromEnumerable(Rows(2, 60));

    public static RecurrentRegressionTrainer.Options Options(int epochs = 6) => new()
    {
        Network = { HiddenSize = 8 },
        Optimizer = { BatchSize = 16, LearningRate = 5e-3f },
        Stopping = { MaximumNumberOfEpochs = epochs, ValidationFraction = 0.2f },
    };

    public static RecurrentExperiment<RecurrentRegressionTrainer.Options> Create(ExperimentOptions settings, ExperimentMetric? metric = null,
        RecurrentRegressionTrainer.Options? options = null, SearchSpace? space = null,
        Func<MLContext, RecurrentRegressionTrainer.Options, IEstimator<ITransformer>>? create = null) =>
        Context.CreateRecurrentExperiment(create ?? Trainer, options ?? Options(), metric ?? ExperimentMetric.RegressionError(Context), settings, space);

    public static IEstimator<ITransformer> Trainer(MLContext context, RecurrentRegressionTrainer.Options options) =>
        context.Regression.Trainers.RecurrentNetwork(options);

    /// <summary>The model's graph with its weights.</summary>
    public static byte[] Bytes(ITransformer model)
    {
        using var file = new MemoryStream();
        ((RecurrentRegressionTransformer)model).Model.ExportToOnnx(file);
        return file.ToArray();
    }

    /// <summary>What does not depend on the clock.</summary>
    public static string[] Outcomes(ExperimentResult<RecurrentRegressionTrainer.Options> result) =>
        [.. result.Trials.Select(trial => (trial with { Elapsed = default }).ToString())];

    private static Row[] Rows(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] values = [.. Enumerable.Range(0, 8).Select(_ => random.NextSingle() * 2 - 1)];
            return new Row { Features = values, Label = values[1] - 2 * values[7] + values[3] * values[5] };
        })];
    }

    private sealed class Row
    {
        [VectorType(8)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
