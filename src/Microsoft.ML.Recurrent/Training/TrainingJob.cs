using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>What a network is trained, or validated, on.</summary>
internal interface ITrainingSet
{
    /// <summary>Examples, of whatever <see cref="Unit"/>.</summary>
    int Count { get; }

    /// <summary>What is counted, in the plural.</summary>
    string Unit { get; }

    /// <summary>The examples in batches of at most so many rows.</summary>
    IBatchSource Batches(int size);
}

/// <summary>Examples and which of them are meant.</summary>
internal readonly record struct ExampleSet(IExampleSource Source, int[] Examples) : ITrainingSet
{
    public int Count => Examples.Length;

    public string Unit => "sequences";

    public ExampleBatches Batches(int size) => new(Source, Examples, size);

    /// <summary>Every n-th of them, evenly over all, so that they are no more than so many.</summary>
    public ExampleSet Subsample(int most)
    {
        var every = Math.Max(1, (Examples.Length + most - 1) / most);
        return this with { Examples = [.. Examples.Where((_, i) => i % every == 0)] };
    }

    IBatchSource ITrainingSet.Batches(int size) => Batches(size);
}

/// <summary>All that a task gives to be trained; the same steps for every task follow from it.</summary>
internal sealed class TrainingJob
{
    private const int ValidationBatchSize = 256;

    public required NetworkDescription Description { get; init; }

    public required ITrainingSet Train { get; init; }

    public ITrainingSet? Validation { get; init; }

    public required ModelManifest Manifest { get; init; }

    /// <summary>Puts the figures of the training part into the network's fixed parameters.</summary>
    public required Action<Network> Prepare { get; init; }

    /// <summary>Makes the task's head upon a network that is prepared.</summary>
    public required Func<Network, Head> CreateHead { get; init; }

    /// <summary>Gives weights first values that the data tell, where no initial model does; null for nothing.</summary>
    public Action<Network, Head>? Start { get; init; }

    /// <summary>What is left to do once the weights are learned (a forecaster's intervals), and what the manifest is then; null for nothing.</summary>
    public Func<Network, Head, TrainingChannel, ModelManifest>? Finish { get; init; }

    /// <summary>Trains the network and head that <see cref="Begin"/> made; returns what the manifest is then, and how the run went.</summary>
    public (ModelManifest Manifest, TrainingHistory History) Run(Network network, Head head, RecurrentTrainerOptions options, ulong seed,
        TrainingChannel channel)
    {
        channel.Info($"Training on {Train.Count} {Train.Unit}{(Validation is { } held ? $", validating on {held.Count}" : "")}.");
        var loop = new TrainingLoop(network, head, options.Settings(seed));
        var history = loop.Run(Train.Batches(options.BatchSizeFor(Train.Count)), Validation?.Batches(ValidationBatchSize), channel, channel.Token);
        channel.Complete();
        return (Finish?.Invoke(network, head, channel) ?? Manifest, history);
    }

    /// <summary>Searches a learning rate for the network with which <see cref="Run"/> would begin.</summary>
    public LearningRateCurve FindLearningRate(RecurrentTrainerOptions options, ulong seed, LearningRateSearchOptions search, TrainingChannel channel)
    {
        var (network, head) = Begin(options, seed, channel);
        using var _ = network;
        channel.Info($"Searching a learning rate from {search.MinimumLearningRate:G3} to {search.MaximumLearningRate:G3} on {Train.Count} {Train.Unit}.");
        var curve = new LearningRateFinder(network, head, options.Settings(seed)).Run(Train.Batches(options.BatchSizeFor(Train.Count)), search, channel.Token);
        channel.Complete();
        channel.Info(curve.Suggestion is { } rate ? $"The loss falls fastest at a learning rate of {rate:G3}." : "The loss fell at no learning rate.");
        return curve;
    }

    /// <summary>The network and its head before the first step: anew, or those of the initial model. The network is the caller's to dispose of.</summary>
    public (Network Network, Head Head) Begin(RecurrentTrainerOptions options, ulong seed, TrainingChannel channel)
    {
        var initial = options.InitialModel;
        var network = initial is null ? new Network(Description, seed) : FineTuning.CreateNetwork(initial, Description, Manifest, seed, channel.Info);
        try
        {
            if (initial is null)
            {
                options.Initialize(network, seed);
                Prepare(network);
            }

            var head = CreateHead(network);
            if (initial is null) Start?.Invoke(network, head);
            else FineTuning.CopyHead(initial, head, options.Task);
            FineTuning.Freeze(network, options.FrozenLayers);
            return (network, head);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
