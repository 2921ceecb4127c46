using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>The modules of a file by the layers of a network that takes a number of features.</summary>
internal sealed class WeightsMatch
{
    private readonly Dictionary<LayerDescription, WeightModule> _modules = [];
    private readonly List<string> _missing = [];

    /// <param name="layout">The layout of the file.</param>
    /// <param name="matcher">Finds the modules.</param>
    /// <param name="body">The network, whose head has one output.</param>
    public WeightsMatch(FrameworkLayout layout, WeightMatcher matcher, Network body)
    {
        Body = body.Description;
        foreach (var layer in body.Layers.Where(layer => layer.Parameters.Count > 0))
        {
            var shapes = layer.Parameters.ToDictionary(parameter => parameter.Name[(layer.Name.Length + 1)..], parameter => Sizes(parameter.Shape));
            if (matcher.Take(layer.Description, shapes) is { } module) _modules.Add(layer.Description, module);
            else _missing.AddRange(layer.Parameters.Select(parameter => $"{parameter.Name} [{string.Join(", ", Sizes(parameter.Shape))}]"));
        }
        Width = body.HeadLayer.Weight.Shape[1];
        if (matcher.TakeHead(Width) is { } head)
        {
            var units = (int)layout.Find(head, HeadOf(1), "weight")!.Shape[0];
            (Outputs, Head) = (units, HeadOf(units));
            _modules.Add(Head, head);
        }
        Unused = [.. matcher.Unused];
    }

    /// <summary>The network without its head.</summary>
    public NetworkDescription Body { get; }

    /// <summary>The features that the head reads.</summary>
    public int Width { get; }

    /// <summary>The linear layer after the described ones; null if the file has none.</summary>
    public DenseDescription? Head { get; }

    /// <summary>The outputs of the head; 0 if the file has none.</summary>
    public int Outputs { get; }

    /// <summary>The module of each layer.</summary>
    public IReadOnlyDictionary<LayerDescription, WeightModule> Modules => _modules;

    /// <summary>Parameters of the network that the file lacks, with their shapes.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Modules that the network has no use for.</summary>
    public IReadOnlyList<WeightModule> Unused { get; }

    /// <summary>What is left on both sides.</summary>
    public int Left => Missing.Count + Unused.Count;

    /// <summary>The module of a layer, and the layer as it was matched; null if the file has none.</summary>
    public (LayerDescription Layer, WeightModule Module)? Find(string layer) =>
        _modules.FirstOrDefault(pair => pair.Key.Name == layer) is { Key: not null } found ? (found.Key, found.Value) : null;

    private static DenseDescription HeadOf(int units) => new(WeightNames.Head, units, DenseActivation.Identity);

    private static long[] Sizes(Tensors.Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => (long)shape[axis])];
}
