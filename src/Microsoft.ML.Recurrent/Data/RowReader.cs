namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Reads the sequence and the statics of the current row of a cursor. Several columns of numbers are channels of one sequence, interleaved by step; columns of
/// tokens stand beside them.
/// </summary>
internal sealed class RowReader
{
    private readonly DataViewRow _row;
    private readonly SequenceReader[] _sequences;
    private readonly (NumberReader Reader, string Name)[] _statics;
    private readonly LetterColumn.Reader? _letters;
    private readonly float[] _staticNumbers, _staticRests;
    private readonly double[] _doubles;
    private readonly int _features;
    private float[] _joined = [], _rests = [];

    public RowReader(DataViewRow row, IEnumerable<SequenceColumn> sequences, IEnumerable<(DataViewSchema.Column Column, int Size)> statics,
        LetterColumn? letters = null)
    {
        _row = row;
        _letters = letters is null ? null : new(row, letters);
        _sequences = [.. sequences.Select(column => SequenceReader.Create(row, column))];
        _statics = [.. statics.Select(column => (NumberReader.Create(row, column.Column, column.Size), column.Column.Name))];
        _staticNumbers = new float[_statics.Sum(column => column.Reader.Size)];
        (_staticRests, _doubles) = (new float[_staticNumbers.Length], new double[_staticNumbers.Length]);
        _features = _sequences.Sum(reader => reader.Column.Features);
    }

    public string FirstName => _sequences[0].Column.Name;

    /// <summary>The tokens of a sequence column last read; empty for numbers.</summary>
    public ReadOnlySpan<int> Tokens(int column) => _sequences[column].Tokens;

    /// <summary>The statics last read.</summary>
    public ReadOnlySpan<float> Statics => _staticNumbers;

    /// <summary>What the statics last read lose as Single; from <see cref="JoinRests"/>.</summary>
    public ReadOnlySpan<float> StaticRests => _staticRests;

    /// <summary>Reads the current row; returns the steps of its sequence. For an empty sequence, the statics are not read.</summary>
    /// <exception cref="ArgumentException">The channels differ in length.</exception>
    public int Read()
    {
        var steps = _sequences[0].Read();
        foreach (var other in _sequences.AsSpan(1))
        {
            if (other.Read() != steps)
                throw ColumnErrors.Value("feature", other.Column.Name, _row.Position,
                    $"{ColumnErrors.Holds(other.Steps, "steps")}, but the column '{FirstName}' holds {steps}: the columns of one sequence must have the same "
                        + $"length.");
        }
        if (steps == 0) return 0;
        var offset = 0;
        foreach (var (reader, _) in _statics) offset += reader.Read(_staticNumbers.AsSpan(offset));
        return steps;
    }

    /// <summary>Writes the row last read to a batch with the columns as inputs, sequences first.</summary>
    public void Fill(ScoringBatch target, int example)
    {
        var (input, offset) = (0, 0);
        foreach (var reader in _sequences)
        {
            if (reader.Column.IsTokens) target.Write(example, input, reader.Tokens);
            else if (target.Inputs[input].IsDouble) reader.Doubles.CopyTo(target.Doubles(example, input));
            else target.Write(example, input, 0, reader.Values, reader.Column.Features);
            input++;
        }
        if (_letters is not null) StepCopy.Ids(_letters.Read(_sequences[0].Steps, FirstName), 1, target.Tokens(example, input++), 1);
        foreach (var (reader, _) in _statics)
        {
            if (target.Inputs[input].IsDouble) reader.Read(target.Doubles(example, input));
            else target.Write(example, input, 0, _staticNumbers.AsSpan(offset, reader.Size), reader.Size);
            input++;
            offset += reader.Size;
        }
    }

    /// <summary>What the numbers of the sequences last read lose as Single, as <see cref="Join"/> gives them, and the rests of the statics.</summary>
    public ReadOnlySpan<float> JoinRests()
    {
        var offset = 0;
        foreach (var (reader, _) in _statics) offset += reader.Read(_doubles.AsSpan(offset));
        for (var i = 0; i < _doubles.Length; i++) _staticRests[i] = Rounding.Rest(_doubles[i]);
        var size = _sequences[0].Steps * _features;
        SequenceBuffers.Fit(ref _rests, size);
        offset = 0;
        foreach (var reader in _sequences)
        {
            var numbers = reader.Doubles;
            var width = reader.Column.Features;
            for (var i = 0; i < numbers.Length; i++) _rests[i / width * _features + offset + i % width] = Rounding.Rest(numbers[i]);
            offset += width;
        }
        return _rests.AsSpan(0, size);
    }

    /// <summary>The numbers last read, step by step, with interleaved channels; empty for tokens.</summary>
    public ReadOnlySpan<float> Join()
    {
        if (_sequences.Length == 1) return _sequences[0].Values;
        var (offset, size) = (0, _sequences[0].Steps * _features);
        SequenceBuffers.Fit(ref _joined, size);
        foreach (var reader in _sequences)
        {
            StepCopy.Numbers(reader.Values, reader.Column.Features, _joined.AsSpan(offset), _features, reader.Column.Features);
            offset += reader.Column.Features;
        }
        return _joined.AsSpan(0, size);
    }

    /// <summary>Throws if one of the numbers last read is NaN or infinite.</summary>
    public void CheckFinite()
    {
        foreach (var reader in _sequences) reader.CheckFinite("feature", _row.Position);
        var offset = 0;
        foreach (var (reader, name) in _statics)
        {
            foreach (var value in _staticNumbers.AsSpan(offset, reader.Size))
            {
                if (float.IsFinite(value)) continue;
                throw ColumnErrors.Value("static", name, _row.Position,
                    $"holds {value}: replace it (mlContext.Transforms.ReplaceMissingValues) or filter the row before training.");
            }
            offset += reader.Size;
        }
    }
}
