using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>The modules of a file, and those that the options name for layers of the network.</summary>
internal sealed class NamedModules
{
    private static readonly Regex s_numbers = new("[0-9]+", RegexOptions.CultureInvariant);

    // What training programs put before all names: parallel and compiled modules, and Lightning.
    private static readonly string[] s_wrappers = ["module.", "_orig_mod.", "model."];

    private NamedModules(IReadOnlyList<WeightModule> modules, IReadOnlyDictionary<string, WeightModule> pinned, bool isOrdered) =>
        (Modules, Pinned, IsOrdered) = (modules, pinned, isOrdered);

    public IReadOnlyList<WeightModule> Modules { get; }

    /// <summary>Whether they have the order of the layers; otherwise that of the numbers in their names.</summary>
    public bool IsOrdered { get; }

    /// <summary>Modules by the names of layers.</summary>
    public IReadOnlyDictionary<string, WeightModule> Pinned { get; }

    /// <exception cref="ArgumentException">The options name a layer that the network does not have, or a layer or tensor that the file does not
    /// have.</exception>
    public static NamedModules Create(WeightsFile file, FrameworkLayout layout, RecurrentWeightsOptions options,
        string[] constants, IEnumerable<string> layers)
    {
        // Counters and random states are whole numbers, weights never are.
        StoredTensor[] tensors = [.. Strip(file.Tensors.Where(tensor => tensor.IsNumbers && !constants.Contains(tensor.Name)), options.Prefix)];
        if (tensors.Length == 0)
            throw new ArgumentException($"The file '{file.Path}' has no tensor of floating-point numbers"
                + (options.Prefix is null ? "." : $" whose name begins with '{options.Prefix}', the option Prefix."), nameof(options));
        var own = options.Names.Where(pair => pair.Key.Contains('.', StringComparison.Ordinal))
            .GroupBy(pair => pair.Key[..pair.Key.IndexOf('.', StringComparison.Ordinal)])
            .ToDictionary(group => group.Key, group => new WeightModule("tensors by the option Names", group.ToDictionary(
                pair => pair.Key[(group.Key.Length + 1)..], pair => tensors.FirstOrDefault(tensor => tensor.Name == pair.Value) ?? throw Unknown(pair))));
        var named = own.Values.SelectMany(module => module.Tensors.Values).ToHashSet();
        var modules = layout.Modules(file, [.. tensors.Where(tensor => !named.Contains(tensor))]);
        if (!layout.IsOrdered(file, modules))
            modules = [.. modules.OrderBy(module => s_numbers.Replace(module.Path, number => number.Value.PadLeft(10, '0')), StringComparer.Ordinal)];
        var pinned = new Dictionary<string, WeightModule>(own);
        string[] known = [.. layers];
        var unknown = options.Names.Select(pair => pair.Key.Split('.')[0]).FirstOrDefault(name => !known.Contains(name));
        if (unknown is not null)
            throw new ArgumentException($"The option Names has '{unknown}', but the layers of the network are {string.Join(", ", known)}.", nameof(options));
        foreach (var stack in options.Names.Where(pair => !pair.Key.Contains('.', StringComparison.Ordinal)).GroupBy(pair => pair.Value))
        {
            var names = stack.Select(pair => pair.Key).OrderBy(name => Array.IndexOf(known, name)).ToArray();
            for (var i = 0; i < names.Length; i++)
                pinned[names[i]] = modules.FirstOrDefault(module => module.Path == (names.Length == 1 ? stack.Key : TorchLayout.StackPath(stack.Key, i)))
                    ?? throw Unknown(KeyValuePair.Create(names[i], stack.Key));
        }
        return new(modules, pinned, layout.IsOrdered(file, modules));

        ArgumentException Unknown(KeyValuePair<string, string> pair) => new(
            $"The option Names has '{pair.Value}' for '{pair.Key}', which the file does not have. It "
                + $"has {string.Join(", ", tensors.Select(tensor => tensor.ToString()))}.",
            nameof(options));
    }

    private static IEnumerable<StoredTensor> Strip(IEnumerable<StoredTensor> tensors, string? prefix)
    {
        if (prefix is not null) return Without(tensors, prefix);
        while (s_wrappers.FirstOrDefault(wrapper => tensors.Any()
            && tensors.All(tensor => tensor.Name.StartsWith(wrapper, StringComparison.Ordinal))) is { } common)
            tensors = [.. Without(tensors, common)];
        return tensors;
    }

    private static IEnumerable<StoredTensor> Without(IEnumerable<StoredTensor> tensors, string prefix) =>
        tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(tensor => tensor.Named(tensor.Name[prefix.Length..]));
}
