using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Reads a sequence column of the current row (dense or sparse, numbers or keys) into a buffer that never shrinks. One reader belongs to one cursor. <code>var
/// steps = reader.Read(); reader.Values.CopyTo(...)</code>
/// </summary>
internal abstract class SequenceReader
{
    protected SequenceReader(SequenceColumn column) => Column = column;

    public SequenceColumn Column { get; }

    /// <summary>Steps of the sequence last read; 0 for an empty one.</summary>
    public int Steps { get; protected set; }

    /// <summary>The numbers last read, step by step: <see cref="Steps"/> x features. Empty for tokens.</summary>
    public virtual ReadOnlySpan<float> Values => default;

    /// <summary>The numbers last read as Double, likewise.</summary>
    public virtual ReadOnlySpan<double> Doubles => default;

    /// <summary>The ids last read: 0 for a missing or unknown key, 1 to vocabulary - 1 otherwise. Empty for numbers.</summary>
    public virtual ReadOnlySpan<int> Tokens => default;

    /// <summary>Reads the current row; returns its number of steps.</summary>
    /// <exception cref="ArgumentException">The length of the row is not a multiple of the numbers per step, or does not match the column type.</exception>
    public abstract int Read();

    /// <summary>
    /// Opens a column of a row (a cursor, or the row of a PredictionEngine). The schema of the row must have the column as <paramref name="column"/>.
    /// </summary>
    public static SequenceReader Create(DataViewRow row, SequenceColumn column)
    {
        var source = Columns.Find(row.Schema, column.Name, "feature");
        var raw = ((VectorDataViewType)source.Type).ItemType.RawType;
        if (!column.IsTokens) return new Numbers(row, source, column);
        return raw == typeof(uint) ? new Keys<uint>(row, source, column, static key => key)
            : raw == typeof(byte) ? new Keys<byte>(row, source, column, static key => key)
            : raw == typeof(ushort) ? new Keys<ushort>(row, source, column, static key => key)
            : raw == typeof(ulong) ? new Keys<ulong>(row, source, column, static key => key)
            : throw ColumnErrors.Mismatch("feature", column.Name, "keys", source.Type.ToString()!);
    }

    /// <summary>Throws if one of the numbers last read is NaN or infinite.</summary>
    public void CheckFinite(string role, long position)
    {
        var values = Values;
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i])) continue;
            throw ColumnErrors.Value(role, Column.Name, position,
                $"holds {values[i]} at step {i / Column.Features}: replace it (mlContext.Transforms.ReplaceMissingValues) or filter the row before training.");
        }
    }

    private int Count(int length, int width, DataViewRow row)
    {
        if (length % width != 0)
            throw ColumnErrors.Value("feature", Column.Name, row.Position, $"holds {length} numbers, which is not a multiple of the {width} per step.");
        var steps = length / width;
        if (Column.Time is { } time && steps != time)
            throw ColumnErrors.Value("feature", Column.Name, row.Position, $"{ColumnErrors.Holds(steps, "steps")}, but the column type has {time}.");
        return steps;
    }

    private sealed class Numbers(DataViewRow row, DataViewSchema.Column source, SequenceColumn column) : SequenceReader(column)
    {
        private readonly NumberVector _vector = NumberVector.Open(row, source);

        public override ReadOnlySpan<float> Values => _vector.Values;

        public override ReadOnlySpan<double> Doubles => _vector.Doubles;

        public override int Read() => Steps = Count(_vector.Read(), Column.Features, row);
    }

    private sealed class Keys<TKey> : SequenceReader where TKey : unmanaged
    {
        private readonly DataViewRow _row;
        private readonly ValueGetter<VBuffer<TKey>> _getter;
        private readonly Func<TKey, ulong> _id;
        private VBuffer<TKey> _vector;
        private int[] _tokens = [];

        public Keys(DataViewRow row, DataViewSchema.Column source, SequenceColumn column, Func<TKey, ulong> id) : base(column) =>
            (_row, _getter, _id) = (row, VectorGetter.Open<TKey>(row, source), id);

        public override ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Steps);

        public override int Read()
        {
            _getter(ref _vector);
            Steps = Count(_vector.Length, 1, _row);
            if (_tokens.Length < Steps) _tokens = new int[Math.Max(Steps, 2 * _tokens.Length)];
            var values = _vector.GetValues();
            var indices = _vector.GetIndices();
            if (!_vector.IsDense) _tokens.AsSpan(0, Steps).Clear();
            for (var i = 0; i < values.Length; i++)
            {
                var id = _id(values[i]);
                // Keys above the count of training are unknown, as in ML.NET's own mapping.
                _tokens[_vector.IsDense ? i : indices[i]] = id >= (ulong)Column.Vocabulary ? 0 : Column.Ids is { } ids ? ids[id] : (int)id;
            }
            return Steps;
        }
    }
}
