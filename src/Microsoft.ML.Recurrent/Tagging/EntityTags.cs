using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>
/// Tags of entities: O outside of any, and a prefix (B, I; also E and S) with the type of the entity, <c>B-PER</c> (Ramshaw and Marcus 1995). An entity begins
/// as conlleval has it: at B, at I after O, and where the type changes.
/// </summary>
internal sealed class EntityTags
{
    private readonly (char Prefix, int Type)[] _tags;

    private EntityTags((char, int)[] tags, ImmutableArray<string> types) => (_tags, Types) = (tags, types);

    /// <summary>The types, in ordinal order.</summary>
    public ImmutableArray<string> Types { get; }

    /// <summary>Number of tags.</summary>
    public int Count => _tags.Length;

    /// <summary>The tag O; -1 if there is none.</summary>
    public int Outside => Array.FindIndex(_tags, tag => tag.Type < 0);

    /// <summary>The tags of these names; null if some name is not the tag of an entity, or none is.</summary>
    public static EntityTags? Create(IReadOnlyList<string> names)
    {
        if (!names.All(name => name is "O" || name.Length > 2 && name[1] == '-' && name[0] is 'B' or 'I' or 'E' or 'S')) return null;
        ImmutableArray<string> types = [.. names.Where(name => name != "O").Select(name => name[2..]).Distinct().Order(StringComparer.Ordinal)];
        return types.IsEmpty ? null : new([.. names.Select(name => name is "O" ? ('O', -1) : (name[0], types.IndexOf(name[2..])))], types);
    }

    /// <summary>Whether there are no other prefixes than B and I.</summary>
    public bool IsBio => _tags.All(tag => tag.Prefix is 'O' or 'B' or 'I');

    /// <summary>The type of a tag; -1 for O and for a step without a tag.</summary>
    public int TypeOf(int tag) => tag < 0 ? -1 : _tags[tag].Type;

    /// <summary>Whether a tag may follow another one (negative at the start of a sequence): an I only after a B or an I of its type.</summary>
    public bool MayFollow(int before, int tag) => _tags[tag].Prefix != 'I' || TypeOf(before) == _tags[tag].Type;

    /// <summary>Whether an entity begins at a tag after another one.</summary>
    public bool Begins(int before, int tag) => TypeOf(tag) is >= 0 and var type
        && (_tags[tag].Prefix is 'B' or 'S' || TypeOf(before) != type || _tags[before].Prefix is 'E' or 'S');

    /// <summary>Finds the entities of a sequence.</summary>
    /// <param name="tags">The tags; negative for none, which counts as O.</param>
    /// <param name="found">Receives the entities.</param>
    public void Find(ReadOnlySpan<int> tags, List<(int Start, int End, int Type)> found)
    {
        found.Clear();
        for (int t = 0, before = -1; t < tags.Length; before = tags[t++])
        {
            if (Begins(before, tags[t])) found.Add((t, t + 1, TypeOf(tags[t])));
            else if (TypeOf(tags[t]) >= 0) found[^1] = found[^1] with { End = t + 1 };
        }
    }
}
