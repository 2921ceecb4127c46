using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The in-memory examples of a row-wise task: the numbers (or tokens) of all rows in one store, and the position, length, statics, label and weight of each
/// row.
/// </summary>
internal sealed partial class RowExamples : IExampleSource
{
    private readonly RowColumns _columns;
    private readonly ChunkStore<float> _values = new();
    private readonly ChunkStore<int> _tokens = new();
    // Of the numbers, if there are some, and of each column of tokens.
    private readonly List<long> _positions = [];
    private readonly (int Column, List<long> Places)[] _tokenPlaces;
    private readonly List<int> _lengths = [];
    private readonly List<float> _statics = [];
    private readonly List<float> _targets = [];
    private readonly List<int> _labels = [];
    private readonly ChunkStore<int> _stepLabels = new(), _letters = new();
    private readonly ChunkStore<float> _stepTargets = new();
    private readonly List<long> _stepPlaces = [], _letterPlaces = [];
    private readonly List<float> _weights = [];
    private readonly TrainingTarget _target;

    // In the store, channels are interleaved, and so are statics.
    private RowExamples(RowColumns columns)
    {
        (_columns, Columns) = (columns, columns);
        _target = new([new("Numbers", InputKind.Sequence, columns.Time, columns.Features), new("Statics", InputKind.Static, null, columns.StaticSize),
            .. columns.Vocabulary > 0 ? [columns.Inputs()[0]] : ImmutableArray<InputColumn>.Empty]);
        _tokenPlaces = [.. Enumerable.Range(0, columns.Sequences.Length).Where(column => columns.Sequences[column].IsTokens)
            .Select(column => (column, new List<long>()))];
    }

    /// <summary>The columns, with the origins of numbers that are more than Singles.</summary>
    public RowColumns Columns { get; private set; }

    /// <summary>What is said of numbers that cannot be told apart.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    public int Count => _lengths.Count;

    public bool VariesInLength => _columns.Time is null;

    /// <summary>The classes to stratify a split by; empty for none.</summary>
    public IReadOnlyList<int> Strata => _stepPlaces.Count > 0 ? [] : _labels;

    /// <summary>The class of each example; empty for numeric labels.</summary>
    public IReadOnlyList<int> Labels => _labels;

    public int Length(int example) => _lengths[example];

