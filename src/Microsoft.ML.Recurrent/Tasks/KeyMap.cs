namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>
/// Which of an initial model's keys (tokens, classes) each of the new data's is: by what they stand for, or, where one side does not say, by their numbers.
/// </summary>
internal sealed class KeyMap
{
    private readonly int[] _sources;
    private readonly string _what;
    private readonly int _fixed;

    private KeyMap(string what, int[] sources, int @fixed, bool knowsNone) => (_what, _sources, _fixed, KnowsNone) = (what, sources, @fixed, knowsNone);

    /// <param name="what">The keys in the plural, for messages.</param>
    /// <param name="known">How many the initial model has.</param>
    /// <param name="wanted">How many the data have.</param>
    /// <param name="there">What the initial model's stand for; null where it does not say.</param>
    /// <param name="here">What the data's stand for; null where they do not say.</param>
    /// <param name="first">The place of the first key: 1 where place 0 stands for a missing one.</param>
    /// <param name="markerThere">The place of the initial model's own marker, which is no key; null for none.</param>
    /// <param name="markerHere">The place of the new one.</param>
    /// <exception cref="ArgumentException">Without values, fewer keys than the initial model has: which they are cannot be told.</exception>
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
        return new(what, sources, first, none);
    }

    /// <summary>Whether the initial model knows no key at all.</summary>
    public bool KnowsNone { get; }

    /// <summary>How many of the keys the initial model knows; null where it knows all of them.</summary>
    public string? Tell()
    {
        var fresh = _sources.Count(source => source < 0);
        return fresh == 0
            ? null
            : $"The initial model knows {_sources.Length - _fixed - fresh} of {_sources.Length - _fixed} {_what}; the others begin at random.";
    }

    /// <summary>Copies the rows of known keys from the initial model's matrix (or vector); the others stay.</summary>
    public void CopyRows(ReadOnlySpan<float> from, Span<float> to)
    {
        var columns = to.Length / _sources.Length;
        for (var row = 0; row < _sources.Length; row++)
            if (_sources[row] >= 0) from.Slice(_sources[row] * columns, columns).CopyTo(to[(row * columns)..]);
    }
}
