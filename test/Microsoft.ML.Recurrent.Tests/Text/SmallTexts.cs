namespace Microsoft.ML.Recurrent.Tests.Text;

/// <summary>Sentences of a small grammar, drawn by a seed: what an animal eats follows from the animal.</summary>
internal static class SmallTexts
{
    public static readonly MLContext Context = new(1);

    public sealed class Sentence
    {
        public string[] Tokens { get; set; } = [];
    }

    public static Sentence[] Draw(int count, int seed)
    {
        string[] animals = ["cat", "dog", "bird", "horse"], food = ["fish", "meat", "seed", "hay"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var animal = random.Next(4);
            return new Sentence { Tokens = ["the", .. random.Next(2) == 0 ? ["small"] : Array.Empty<string>(), animals[animal], "eats", food[animal]] };
        })];
    }

    /// <summary>Entropy of a sentence in nats: one of four animals, small or not.</summary>
    public static double Entropy => Math.Log(8);

    public static IDataView Texts(params string[] lines) =>
        Context.Data.LoadFromEnumerable(lines.Select(line => new Sentence { Tokens = line.Split(' ', StringSplitOptions.RemoveEmptyEntries) }));

    /// <summary>Rows whose tokens are keys, and the mapping.</summary>
    public static (ITransformer Mapping, IDataView Keys) Keys(int count = 300, int seed = 1)
    {
        var data = Context.Data.LoadFromEnumerable(Draw(count, seed));
        var mapping = Context.Transforms.Conversion.MapValueToKey("Tokens").Fit(data);
        return (mapping, mapping.Transform(data));
    }

    public static RecurrentLanguageModelEstimator.Options Options() => new()
    {
        Network = { HiddenSize = 24 },
        Stopping = { MaximumNumberOfEpochs = 30 },
        Optimizer = { LearningRate = 0.01f, BatchSize = 8 },
        Batches = { StepsPerBatch = 10 },
        Seed = 1,
        Output = { PerplexityColumnName = "Perplexity", NextTokenColumnName = "Next" },
    };

    public static RecurrentLanguageModelTransformer Train(IDataView keys, RecurrentLanguageModelEstimator.Options? options = null,
        IDataView? validation = null) =>
        Context.Transforms.Text.LanguageModelByRecurrentNetwork(options ?? Options()).Fit(keys, validation);

    /// <summary>What a model writes for rows.</summary>
    public sealed class Answer
    {
        public float[] LogProbabilities { get; set; } = [];

        public float Perplexity { get; set; }

        public float[] Next { get; set; } = [];
    }

    public static Answer[] Score(RecurrentLanguageModelTransformer model, ITransformer mapping, params string[] lines) =>
        [.. Context.Data.CreateEnumerable<Answer>(model.Transform(mapping.Transform(Texts(lines))), reuseRowObject: false)];

    /// <summary>All weights of a model that is trained.</summary>
    public static float[] TrainedWeights(RecurrentLanguageModelEstimator.Options options, IDataView keys)
    {
        using var model = Train(keys, options);
        return WeightsOf(model);
    }

    public static float[] WeightsOf(RecurrentLanguageModelTransformer model)
    {
        using var network = model.Model.ToNetwork();
        return [.. network.Parameters.SelectMany(parameter => parameter.Value.Span.ToArray())];
    }

    /// <summary>Cancels after the first batch of the third epoch, in the middle of a text.</summary>
    public sealed class Canceller(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Epoch == 2) source.Cancel();
        }
    }
}
