using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The columns of a translation: those it reads, and those it adds.</summary>
internal static class TranslationColumns
{
    public const string Source = "source", Target = "target", Copied = "copied";

    private const string Keys = "a vector of keys with text as key values", Texts = "a vector of text, one for each source token";

    /// <summary>Finds a column of tokens, and reads its key values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, of another type, or its keys have no texts.</exception>
    public static (SequenceColumn Column, LabelManifest Values) Resolve(DataViewSchema schema, string name, string role)
    {
        var column = Columns.Find(schema, name, role);
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType } type)
        {
            throw ColumnErrors.Mismatch(role, name, Keys, column.Type.ToString()!,
                Remedy(Columns.ItemType(column.Type), name, column.Type is VectorDataViewType));
        }
        if (LabelReader.KeyValues(column) is not { Kind: LabelKind.Text } values || values.Values.Length != (int)((KeyDataViewType)type.ItemType).Count)
        {
            throw ColumnErrors.Mismatch(role, name, Keys, $"{column.Type} without such values",
                $"Map the tokens, as text, to keys by mlContext.Transforms.Text.BuildVocabulary(\"{name}\", ...): the values are what is written.");
        }
        return (SequenceColumn.Resolve(column, role), values);
    }

    /// <summary>Checks what a schema shape tells about a column of tokens.</summary>
    public static void Check(SchemaShape schema, string name, string role)
    {
        var column = Columns.Find(schema, name, role);
        var isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (!isVector || !column.IsKey) throw ColumnErrors.Mismatch(role, name, Keys, ColumnErrors.Describe(column), Remedy(column.ItemType, name, isVector));
    }

    /// <summary>Checks what a schema shape tells about the column of source tokens as text.</summary>
    public static void CheckTexts(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Copied);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || column.ItemType is not TextDataViewType)
            throw ColumnErrors.Mismatch(Copied, name, Texts, ColumnErrors.Describe(column));
    }

    /// <summary>Finds the column of source tokens as text.</summary>
    public static DataViewSchema.Column ResolveTexts(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, Copied);
        return column.Type is VectorDataViewType { ItemType: TextDataViewType } ? column
            : throw ColumnErrors.Mismatch(Copied, name, Texts, column.Type.ToString()!);
    }

    /// <summary>The columns that are added, and what each holds.</summary>
    public static (ImmutableArray<OutputColumn> Columns, ImmutableArray<TranslationAnswer> Answers) Added(TranslationOutputOptions options)
    {
        var all = Named(options).ToArray();
        return ([.. all.Select(column => Column(column.Name, column.Answer))], [.. all.Select(column => column.Answer)]);
    }

    /// <summary>The schema shapes of these columns before training.</summary>
    public static IEnumerable<SchemaShape.Column> Shapes(TranslationOutputOptions options)
    {
        foreach (var (name, answer) in Named(options))
        {
            var column = Column(name, answer);
            yield return new(name, column.Varies ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Scalar,
                column.Kind is OutputKind.Text ? TextDataViewType.Instance : column.Kind is OutputKind.Boolean ? BooleanDataViewType.Instance
                    : NumberDataViewType.Single, false);
        }
    }

    private static OutputColumn Column(string name, TranslationAnswer answer) => answer switch
    {
        TranslationAnswer.Text => new(name, OutputKind.Text),
        TranslationAnswer.Tokens or TranslationAnswer.Texts => new(name, OutputKind.Text) { Varies = true },
        TranslationAnswer.IsComplete => new(name, OutputKind.Boolean),
        TranslationAnswer.LogProbability or TranslationAnswer.Score => new(name, OutputKind.Single),
        TranslationAnswer.Scores or TranslationAnswer.Attention => new(name, OutputKind.Single) { Varies = true },
        _ => throw new InvalidOperationException($"No column is known for {answer}."),
    };

    private static IEnumerable<(string Name, TranslationAnswer Answer)> Named(TranslationOutputOptions options)
    {
        (string? Name, TranslationAnswer Answer)[] all =
        [
            (options.TextColumnName, TranslationAnswer.Text), (options.TokensColumnName, TranslationAnswer.Tokens),
            (options.LogProbabilityColumnName, TranslationAnswer.LogProbability), (options.ScoreColumnName, TranslationAnswer.Score),
            (options.IsCompleteColumnName, TranslationAnswer.IsComplete), (options.TextsColumnName, TranslationAnswer.Texts),
            (options.ScoresColumnName, TranslationAnswer.Scores), (options.AttentionColumnName, TranslationAnswer.Attention),
        ];
        return all.Where(column => column.Name is not null).Select(column => (column.Name!, column.Answer));
    }

    private static string? Remedy(DataViewType item, string name, bool isVector) =>
        isVector ? ColumnErrors.KeyRemedy(name) : ColumnErrors.SequenceRemedy(false, item.RawType, name);
}
