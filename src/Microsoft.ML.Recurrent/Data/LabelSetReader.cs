using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Reads several binary labels of a row, 1 or 0 each: a vector of Booleans, of the numbers 0 and 1 (NaN for a label that is not known), or of the keys of those
/// labels that the row has.
/// </summary>
internal abstract class LabelSetReader
{
    /// <summary>Reads the current row: a number for each label of the column, and NaN for those after them.</summary>
    public abstract void Read(Span<float> labels);

    /// <summary>The number of labels of a column.</summary>
    public static int Count(DataViewSchema.Column column) =>
        Columns.ItemType(column.Type) is KeyDataViewType key ? (int)key.Count : ((VectorDataViewType)column.Type).Size;

    /// <summary>The names of the labels, by key values or slots; null for none.</summary>
    public static LabelManifest? Names(DataViewSchema.Column column)
    {
        if (Columns.ItemType(column.Type) is KeyDataViewType) return LabelReader.KeyValues(column) is { } keys ? new(LabelKind.Text, keys.Values) : null;
        return LabelReader.SlotNames(column) is { Length: > 0 } names ? new(LabelKind.Text, [.. names]) : null;
    }

    /// <summary>Checks that the labels of the validation data have the names of those of the training data, in the same order.</summary>
    /// <exception cref="ArgumentException">They differ.</exception>
    public static void CheckValidation(DataViewSchema.Column validation, DataViewSchema.Column train)
    {
        if (Names(validation) is not { Values: var found } || Names(train) is not { Values: var expected } || found.SequenceEqual(expected)) return;
        var first = found.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
        throw new ArgumentException($"The label column '{validation.Name}' of the validation data has other labels than in the training data: expected "
            + $"'{expected.ElementAtOrDefault(first)}' as label {first + 1}, found '{found.ElementAtOrDefault(first)}'. Use the same mapping for both.",
            "validationData");
    }

    public static LabelSetReader Create(DataViewRow row, DataViewSchema.Column column) => Columns.ItemType(column.Type) switch
    {
        KeyDataViewType => new Keys(row, column),
        BooleanDataViewType => new Booleans(row, column),
        _ => new Numbers(row, column),
    };

    private static void CheckCount(DataViewRow row, DataViewSchema.Column column, int count)
    {
        if (count != Count(column))
        {
            throw ColumnErrors.Value("label", column.Name, row.Position,
                $"{ColumnErrors.Holds(count, "labels")}, but the column type has {Count(column)}.");
        }
    }

    private sealed class Keys(DataViewRow row, DataViewSchema.Column column) : LabelSetReader
    {
        private readonly StepLabelReader _keys = StepLabelReader.Create(row, column);
        private readonly int _count = Count(column);

        public override void Read(Span<float> labels)
        {
            labels[.._count].Clear();
            labels[_count..].Fill(float.NaN);
            // Missing keys are no labels.
            foreach (var label in _keys.Read())
                if (label >= 0) labels[label] = 1;
        }
    }

    private sealed class Booleans(DataViewRow row, DataViewSchema.Column column) : LabelSetReader
    {
        private readonly ValueGetter<VBuffer<bool>> _getter = VectorGetter.Open<bool>(row, column);
        private VBuffer<bool> _vector;

        public override void Read(Span<float> labels)
        {
            _getter(ref _vector);
            CheckCount(row, column, _vector.Length);
            labels[.._vector.Length].Clear();
            labels[_vector.Length..].Fill(float.NaN);
            foreach (var (label, isTrue) in _vector.Items()) labels[label] = isTrue ? 1 : 0;
        }
    }

    private sealed class Numbers(DataViewRow row, DataViewSchema.Column column) : LabelSetReader
    {
        private readonly NumberVector _vector = NumberVector.Open(row, column);

        public override void Read(Span<float> labels)
        {
            CheckCount(row, column, _vector.Read());
            var values = _vector.Values;
            labels[values.Length..].Fill(float.NaN);
            values.CopyTo(labels);
            foreach (var value in values)
            {
                if (value is 0 or 1 or float.NaN) continue;
                throw ColumnErrors.Value("label", column.Name, row.Position, string.Create(CultureInfo.InvariantCulture,
                    $"holds {value}: labels are 0 or 1, or NaN for one that is not known."));
            }
        }
    }
}
