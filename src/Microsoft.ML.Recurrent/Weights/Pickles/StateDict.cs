using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>Finds the dictionary of tensors in the value of a pickle: a state dict, or a training checkpoint that has one under a key.</summary>
internal static class StateDict
{
    // Cyclic and shared values of a forged pickle end the search.
    private const int DepthLimit = 6, CountLimit = 10_000;

    // The keys that training programs use.
    private static readonly string[] s_usual = ["state_dict", "model_state_dict", "model", "model_state", "module", "net", "network", "weights"];

    /// <summary>The tensors of the state dict.</summary>
    /// <param name="root">The value of the pickle.</param>
    /// <param name="section">The keys that lead to the state dict, with dots between them; null to find it.</param>
    /// <param name="read">Reads the bytes of a storage.</param>
    /// <exception cref="InvalidDataException">There is no such dictionary, or there are several.</exception>
    public static List<StoredTensor> Find(object? root, string? section, Func<PickledStorage, byte[]> read)
    {
        var found = new List<(string Path, PickledDictionary Dictionary)>();
        Collect("", root, 0, found);
        var usual = section is null ? s_usual : [section];
        var chosen = usual.Select(key => found.FirstOrDefault(one => one.Path == key)).FirstOrDefault(one => one.Dictionary is not null).Dictionary
            ?? (section is null && found.Count == 1 ? found[0].Dictionary : null)
            ?? throw new InvalidDataException(found.Count == 0
                ? "it has no dictionary of tensors. Save the weights in Python by torch.save(model.state_dict(), path)"
                : $"it has dictionaries of tensors under {string.Join(", ", found.Select(one => $"'{one.Path}'"))}"
                    + (section is null ? ": name one by the option Section" : $", but none under '{section}', the option Section"));
        return [.. chosen.Tensors.Select(entry => entry.Value.Named(entry.Key, read))];
    }

    private static void Collect(string path, object? value, int depth, List<(string, PickledDictionary)> found)
    {
        if (value is not PickledDictionary dictionary || depth > DepthLimit || found.Count > CountLimit || found.Any(one => one.Item2 == dictionary)) return;
        if (dictionary.Tensors.Any()) found.Add((path, dictionary));
        foreach (var (key, inner) in dictionary.Named)
            // Moments of an optimizer have the shapes of weights.
            if (!key.StartsWith("optim", StringComparison.OrdinalIgnoreCase)) Collect(path.Length == 0 ? key : $"{path}.{key}", inner, depth + 1, found);
    }
}
