using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Collects rows for a foreign graph: whole rows, with columns of any numeric type converted to the input type, and texts.</summary>
internal sealed class ForeignCollector : IExampleCollector
{
    private readonly DataViewRow _row;
    private readonly ImmutableArray<InputColumn> _inputs;
    private readonly ForeignColumnReader?[] _readers;

    /// <summary>Opens the input columns of a row whose schema has passed <see cref="Check"/>.</summary>
    public ForeignCollector(DataViewRow row, ModelManifest manifest)
    {
        (_row, _inputs) = (row, manifest.Inputs);
        _readers = [.. _inputs.Select(input => input.ReadsColumn is not false && row.Schema.GetColumnOrNull(input.Name) is { } column
            ? ForeignColumnReader.Create(row, column)
            : null)];
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
                        $"{ColumnErrors.Holds(count, input.Kind is InputKind.Text ? "texts" : "numbers")}, but the model takes {input.Features}.");
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
            var input = _inputs[i];
            var most = input.Time ?? time;
            if (_readers[i] is not { } reader)
            {
                batch.Tokens(example, i)[0] = most;
                continue;
            }
            if (batch.Inputs[i].IsText) reader.CopyTo(batch.Texts(example, i));
            else if (batch.Inputs[i].IsInteger)
            {
                if (reader.CopyTo(batch.Tokens(example, i)) is { } other)
                    throw ColumnErrors.Value("input", input.Name, _row.Position, $"holds {other}, but the model takes whole numbers of 64 bits there.");
                StepByStep(batch.Tokens(example, i), input, time);
            }
            else if (batch.Inputs[i].IsDouble)
            {
                reader.CopyTo(batch.Doubles(example, i));
                StepByStep(batch.Doubles(example, i), input, time);
            }
            else
            {
                reader.CopyTo(batch.Values(example, i));
                StepByStep(batch.Values(example, i), input, time);
            }
            // Not every operator of the runtime checks it.
            if (input.IsLength && batch.Tokens(example, i)[0] is var length && (length < 0 || length > most))
                throw ColumnErrors.Value("length", input.Name, _row.Position,
                    $"is {length}, but its sequence has {most} steps. Give 0 to {most}, or leave lengthColumnName out for the lengths of the sequences.");
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
            if (input.ReadsColumn is false) continue;
            if (schema.GetColumnOrNull(input.Name) is not { } found)
            {
                if (input is { IsLength: true, ReadsColumn: null }) continue;
                throw ColumnErrors.Missing("input", input.Name, schema.Select(other => other.Name));
            }
            var column = ForeignColumn.Create(found);
            var isText = input.Kind is InputKind.Text;
            if (!(isText ? column.IsText : column.IsNumeric) || (input.IsSequence ? column.Sizes.Length == 0 : column.Varies || column.Size != input.Features))
                throw ColumnErrors.Mismatch("input", input.Name,
                    input.IsSequence ? $"a vector of numbers, {input.Features} per step" : $"{input.Features} {(isText ? "texts" : "numbers")}",
                    found.Type.ToString()!);
            columns.Add(found);
        }
        return [.. columns];
    }

    // The column has all steps of one number before the next: [before, time, after] becomes [time, before, after].
    private static void StepByStep<T>(Span<T> row, InputColumn input, int time)
    {
        if (input.FeaturesBeforeTime <= 1) return;
        var (source, before, after) = (row.ToArray(), input.FeaturesBeforeTime, input.Features / input.FeaturesBeforeTime);
        for (var step = 0; step < time; step++)
            for (var i = 0; i < before; i++)
                source.AsSpan((i * time + step) * after, after).CopyTo(row[((step * before + i) * after)..]);
    }
}
