namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>Maps the keys (tokens, classes) of new data to those of an initial model: by key values or, if one side has none, by index.</summary>
internal sealed class KeyMap
{
    private readonly int[] _sources;
    private readonly string _what;
    private readonly int _fixed;
    private readonly LabelManifest? _there;

    private KeyMap(string what, int[] sources, int @fixed, bool knowsNone, LabelManifest? there) =>
        (_what, _sources, _fixed, KnowsNone, _there) = (what, sources, @fixed, knowsNone, there);

    /// <param name="what">The plural name of the keys, for messages.</param>
    /// <param name="known">Number of keys of the initial model.</param>
    /// <param name="wanted">Number of keys of the data.</param>
    /// <param name="there">The key values of the initial model; null for none.</param>
    /// <param name="here">The key values of the data; null for none.</param>
    /// <param name="first">The index of the first key: 1 if index 0 means missing.</param>
    /// <param name="markerThere">The index of the initial model's marker, which is not a key; null for none.</param>
    /// <param name="markerHere">The index of the new marker.</param>
    /// <exception cref="ArgumentException">Without values, there are fewer keys than in the initial model: they cannot be matched.</exception>
    public static KeyMap Find(string what, int known, int wanted, LabelManifest? there, LabelManifest? here, int first = 0, int? markerThere = null,
        int? markerHere = null)
    {
        var sources = new int[wanted];
        Array.Fill(sources, -1);
        for (var i = 0; i < first; i++) sources[i] = i;
        if (there is not null && here is not null)
        {
            var places = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var i = 0; i < there.Values.Length; i++) places.TryAdd(there.Values[i], first + i);
            for (var i = 0; i < here.Values.Length && first + i < wanted; i++) sources[first + i] = places.GetValueOrDefault(here.Values[i], -1);
        }
        else
        {
            var keysThere = known - (markerThere == known - 1 ? 1 : 0);
            if (wanted - (markerHere == wanted - 1 ? 1 : 0) < keysThere)
                throw new ArgumentException(
                    $"The option Network.Initialization.Model holds a network of {known} {what}, but these data have only {wanted}, and the keys' values, by "
                        + $"which those that stay could be told, are not known.", "Network.Initialization.Model");
            for (var i = first; i < keysThere; i++) sources[i] = i;
        }

        var none = sources.Skip(first).All(source => source < 0);
        if (markerHere is { } marker) sources[marker] = markerThere ?? -1;
        return new(what, sources, first, none, here is null ? null : there);
    }

    /// <summary>Maps an index that is no key, such as that of a marker.</summary>
    public KeyMap Add(int here, int there)
    {
        _sources[here] = there;
        return this;
    }

    /// <summary>Whether the initial model knows none of the keys.</summary>
    public bool KnowsNone { get; }

    /// <summary>The index in the initial model of each index here, -1 for one that it does not know.</summary>
    public ReadOnlySpan<int> Sources => _sources;

    /// <summary>The number of keys.</summary>
    public int Count => _sources.Length - _fixed;

    /// <summary>The number of keys that the initial model knows.</summary>
    public int Matched => _sources.Skip(_fixed).Count(source => source >= 0);

    /// <summary>The number of keys that the initial model knows; null if it knows all.</summary>
    public string? Tell() => Matched == Count ? null : $"The initial model knows {Matched} of {Count} {_what}; the others are initialized randomly.";

    /// <summary>The keys of the initial model that the data do not have, and what to do; null for none.</summary>
    public string? TellDropped()
    {
        if (_there is not { Values: var values }) return null;
        string[] dropped = [.. values.Where((_, i) => Array.IndexOf(_sources, _fixed + i) < 0)];
        return dropped.Length == 0
            ? null
            : $"The new model drops {dropped.Length} of the {values.Length} {_what} of the initial model "
                + $"({string.Join(", ", dropped.Take(3).Select(value => $"'{value}'"))}{(dropped.Length > 3 ? ", ..." : "")}), which the key mapping of these "
                + "data lacks. To keep them, map these data by the transformer of MapValueToKey that was fitted for the initial model.";
    }

    /// <summary>Copies what a square matrix of the initial model holds for two known keys; the rest stays.</summary>
    public void CopySquare(ReadOnlySpan<float> from, Span<float> to)
    {
        var (wanted, known) = (_sources.Length, (int)Math.Sqrt(from.Length));
        for (var row = 0; row < wanted; row++)
            for (var column = 0; column < wanted; column++)
                if (_sources[row] >= 0 && _sources[column] >= 0) to[row * wanted + column] = from[_sources[row] * known + _sources[column]];
    }

    /// <summary>Copies the rows of known keys from a matrix (or vector) of the initial model; the others stay.</summary>
    public void CopyRows(ReadOnlySpan<float> from, Span<float> to)
    {
        var columns = to.Length / _sources.Length;
        for (var row = 0; row < _sources.Length; row++)
            if (_sources[row] >= 0) from.Slice(_sources[row] * columns, columns).CopyTo(to[(row * columns)..]);
    }
}
