using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Collects rows with one whole sequence (and its static numbers) each. An empty sequence has no output.</summary>
internal sealed class RowCollector : IExampleCollector
{
    private readonly DataViewRow _row;
    private readonly RowReader _reader;
    private readonly int? _time;

    /// <summary>Opens the input columns of a row whose schema has passed <see cref="Check"/>.</summary>
    public RowCollector(DataViewRow row, ModelManifest manifest)
    {
        var statics = manifest.Inputs.ToLookup(input => input.Kind is InputKind.Static);
        (_row, _time) = (row, manifest.Inputs[0].Time);
        var letters = manifest.Inputs.FirstOrDefault(input => input.Kind is InputKind.Letters);
        _reader = new(row, statics[false].Where(input => input != letters).Select(input => Resolve(row.Schema, input, manifest)),
            statics[true].Select(input => (row.Schema[input.Name], input.Features)),
            letters is null ? null : new(letters.Name, letters.Features, LetterAlphabet.Create(manifest.Alphabet!)));
    }

    public bool Collect(ScoringBatch batch)
    {
        var time = _reader.Read();
        if (_time is { } expected && time != expected)
            throw ColumnErrors.Value("feature", _reader.FirstName, _row.Position,
                $"{ColumnErrors.Holds(time, "steps")}, but the model was trained on {expected}.");
        if (time == 0) return false;
        _reader.Fill(batch, batch.Add(time));
        return true;
    }

    /// <summary>Checks that a schema has the input columns of the model, and returns them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static ImmutableArray<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema)
    {
        foreach (var input in manifest.Inputs)
        {
            if (input.Kind is InputKind.Static) CheckStatic(schema, input);
            else if (input.Kind is InputKind.Letters) LetterColumn.Check(schema, input.Name);
            else Resolve(schema, input, manifest);
        }
        return [.. manifest.Inputs.Select(input => schema[input.Name])];
    }

    /// <summary>
    /// Checks a sequence column. Keys are matched by their values where both sides have them: another mapping may number them differently.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public static SequenceColumn Resolve(DataViewSchema schema, InputColumn input, ModelManifest manifest)
    {
        var column = SequenceColumn.Resolve(schema, input.Name);
        var matches = input.Kind is InputKind.Tokens ? column.IsTokens && MatchKeys()
            : !column.IsTokens && column.Features == input.Features;
        if (!matches || input.Time is { } time && column.Time is { } steps && steps != time)
        {
            var length = input.Time?.ToString() ?? "*";
            var expected = input.Kind is InputKind.Tokens
                ? $"Vector<Key<1-{input.Vocabulary - input.ExtraTokens - 1}>, {length}>"
                : $"Vector<Single, {length}, {input.Features}>";
            throw ColumnErrors.Mismatch("feature", input.Name, $"{expected}, as in training", schema[input.Name].Type.ToString()!,
                input.Kind is InputKind.Tokens && column.IsTokens ? "Score with the key mapping of training." : null);
        }
        return column;

        bool MatchKeys()
        {
            var (source, vocabulary) = (schema[input.Name], manifest.VocabularyOf(input));
            column = column with { Ids = KeyIds.Find(source, vocabulary) };
            var isWhole = column.Vocabulary == input.Vocabulary - input.ExtraTokens;
            // The answers of a language model are about its own tokens: other mappings may number them differently, or have fewer, but no others.
            return manifest.Language is not null ? column.Ids is { } own ? own.AsSpan(1).IndexOf(0) < 0 : isWhole || KeyIds.AreFirst(source, vocabulary)
                : isWhole || column.Ids is { } ids && ids.Any(static id => id > 0) || KeyIds.AreFirst(source, vocabulary);
        }
    }

    private static void CheckStatic(DataViewSchema schema, InputColumn input)
    {
        var (column, size) = Columns.Numbers(schema, input.Name, "static");
        if (size != input.Features)
            throw ColumnErrors.Mismatch("static", input.Name, $"{(input.Features == 1 ? "Single" : $"Vector<Single, {input.Features}>")}, as in training",
                column.Type.ToString()!);
    }
}
