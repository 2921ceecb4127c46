using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// A resolved sequence column of a schema: <c>Vector&lt;Single, T, k&gt;</c> (T steps of k numbers), <c>Vector&lt;Single, *, k&gt;</c> (the number of steps
/// varies), <c>Vector&lt;Single, T&gt;</c> and <c>Vector&lt;Single&gt;</c> (k = 1), or a vector of keys, fixed or variable (tokens).
/// </summary>
internal sealed record SequenceColumn
{
    private const string Expected = "Vector<Single, T, k>, Vector<Single, *, k>, Vector<Single, T>, Vector<Single> (variable) or a vector of keys";

    public required string Name { get; init; }

    /// <summary>Number of steps per row; null if it varies.</summary>
    public int? Time { get; init; }

    /// <summary>Numbers per step; 0 for tokens.</summary>
    public int Features { get; init; }

    /// <summary>For tokens: the key count plus 1, since id 0 means missing. 0 for numbers.</summary>
    public int Vocabulary { get; init; }

    /// <summary>For tokens: those of an initial model that the data lack; their ids follow those of the data.</summary>
    public int ExtraTokens { get; init; }

    /// <summary>For tokens: all ids, with those of <see cref="ExtraTokens"/>. 0 for numbers.</summary>
    public int Tokens => Vocabulary + ExtraTokens;

    public bool IsTokens => Vocabulary > 0;

    /// <summary>For tokens: the id of each key, if keys are not the ids themselves.</summary>
    public int[]? Ids { get; init; }

    /// <summary>Finds and checks the column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public static SequenceColumn Resolve(DataViewSchema schema, string name, string role = "feature") => Resolve(Columns.Find(schema, name, role), role);

    /// <inheritdoc cref="Resolve(DataViewSchema, string, string)"/>
    public static SequenceColumn Resolve(DataViewSchema.Column column, string role = "feature")
    {
        if (column.Type is not VectorDataViewType vector)
            throw ColumnErrors.Mismatch(role, column.Name, Expected, column.Type.ToString()!,
                ColumnErrors.SequenceRemedy(false, column.Type.RawType, column.Name));
        var dimensions = vector.Dimensions;
        if (vector.ItemType is KeyDataViewType key)
        {
            if (dimensions.Length != 1) throw Mismatch("a token sequence has one dimension");
            if (key.Count is 0 or > int.MaxValue - 1) throw Mismatch("the key count must be between 1 and 2^31 - 2");
            return new() { Name = column.Name, Time = dimensions[0] > 0 ? dimensions[0] : null, Vocabulary = (int)key.Count + 1 };
        }
        if (!NumberReader.IsPossible(vector.ItemType))
            throw ColumnErrors.Mismatch(role, column.Name, Expected, vector.ToString(),
                ColumnErrors.SequenceRemedy(true, vector.ItemType.RawType, column.Name));
        if (dimensions.Length > 2) throw Mismatch("a sequence has at most two dimensions: steps, and numbers per step");
        var features = dimensions.Length == 2 ? dimensions[1] : 1;
        if (features <= 0) throw Mismatch("only the number of steps may vary: the last dimension must be known");
        return new() { Name = column.Name, Time = dimensions[0] > 0 ? dimensions[0] : null, Features = features };

        ArgumentOutOfRangeException Mismatch(string reason) => ColumnErrors.Mismatch(role, column.Name, Expected, column.Type.ToString()!, $"Here {reason}.");
    }

    /// <summary>Checks a schema shape (without sizes), so that a pipeline fails before its first step is trained.</summary>
    public static void Check(SchemaShape schema, string name, string role = "feature")
    {
        var column = Columns.Find(schema, name, role);
        var isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (!isVector || !(column.IsKey || NumberReader.IsPossible(column.ItemType)))
            throw ColumnErrors.Mismatch(role, name, Expected, ColumnErrors.Describe(column),
                ColumnErrors.SequenceRemedy(isVector, column.ItemType.RawType, name));
    }
}
