namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>A dictionary of a pickle, in the order of its entries.</summary>
internal sealed class PickledDictionary
{
    private readonly OrderedDictionary<object, object?> _entries = [];

    /// <summary>The entries whose keys are texts.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Named =>
        _entries.Where(entry => entry.Key is string).Select(entry => KeyValuePair.Create((string)entry.Key, entry.Value));

    /// <summary>The entries with tensors.</summary>
    public IEnumerable<KeyValuePair<string, PickledTensor>> Tensors =>
        Named.Where(entry => entry.Value is PickledTensor).Select(entry => KeyValuePair.Create(entry.Key, (PickledTensor)entry.Value!));

    /// <summary>Sets an entry.</summary>
    /// <exception cref="InvalidDataException">The key is neither a text nor a number.</exception>
    public void Set(object? key, object? value)
    {
        if (key is not (string or long or bool or double)) throw new InvalidDataException("its pickle has a dictionary with keys other than texts and numbers");
        _entries[key] = value;
    }
}