    /// <summary>Reads all rows.</summary>
    /// <exception cref="ArgumentException">There are no rows, or a row is empty or holds NaN.</exception>
    public static RowExamples Read(IDataView data, RowColumns columns, string parameterName, CancellationToken cancellationToken)
    {
        var examples = new RowExamples(columns);
        var active = columns.Sequences.Select(column => data.Schema[column.Name]).Concat(columns.Statics.Select(column => column.Column));
        if (columns.LabelRole is not LabelRole.None) active = active.Append(columns.Label);
        if (columns.SequenceLabel is { } sequenceLabel) active = active.Append(sequenceLabel);
        if (columns.Letters is { } letters) active = active.Append(data.Schema[letters.Name]);
        if (columns.Weight is { } weightColumn) active = active.Append(weightColumn);
        using var cursor = data.GetRowCursor(active.DistinctBy(column => column.Index));
        examples.Read(cursor, cancellationToken);
        if (examples.Count == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the trainer.", parameterName);
        return examples;
    }

    /// <summary>Mean and standard deviation of the features over the steps of the given examples. Those of weight 0 do not count, as in the loss.</summary>
    public Moments FeatureMoments(ReadOnlySpan<int> examples)
    {
        var moments = new Moments(_columns.Features);
        foreach (var example in examples) if (WeightOf(example) > 0) moments.Add(Values(example));
        return moments;
    }

    public Moments StaticMoments(ReadOnlySpan<int> examples)
    {
        var moments = new Moments(_columns.StaticSize);
        foreach (var example in examples) if (WeightOf(example) > 0) moments.Add(Statics(example));
        return moments;
    }

    public Moments TargetMoments(ReadOnlySpan<int> examples)
    {
        var moments = new Moments(_columns.TargetSize);
        foreach (var example in examples) if (WeightOf(example) > 0) moments.Add(HasStepTargets ? StepTargets(example) : Targets(example));
        return moments;
    }

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
    {
        var time = 0;
        foreach (var example in examples) time = Math.Max(time, _lengths[example]);
        _target.Begin(batch, examples.Length, time, _columns.TargetSize, VariesInLength, _labels.Count > 0, _weights.Count > 0,
            HasStepLabels, stepTargets: HasStepTargets);
        ClearTokensBeside(batch);
        if (_columns.Letters is not null) batch.ResizeLetters(LongestToken(examples));
        for (var row = 0; row < examples.Length; row++)
        {
            var example = examples[row];
            if (batch.Lengths is { } lengths) lengths[row] = _lengths[example];
            if (_columns.Features > 0) _target.Write(row, 0, 0, Values(example), _columns.Features);
            WriteTokens(batch, row, example);
            if (_columns.StaticSize > 0) _target.Write(row, 1, 0, Statics(example), _columns.StaticSize);
            if (HasStepTargets) StepCopy.Numbers(StepTargets(example), _columns.TargetSize, batch.Targets!.Span[(row * _columns.TargetSize)..],
                batch.Rows * _columns.TargetSize, _columns.TargetSize);
            else if (batch.Targets is { } targets) Targets(example).CopyTo(targets.Span[(row * _columns.TargetSize)..]);
            if (_labels.Count > 0) batch.Labels![row] = _labels[example];
            for (var t = 0; t < _lengths[example] && HasStepLabels; t++) batch.StepLabels![t * batch.Rows + row] = StepLabels(example)[t];
            if (_columns.Letters is { } letters) LetterRows.Write(batch, row, Letters(example), letters.Length);
            if (_weights.Count > 0) batch.Weights!.Span[row] = _weights[example];
        }
    }

    /// <summary>The numbers of the label of an example.</summary>
    public ReadOnlySpan<float> Targets(int example) => CollectionsMarshal.AsSpan(_targets).Slice(example * _columns.TargetSize, _columns.TargetSize);

    private float WeightOf(int example) => _weights.Count > 0 ? _weights[example] : 1;

    private ReadOnlySpan<float> Statics(int example) => CollectionsMarshal.AsSpan(_statics).Slice(example * _columns.StaticSize, _columns.StaticSize);

    /// <summary>The numbers of an example, step by step, less their origins.</summary>
    public ReadOnlySpan<float> Values(int example) => _values.Get(_positions[example], _lengths[example] * _columns.Features);

    private void Read(DataViewRowCursor cursor, CancellationToken cancellationToken)
    {
        var reader = new RowReader(cursor, _columns.Sequences, _columns.Statics);
        var readSteps = _columns.LabelRole is LabelRole.StepKeys ? StepLabelReader.Create(cursor, _columns.Label) : null;
        var readLetters = _columns.Letters is { } texts ? new LetterColumn.Reader(cursor, texts) : null;
        var readClass = _columns.TargetSize > 0 || _columns.LabelRole is LabelRole.None ? null
            : readSteps is not null ? _columns.SequenceLabel is { } whole ? SeriesReader.Keys(cursor, whole, key => (int)key - 1) : null
            : LabelReader.OpenClass(cursor, _columns.Label);
        var readStepTargets = HasStepTargets ? NumberVector.Open(cursor, _columns.Label) : null;
        var readLabels = _columns.LabelRole is LabelRole.LabelSet ? LabelSetReader.Create(cursor, _columns.Label) : null;
        var readTarget = _columns.TargetSize > 0 && !HasStepTargets && readLabels is null
            ? NumberReader.Create(cursor, _columns.Label, _columns.TargetSize)
            : null;
        var target = new float[_columns.TargetSize];
        RowOrigins? origins = _columns.HasWideNumbers || !_columns.Origins.IsEmpty ? new(_columns) : null;
        var readWeight = _columns.Weight is { } weightColumn ? cursor.GetGetter<float>(weightColumn) : null;
        while (cursor.MoveNext())
        {
            if ((Count & 1023) == 0) cancellationToken.ThrowIfCancellationRequested();
            var steps = reader.Read();
            if (steps == 0)
                throw ColumnErrors.Value("feature", reader.FirstName, cursor.Position, "is empty: a sequence needs at least one step; filter the row.");
            reader.CheckFinite();
            _lengths.Add(steps);
            if (_columns.Features > 0) _positions.Add(_values.Append(reader.Join()));
            foreach (var (column, places) in _tokenPlaces) places.Add(_tokens.Append(reader.Tokens(column)));
            _statics.AddRange(reader.Statics);
            origins?.Add(reader);
            if (readSteps is not null) AddStepLabels(readSteps.Read(), steps, cursor.Position);
            if (readStepTargets is not null) AddStepTargets(readStepTargets, steps, cursor.Position);
            if (readLetters is not null) _letterPlaces.Add(_letters.Append(readLetters.Read(steps, reader.FirstName)));
            if (readClass is not null) _labels.Add(readClass());
            if (readLabels is not null)
            {
                readLabels.Read(target);
                _targets.AddRange(target);
            }
            if (readTarget is not null)
            {
                readTarget.Read(target);
                // One of several numbers may be missing.
                foreach (var value in target)
                    _targets.Add(float.IsNaN(value) && target.Length > 1 ? value : Finite(value, "label", _columns.Label, cursor.Position));
            }
            if (readWeight is null) continue;
            var weight = 0f;
            readWeight(ref weight);
            Finite(weight, "example weight", _columns.Weight!.Value, cursor.Position);
            _weights.Add(weight >= 0
                ? weight
                : throw ColumnErrors.Value("example weight", _columns.Weight!.Value.Name, cursor.Position, $"is {weight}: weights must be at least 0."));
        }
        if (_weights.Count > 0 && _weights.All(static weight => weight == 0))
        {
            throw new ArgumentException($"All weights of the column '{_columns.Weight!.Value.Name}' are 0: there is no row to learn from. Check the file and "
                + "the filters before the trainer.", "data");
        }
        if (origins is null) return;
        Columns = origins.Subtract(_values, _positions, _lengths, _statics);
        Warnings = origins.Warnings;
    }

    private static float Finite(float value, string role, DataViewSchema.Column column, long position) => float.IsFinite(value) ? value
        : throw ColumnErrors.Value(role, column.Name, position, $"holds {value}: filter the row before training (mlContext.Data.FilterRowsByMissingValues).");
}
