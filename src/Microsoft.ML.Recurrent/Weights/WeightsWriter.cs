using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Recurrent.Weights.Files;
using Microsoft.ML.Recurrent.Weights.Mapping;
using Microsoft.ML.Recurrent.Weights.Pickles;
using Microsoft.ML.Recurrent.Weights.Safetensors;

namespace Microsoft.ML.Recurrent.Weights;

/// <summary>Writes the weights of models under the names that PyTorch's modules give them.</summary>
internal static class WeightsWriter
{
    private const string Reverse = "_reverse";

    public static void Write(RecurrentModel model, string path, IReadOnlyDictionary<string, string> names)
    {
        Action<Stream, IReadOnlyList<NamedNumbers>> write = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".safetensors" => SafetensorsWriter.Write,
            ".pt" or ".pth" => StateDictWriter.Write,
            var other => throw new ArgumentException(
                $"The extension '{other}' does not say what to write: use .safetensors, or .pt or .pth for a state dict of PyTorch.", nameof(path)),
        };
        using var network = model.ToNetwork();
        var tensors = Tensors(network, names).Concat(new[] { WeightNames.TargetMean, WeightNames.TargetScale }.Where(model.HasParameter)
            .Select(name => (name, Values: model.HeadParameter(name))).Select(one => new NamedNumbers(one.name, [one.Values.Length], one.Values))).ToList();
        if (tensors.GroupBy(tensor => tensor.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two tensors would have the name '{twice.Key}': only recurrent layers can share a name.", nameof(names));
        AtomicFile.Write(path, stream => write(stream, tensors));
    }

    private static IEnumerable<NamedNumbers> Tensors(Network network, IReadOnlyDictionary<string, string> names)
    {
        var layers = network.AllLayers.ToDictionary(layer => layer.Name);
        if (names.Keys.FirstOrDefault(name => !layers.ContainsKey(name)) is { } unknown)
            throw new ArgumentException($"There is no layer '{unknown}'. The layers are {string.Join(", ", layers.Keys)}.", nameof(names));
        var stacks = new Dictionary<string, List<string>>();
        foreach (var layer in layers.Values.Where(layer => layer.Description is RecurrentDescription))
        {
            var module = names.GetValueOrDefault(layer.Name, layer.Name);
            if (!stacks.TryGetValue(module, out var stack)) stacks.Add(module, stack = []);
            stack.Add(layer.Name);
        }
        foreach (var parameter in network.Parameters)
        {
            var dot = parameter.Name.LastIndexOf('.');
            var (layer, role) = (parameter.Name[..dot], parameter.Name[(dot + 1)..]);
            var module = names.GetValueOrDefault(layer, layer);
            if (layers.TryGetValue(layer, out var known) && known.Description is RecurrentDescription) role = Stacked(role, stacks[module].IndexOf(layer));
            yield return new(module.Length == 0 ? role : $"{module}.{role}",
                [.. Enumerable.Range(0, parameter.Shape.Rank).Select(axis => parameter.Shape[axis])],
                parameter.Value.Span.ToArray());
        }
        // PyTorch lists a shared weight under both of its names.
        if (network.Description.TieHead)
            yield return new($"{names.GetValueOrDefault(WeightNames.Head, WeightNames.Head)}.weight",
                [network.HeadLayer.Weight.Shape[0], network.HeadLayer.Weight.Shape[1]], network.HeadLayer.Weight.Value.Span.ToArray());
    }

    private static string Stacked(string role, int layer)
    {
        var reverse = role.EndsWith(Reverse, StringComparison.Ordinal);
        return FormattableString.Invariant($"{(reverse ? role[..^Reverse.Length] : role)}_l{layer}{(reverse ? Reverse : "")}");
    }
}
