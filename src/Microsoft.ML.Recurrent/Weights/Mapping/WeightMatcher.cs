using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>
/// Finds the module of a file for each layer of a network: that of the same name, or the next one in the order of the file whose tensors have the shapes of the
/// layer's parameters.
/// </summary>
/// <param name="layout">The layout of the file.</param>
/// <param name="modules">The modules of the file.</param>
/// <param name="isOrdered">Whether the modules have the order of the layers.</param>
/// <param name="pinned">Modules of layers that the options name.</param>
internal sealed class WeightMatcher(FrameworkLayout layout, IReadOnlyList<WeightModule> modules, bool isOrdered,
    IReadOnlyDictionary<string, WeightModule> pinned)
{
    private static readonly Regex s_numbers = new("_?[0-9]+", RegexOptions.CultureInvariant);

    private readonly HashSet<WeightModule> _used = [];
    private int _next;

    /// <summary>Modules that no layer took.</summary>
    public IEnumerable<WeightModule> Unused => modules.Where(module => !_used.Contains(module));

    /// <summary>The features of the first layer, by the modules that could be it in the order of the file.</summary>
    public IEnumerable<int> Inputs(LayerDescription first) =>
        Candidates(first.Name).Select(module => layout.InputsOf(module, first)).OfType<int>().Distinct();

    /// <summary>Takes a module for a layer; null if there is none.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="shapes">The shapes of its parameters, by their names without that of the layer.</param>
    /// <exception cref="ArgumentException">Several modules would do, and nothing says which.</exception>
    public WeightModule? Take(LayerDescription layer, IReadOnlyDictionary<string, long[]> shapes) =>
        Choose(layer.Name, [.. Candidates(layer.Name).Where(module => Fits(module, layer, shapes))]);

    /// <summary>Takes the linear layer of any number of units that reads as many features; null if there is none.</summary>
    public WeightModule? TakeHead(int features)
    {
        var head = new DenseDescription(WeightNames.Head, 1, DenseActivation.Identity);
        return Choose(head.Name, [.. Candidates(head.Name).Where(module => layout.Find(module, head, "weight")?.Shape is [var units, var inputs]
            && inputs == features && Fits(module, head, new Dictionary<string, long[]> { ["weight"] = [units, inputs], ["bias"] = [units] }))]);
    }

    private WeightModule? Choose(string layer, WeightModule[] fitting)
    {
        if (fitting.Length == 0) return null;
        var named = pinned.GetValueOrDefault(layer) ?? fitting.FirstOrDefault(module => module.Path == layer);
        if (named is null && !isOrdered && fitting.Select(module => s_numbers.Replace(module.Path, "")).Distinct().Count() > 1)
            throw new ArgumentException(
                $"The tensors of the file have no order, and {string.Join(" and ", fitting.Select(module => $"'{module.Path}'"))} have the shapes of the layer "
                    + $"'{layer}': say by the option Names which it is.", "network");
        // In the order of the file, and from the beginning where no later one fits.
        var taken = named ?? fitting.FirstOrDefault(module => IndexOf(module) >= _next) ?? fitting[0];
        _used.Add(taken);
        if (named is null) _next = IndexOf(taken) + 1;
        return taken;
    }

    /// <summary>Whether all tensors of a module are parameters of a layer, and of their shapes; biases may be absent.</summary>
    public bool Fits(WeightModule module, LayerDescription layer, IReadOnlyDictionary<string, long[]> shapes)
    {
        var tensors = module.Tensors.Values.ToHashSet();
        foreach (var (name, shape) in shapes)
        {
            var source = layout.Find(module, layer, name);
            if (source is null ? !IsOptional(name) : !source.Shape.AsSpan().SequenceEqual(shape)) return false;
            if (source is not null) tensors.Remove(source.Tensor);
        }
        return tensors.Count == 0;
    }

    /// <summary>Whether a parameter is zero where a file lacks it.</summary>
    public static bool IsOptional(string parameter) => parameter.StartsWith("bias", StringComparison.Ordinal);

    private IEnumerable<WeightModule> Candidates(string layer) => pinned.TryGetValue(layer, out var given) ? [given]
        : modules.Where(module => !_used.Contains(module) && !pinned.Values.Contains(module));

    private int IndexOf(WeightModule module) => modules.TakeWhile(other => other != module).Count();
}
