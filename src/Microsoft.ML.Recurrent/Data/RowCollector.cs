using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Collects row by row: each row holds one whole sequence (and its static numbers). An empty sequence has no answer.</summary>
internal sealed class RowCollector : IExampleCollector
{
    private readonly DataViewRow _row;
    private readonly (SequenceReader Reader, int Input)[] _sequences;
    private readonly (NumberReader Reader, int Input)[] _statics;

    /// <summary>Opens the model's input columns of a row whose schema has passed <see cref="Check"/>.</summary>
    public RowCollector(DataViewRow row, ModelManifest manifest)
    {
        _row = row;
        var inputs = manifest.Inputs.Select((column, index) => (Column: column, Index: index)).ToArray();
        _sequences = [.. inputs.Where(input => input.Column.Kind is not InputKind.Static)
            .Select(input => (SequenceReader.Create(row, Resolve(row.Schema, input.Column)), input.Index))];
        _statics = [.. inputs.Where(input => input.Column.Kind is InputKind.Static)
            .Select(input => (NumberReader.Create(row, row.Schema[input.Column.Name], input.Column.Features), input.Index))];
    }

    public bool Collect(ScoringBatch batch)
    {
        var (first, input) = _sequences[0];
        var time = first.Read();
        for (var i = 1; i < _sequences.Length; i++)
        {
            var steps = _sequences[i].Reader.Read();
            if (steps != time)
                throw ColumnErrors.Value("feature", _sequences[i].Reader.Column.Name, _row.Position,
                    $"holds {steps} steps where the column '{first.Column.Name}' holds {time}: channels of one sequence must be equally long.");
        }
        if (batch.Manifest.Inputs[input].Time is { } expected && time != expected)
            throw ColumnErrors.Value("feature", first.Column.Name, _row.Position, $"holds {time} steps where the model was trained on {expected}.");
        if (time == 0) return false;
        var example = batch.Add(time);
        foreach (var (reader, index) in _sequences)
        {
            if (reader.Column.IsTokens) Widen(reader.Tokens, batch.Tokens(example, index));
            else reader.Values.CopyTo(batch.Values(example, index));
        }
        foreach (var (reader, index) in _statics) reader.Read(batch.Values(example, index));
        return true;
    }

    /// <summary>Checks that a schema has the columns that the model was trained on, and returns them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static ImmutableArray<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema)
    {
        foreach (var input in manifest.Inputs)
        {
            if (input.Kind is InputKind.Static) CheckStatic(schema, input);
            else Resolve(schema, input);
        }
        return [.. manifest.Inputs.Select(input => schema[input.Name])];
    }

    private static SequenceColumn Resolve(DataViewSchema schema, InputColumn input)
    {
        var column = SequenceColumn.Resolve(schema, input.Name);
        var matches = input.Kind is InputKind.Tokens
            ? column.Vocabulary == input.Vocabulary - input.ExtraTokens
            : !column.IsTokens && column.Features == input.Features;
        if (!matches || input.Time is { } time && column.Time is { } steps && steps != time)
        {
            var length = input.Time?.ToString() ?? "*";
            var expected = input.Kind is InputKind.Tokens
                ? $"Vector<Key<1-{input.Vocabulary - input.ExtraTokens - 1}>, {length}>"
                : $"Vector<Single, {length}, {input.Features}>";
            throw ColumnErrors.Mismatch("feature", input.Name, $"{expected}, as in training", schema[input.Name].Type.ToString()!,
                input.Kind is InputKind.Tokens && column.IsTokens ? "Score with the same mapping of values to keys that training used." : null);
        }
        return column;
    }

    private static void Widen(ReadOnlySpan<int> source, Span<long> destination)
    {
        for (var i = 0; i < source.Length; i++) destination[i] = source[i];
    }

    private static void CheckStatic(DataViewSchema schema, InputColumn input)
    {
        var (column, size) = Columns.Numbers(schema, input.Name, "static");
        if (size != input.Features)
            throw ColumnErrors.Mismatch("static", input.Name, $"{(input.Features == 1 ? "Single" : $"Vector<Single, {input.Features}>")}, as in training",
                column.Type.ToString()!);
    }
}
