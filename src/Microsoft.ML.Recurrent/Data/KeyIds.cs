using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Matches the keys of a column to those of a model by their values: mappings that were fitted to different data number them differently.</summary>
internal static class KeyIds
{
    private const string SameMapping = "Use the same key mapping for both.";

    /// <summary>The model's id (from 1; 0 for unknown) of each key of the column, 0 first; null if they agree, or if one side has no values.</summary>
    /// <param name="column">The key column.</param>
    /// <param name="known">The key values of the model.</param>
    public static int[]? Find(DataViewSchema.Column column, LabelManifest? known)
    {
        if (known is null || LabelReader.KeyValues(column) is not { } here || here.Kind != known.Kind) return null;
        if (here.Values.Length <= known.Values.Length && here.Values.AsSpan().SequenceEqual(known.Values.AsSpan()[..here.Values.Length])) return null;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < known.Values.Length; i++) places.TryAdd(known.Values[i], i + 1);
        return [0, .. here.Values.Select(value => places.GetValueOrDefault(value))];
    }

    /// <summary>Whether the values of the column's keys are known to be the first ones of the model.</summary>
    public static bool AreFirst(DataViewSchema.Column column, LabelManifest? known) => known is not null
        && LabelReader.KeyValues(column) is { } here && here.Kind == known.Kind && here.Values.Length <= known.Values.Length
        && here.Values.AsSpan().SequenceEqual(known.Values.AsSpan()[..here.Values.Length]);

    /// <summary>The key values of the data, and after them those that only the initial model has, which the new model keeps.</summary>
    /// <param name="here">The key values of the data; null for none.</param>
    /// <param name="there">Those of the initial model; null for none, or for no such model.</param>
    /// <returns>The data's own where the two have nothing in common.</returns>
    public static LabelManifest? Union(LabelManifest? here, LabelManifest? there)
    {
        if (here is null || there is null || here.Kind != there.Kind) return here;
        var only = there.Values.Except(here.Values, StringComparer.Ordinal).ToImmutableArray();
        return only.Length == there.Values.Length ? here : here with { Values = here.Values.AddRange(only) };
    }

    /// <summary>The number of keys that <see cref="Union"/> added.</summary>
    public static int Extra(LabelManifest? all, LabelManifest? own) => (all?.Values.Length ?? 0) - (own?.Values.Length ?? 0);

    /// <summary>Checks that the keys of a column of the validation data have the values of the training data's keys, in the same order.</summary>
    /// <exception cref="ArgumentException">They differ: the same key would be another token or class.</exception>
    public static void CheckValidation(DataViewSchema.Column column, LabelManifest? train)
    {
        if (Find(column, train) is not { } ids) return;
        var first = 1 + Enumerable.Range(1, ids.Length - 1).TakeWhile(i => ids[i] == i).Count();
        throw new ArgumentException($"The column '{column.Name}' of the validation data has other keys than in the training data: expected "
            + $"'{train!.Values[first - 1]}' as key {first}, found '{LabelReader.KeyValues(column)!.Values[first - 1]}'. {SameMapping}", "validationData");
    }

    /// <summary>The error of validation data with another number of keys.</summary>
    public static ArgumentException OtherCount(string column, int expected, int found) => new(
        $"The column '{column}' of the validation data has other keys than in the training data: expected {expected} keys, found {found}. {SameMapping}",
        "validationData");
}
