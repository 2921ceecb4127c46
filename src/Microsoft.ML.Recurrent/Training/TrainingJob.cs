using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Examples and which of them are meant.</summary>
internal readonly record struct ExampleSet(IExampleSource Source, int[] Examples)
{
    public ExampleBatches Batches(int size) => new(Source, Examples, size);
}

/// <summary>All that a task gives to be trained; the same steps for every task follow from it.</summary>
internal sealed class TrainingJob
{
    private const int ValidationBatchSize = 256;

    public required NetworkDescription Description { get; init; }

    public required ExampleSet Train { get; init; }

    public ExampleSet? Validation { get; init; }

    public required ModelManifest Manifest { get; init; }

    /// <summary>Puts the figures of the training part into the network's fixed parameters.</summary>
    public required Action<Network> Prepare { get; init; }

    /// <summary>Makes the task's head upon a network that is prepared.</summary>
    public required Func<Network, Head> CreateHead { get; init; }

    /// <summary>What is left to do once the weights are learned (a forecaster's intervals), and what the manifest is then; null for nothing.</summary>
    public Func<Network, Head, TrainingChannel, ModelManifest>? Finish { get; init; }

    /// <summary>Trains and makes the model.</summary>
    public RecurrentModel Run(RecurrentTrainerOptions options, ulong seed, TrainingChannel channel)
    {
        var initial = options.InitialModel;
        using var network = initial is null ? new Network(Description, seed) : FineTuning.CreateNetwork(initial, Description);
        if (initial is null)
        {
            options.Initialize(network, seed);
            Prepare(network);
        }

        var head = CreateHead(network);
        if (initial is not null) FineTuning.CopyHead(initial, head, Manifest.Task);
        FineTuning.Freeze(network, options.FrozenLayers);
        channel.Info($"Training on {Train.Examples.Length} sequences{(Validation is { } held ? $", validating on {held.Examples.Length}" : "")}.");
        var loop = new TrainingLoop(network, head, options.Settings(seed));
        var history = loop.Run(Train.Batches(options.BatchSizeFor(Train.Examples.Length)), Validation?.Batches(ValidationBatchSize), channel, channel.Token);
        channel.Complete();
        return RecurrentModel.Create(network, head, Finish?.Invoke(network, head, channel) ?? Manifest, history);
    }
}
