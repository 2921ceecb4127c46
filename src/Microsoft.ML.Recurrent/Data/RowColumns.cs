using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The columns that a row-wise task trains on, found and checked: each row holds one whole sequence and its label.</summary>
internal sealed record RowColumns
{
    /// <summary>The sequence columns: one, or several channels of equal length.</summary>
    public required ImmutableArray<SequenceColumn> Sequences { get; init; }

    public required ImmutableArray<(DataViewSchema.Column Column, int Size)> Statics { get; init; }

    public required DataViewSchema.Column Label { get; init; }

    public required LabelRole LabelRole { get; init; }

    public DataViewSchema.Column? Weight { get; init; }

    /// <summary>Numbers to learn a row; 0 where the label is a class.</summary>
    public int TargetSize => LabelRole is LabelRole.Number or LabelRole.Numbers ? (Label.Type as VectorDataViewType)?.Size ?? 1 : 0;

    public int? Time => Sequences[0].Time;

    public int Features => Sequences.Sum(column => column.Features);

    public int Vocabulary => Sequences[0].Vocabulary;

    public int StaticSize => Statics.Sum(column => column.Size);

    public static RowColumns Resolve(DataViewSchema schema, RowColumnNames names)
    {
        var sequences = names.Sequences.Select(name => SequenceColumn.Resolve(schema, name)).ToImmutableArray();
        var first = sequences[0];
        foreach (var other in sequences.Skip(1))
        {
            if (first.IsTokens || other.IsTokens)
                throw ColumnErrors.Mismatch("feature", other.Name, "columns of numbers, where there are several", schema[first.IsTokens ? first.Name : other.Name].Type.ToString()!, "A sequence of keys stands alone.");
            if (other.Time != first.Time)
                throw ColumnErrors.Mismatch("feature", other.Name, $"as many steps as the column '{first.Name}' ({schema[first.Name].Type})", schema[other.Name].Type.ToString()!, "Channels of one sequence are equally long.");
        }
        return new()
        {
            Sequences = sequences,
            Statics = [.. names.Statics.Select(name => Columns.Numbers(schema, name, "static"))],
            Label = LabelReader.Resolve(schema, names.Label, names.LabelRole),
            LabelRole = names.LabelRole,
            Weight = names.Weight is null ? null : Columns.Scalar(schema, names.Weight, "example weight", NumberDataViewType.Single),
        };
    }

    /// <summary>The graph's inputs.</summary>
    public ImmutableArray<InputColumn> Inputs() =>
    [
        .. Sequences.Select(column => column.IsTokens ? new InputColumn(column.Name, InputKind.Tokens, column.Time, 1, column.Vocabulary) : new InputColumn(column.Name, InputKind.Sequence, column.Time, column.Features)),
        .. Statics.Select(column => new InputColumn(column.Column.Name, InputKind.Static, null, column.Size)),
    ];
}

/// <summary>The names of those columns.</summary>
internal sealed record RowColumnNames(ImmutableArray<string> Sequences, ImmutableArray<string> Statics, string Label, LabelRole LabelRole, string? Weight)
{
    /// <summary>Checks what a schema shape tells, before anything is trained.</summary>
    public void Check(SchemaShape schema)
    {
        foreach (var name in Sequences) SequenceColumn.Check(schema, name);
        foreach (var name in Statics) Columns.CheckNumbers(schema, name, "static");
        LabelReader.Check(schema, Label, LabelRole);
        if (Weight is not null) Columns.CheckScalar(schema, Weight, "example weight", NumberDataViewType.Single);
    }
}
