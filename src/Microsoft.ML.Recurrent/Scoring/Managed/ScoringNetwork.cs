using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Scoring.Managed;

/// <summary>
/// The network of a model with its head, for scoring by the kernels that train it. Shared by all scorers of a transformer and by several threads; its weights
/// are freed when none of them is left.
/// </summary>
internal sealed class ScoringNetwork
{
    // All gates of all steps of a part are computed before its first step. These many floats (2 MiB) stay in the second-level cache.
    private const int CachedNumbers = 1 << 19;

    // The kernels' tiles hold several rows: with fewer, weights are read more often.
    private const int FewRows = 16;

    // Queueing a batch takes time too.
    private const int PartsOfBatch = 2;

    private readonly Network _network;
    private readonly Head _head;
    private readonly long _bytes;
    private readonly int _largestStep;

    // Throws nothing: a half-made object would be finalized too.
    private ScoringNetwork(Network network, Head head)
    {
        (_network, _head) = (network, head);
        _largestStep = LayersOf(network.Description).OfType<RecurrentDescription>().Max(layer => layer.Descriptor.Gates * layer.HiddenSize);
        _bytes = network.Parameters.Sum(parameter => (long)parameter.Value.Length * sizeof(float));
        // The weights are native memory, which the garbage collector does not see.
        GC.AddMemoryPressure(_bytes);
    }

    ~ScoringNetwork()
    {
        _network.Dispose();
        _head.Dispose();
        GC.RemoveMemoryPressure(_bytes);
    }

    /// <summary>The network.</summary>
    public Network Network => _network;

    /// <summary>Makes predictions of its outputs.</summary>
    public Head Head => _head;

    /// <summary>Whether kernels of this processor are faster than those of ONNX Runtime: not measured for others than these vectors.</summary>
    public static bool IsFaster => CpuKernels.Current.VectorWidth >= 8;

    /// <summary>Rows of so many steps whose numbers stay in the cache.</summary>
    public int RowsOf(int time) => (int)Math.Max(FewRows, CachedNumbers / ((long)_largestStep * time));

    /// <summary>Rows per batch if several batches are scored at once: those of a few parts, or of more if lengths vary.</summary>
    public int ParallelBatchCapacity(RecurrentModel model, ScoringOptions options) =>
        model.Description.Time is { } time ? Math.Min(options.BatchSize, PartsOfBatch * RowsOf(time)) : GraphScorer.CapacityOf(model, options);

    /// <summary>Reads the network of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="createHead">Creates the head of its task from the network; null for none.</param>
    /// <param name="refusal">Why the kernels cannot score the model, in words; null if they can.</param>
    /// <returns>Null if they cannot.</returns>
    public static ScoringNetwork? TryCreate(RecurrentModel model, Func<Network, Head?> createHead, out string? refusal)
    {
        refusal = Refusal(model);
        if (refusal is not null) return null;
        Network? network = null;
        Head? head = null;
        ScoringNetwork? created = null;
        try
        {
            var graph = model.Proto().Graph;
            network = NetworkReader.Read(model.Description, graph);
            head = createHead(network);
            if (head is null || head.Outputs != network.Description.Outputs)
            {
                refusal = "it scores whole sequences for classification, tagging, regression and autoencoding, and this is a model of the task "
                    + model.Manifest.Task;
                return null;
            }
            foreach (var parameter in head.Parameters) NetworkReader.Values(graph, parameter.Name).CopyTo(parameter.Value.Span);
            return created = new(network, head);
        }
        catch (InvalidDataException)
        {
            refusal = "its weights are of reduced precision";
            return null;
        }
        finally
        {
            if (created is null)
            {
                head?.Dispose();
                network?.Dispose();
            }
        }
    }

    private static string? Refusal(RecurrentModel model)
    {
        var manifest = model.Manifest;
        if (manifest.IsForeignGraph || model.Metadata.Network is not { } network) return "the model is a graph of another framework";
        if (network.Decoder is not null || network.FutureFeatures > 0) return $"it does not know the task {manifest.Task}";
        if (manifest.Inputs.FirstOrDefault(input => input.Kind is InputKind.Integers or InputKind.Future) is { } other)
            return $"the column '{other.Column}' is not one of numbers, of categories, of tokens or of their letters";
        if (LayersOf(network).FirstOrDefault(layer => !IsFused(layer)) is { } slow) return $"its layer '{slow.Name}' is not of the kinds that it knows";
        return network.Layers.OfType<RecurrentDescription>().Any() ? null : "it has no recurrent layer";
    }

    // Those of an autoencoder's decoder, too.
    private static IEnumerable<LayerDescription> LayersOf(NetworkDescription network) => network.Layers.Concat(network.Latent?.Layers ?? []);

    private static bool IsFused(LayerDescription layer) => layer is RecurrentDescription { IsStepped: false, Dilation: 1 } or DenseDescription
        or DropoutDescription or EmbeddingDescription or PoolingDescription or LayerNormDescription or BatchNormDescription or ActivationDescription;
}
