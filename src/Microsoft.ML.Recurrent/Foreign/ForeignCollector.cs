using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Collects rows for a foreign graph: whole rows, with columns of any numeric type converted to the input type.</summary>
internal sealed class ForeignCollector : IExampleCollector
{
    private readonly DataViewRow _row;
    private readonly ImmutableArray<InputColumn> _inputs;
    private readonly ForeignColumnReader?[] _readers;

    /// <summary>Opens the input columns of a row whose schema has passed <see cref="Check"/>.</summary>
    public ForeignCollector(DataViewRow row, ModelManifest manifest)
    {
        (_row, _inputs) = (row, manifest.Inputs);
        _readers = [.. _inputs.Select(input => row.Schema.GetColumnOrNull(input.Name) is { } column ? ForeignColumnReader.Create(row, column) : null)];
    }

    public bool Collect(ScoringBatch batch)
    {
        var time = 1;
        string? sequence = null;
        for (var i = 0; i < _inputs.Length; i++)
        {
            if (_readers[i] is not { } reader) continue;
            var input = _inputs[i];
            var count = reader.Read();
            if (!input.IsSequence)
            {
                if (count != input.Features)
                    throw ColumnErrors.Value("input", input.Name, _row.Position,
                        $"{ColumnErrors.Holds(count, "numbers")}, but the model takes {input.Features}.");
                continue;
            }
            if (count % input.Features != 0)
                throw ColumnErrors.Value("input", input.Name, _row.Position, $"holds {count} numbers, which is not a multiple of {input.Features} per step.");
            var steps = count / input.Features;
            if (sequence is not null && steps != time)
                throw ColumnErrors.Value("input", input.Name, _row.Position, $"holds {steps} steps, but the column '{sequence}' holds {time}.");
            (time, sequence) = (steps, input.Name);
        }
        if (time == 0) return false;
        var example = batch.Add(time);
        for (var i = 0; i < _inputs.Length; i++)
        {
            if (_readers[i] is { } reader)
            {
                if (_inputs[i].Kind is InputKind.Tokens or InputKind.Integers) reader.CopyTo(batch.Tokens(example, i));
                else reader.CopyTo(batch.Values(example, i));
                // Not every operator of the runtime checks it.
                if (_inputs[i].IsLength && batch.Tokens(example, i)[0] is var length && (length < 0 || length > time))
                    throw ColumnErrors.Value("length", _inputs[i].Name, _row.Position, $"is {length}, but its sequence has {time} steps.");
            }
            else batch.Tokens(example, i)[0] = time;
        }
        return true;
    }

    /// <summary>Checks that a schema has the bound input columns, and returns them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static ImmutableArray<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema)
    {
        List<DataViewSchema.Column> columns = [];
        foreach (var input in manifest.Inputs)
        {
            if (schema.GetColumnOrNull(input.Name) is not { } column)
            {
                if (input.IsLength) continue;
                throw ColumnErrors.Missing("input", input.Name, schema.Select(other => other.Name));
            }
            var sizes = SizesOf(column);
            var size = sizes.Aggregate(1L, (product, one) => product * one);
            if (!ForeignColumnReader.IsNumeric(column.Type) || (input.IsSequence ? sizes.Length == 0 : size != input.Features))
                throw ColumnErrors.Mismatch("input", input.Name,
                    input.IsSequence ? $"a vector of numbers, {input.Features} per step" : $"{input.Features} numbers", column.Type.ToString()!);
            columns.Add(column);
        }
        return [.. columns];
    }

    /// <summary>The sizes of a column: none for a scalar, 0 for a varying size.</summary>
    public static int[] SizesOf(DataViewSchema.Column column) => column.Type is VectorDataViewType vector ? [.. vector.Dimensions] : [];
}
