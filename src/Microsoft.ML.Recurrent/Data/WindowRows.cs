using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The columns of window data, by name.</summary>
/// <param name="All">The window first.</param>
/// <param name="Label">The label, the steps after the window.</param>
/// <param name="WindowSize">Steps per window.</param>
/// <param name="Horizon">Steps of the label.</param>
internal sealed record WindowColumnNames(IReadOnlyList<(string Name, SeriesRole Role)> All, string Label, int WindowSize, int Horizon)
{
    /// <summary>Checks a schema shape before training.</summary>
    public void Check(SchemaShape schema)
    {
        foreach (var (name, role) in All) WindowColumn.Check(schema, name, role, WindowSize, Horizon);
        LabelReader.Check(schema, Label, LabelRole.Numbers);
    }
}

/// <summary>The in-memory examples of a forecaster on window data: for each row the numbers of all columns, column by column, and the label.</summary>
internal sealed class WindowRows : IForecastTargets
{
    private readonly WindowLayout _layout;
    private readonly ChunkStore<float> _values = new();

    // What the numbers lose as Single, at the same positions; null if they are Singles.
    private readonly ChunkStore<float>? _rests;
    private readonly List<long> _positions = [];
    private readonly double[] _origin;
    private readonly int[] _offsets;
    private readonly int _length;
    private readonly TrainingTarget _target;
    private readonly WindowFiller _filler;

    private WindowRows(WindowLayout layout, bool isWide)
        : this(layout) => _rests = isWide ? new() : null;

    private WindowRows(WindowLayout layout, WindowRows rows)
        : this(layout) => (_values, _rests, _positions) = (rows._values, rows._rests, rows._positions);

    private WindowRows(WindowLayout layout)
    {
        _origin = new double[layout.All.Max(column => column.Input.Size)];
        var inputs = layout.GraphInputs();
        (_layout, _target, _filler) = (layout, new(inputs), new(layout, inputs));
        _offsets = new int[layout.All.Length + 1];
        for (var i = 0; i < layout.All.Length; i++) _offsets[i + 1] = _offsets[i] + layout.All[i].Length;
        _length = _offsets[^1] + layout.Horizon * layout.Targets;
    }

    public int Count => _positions.Count;

    public bool VariesInLength => false;

    public int Length(int example) => _layout.WindowSize;

    /// <summary>Reads all rows.</summary>
    /// <exception cref="ArgumentException">There are no rows, or the number of steps of a row does not match its column.</exception>
    public static WindowRows Read(IDataView data, WindowLayout layout, DataViewSchema.Column label, string parameterName, CancellationToken cancellationToken)
    {
        var wide = layout.Find(data.Schema).Append(label).Any(column => NumberReader.IsPossible(Columns.ItemType(column.Type))
            && Columns.ItemType(column.Type).RawType != typeof(float));
        var rows = new WindowRows(layout, wide || layout.All.Any(column => !column.Input.Origins.IsEmpty));
        using var cursor = data.GetRowCursor(layout.Find(data.Schema).Append(label).DistinctBy(column => column.Index));
        var readers = layout.Open(cursor);
        var readLabel = NumberReader.Create(cursor, label, layout.Horizon * layout.Targets);
        var (row, rests) = (new float[rows._length], new float[rows._length]);
        var doubles = new double[layout.Horizon * layout.Targets];
        while (cursor.MoveNext())
        {
            if ((rows.Count & 1023) == 0) cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < readers.Length; i++) readers[i].Read().CopyTo(row.AsSpan(rows._offsets[i]));
            readLabel.Read(row.AsSpan(rows._offsets[^1]));
            rows._positions.Add(rows._values.Append(row));
            if (rows._rests is null) continue;
            for (var i = 0; i < readers.Length; i++)
                if (layout.All[i].Input.Categories is null) readers[i].Rests().CopyTo(rests.AsSpan(rows._offsets[i]));
            readLabel.Read(doubles);
            for (var i = 0; i < doubles.Length; i++) rests[rows._offsets[^1] + i] = Rounding.Rest(doubles[i]);
            rows._rests.Append(rests);
        }
        if (rows.Count == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the trainer.", parameterName);
        return rows;
    }

    /// <summary>The same rows with other properties of the columns.</summary>
    public WindowRows With(WindowLayout layout) => new(layout, this);

    /// <summary>Whether some numbers may be more than Singles.</summary>
    public bool IsWide => _rests is not null;

    /// <summary>The values of a number of a column in Double, each with the one of the step before; NaN for none.</summary>
    /// <param name="column">The column.</param>
    /// <param name="number">Its number within a step.</param>
    public IEnumerable<(double Value, double Before)> Numbers(int column, int number)
    {
        var (input, before) = (_layout.All[column].Input, double.NaN);
        for (var row = 0; row < Count; row++)
        {
            if (!input.IsStatic) before = double.NaN;
            for (var at = _offsets[column] + number; at < _offsets[column + 1]; at += input.Size)
            {
                var value = (double)_values.Part(_positions[row], _length).Span[at] + _rests!.Part(_positions[row], _length).Span[at];
                yield return (value, before);
                before = value;
            }
        }
    }

    /// <summary>The rows for training: with at least one target in the window and in the label.</summary>
    public int[] WithTargets() =>
        [.. Enumerable.Range(0, Count).Where(row => _layout.HasTarget(Values(row, 0), _layout.All[0].Input.Size) && Label(row).ContainsAnyExcept(float.NaN))];

    /// <summary>Whether values are missing.</summary>
    public bool HasMissing() =>
        Enumerable.Range(0, Count).Any(row => HasMissing(Label(row)) || Enumerable.Range(0, _layout.All.Length).Any(column => HasMissing(row, column)));

    /// <summary>Whether some rows have missing values in the window.</summary>
    public bool HasMissingInWindow(int[] rows) =>
        Enumerable.Range(0, _layout.All.Length).Where(column => _layout.All[column] is { Window: > 0, Input.Categories: null })
        .Any(column => rows.Any(row => HasMissing(Values(row, column)[..(_layout.WindowSize * _layout.All[column].Input.Size)])));

    /// <summary>Whether some rows have missing future features.</summary>
    public bool HasMissingFuture(int[] rows) => Enumerable.Range(0, _layout.All.Length).Where(column => _layout.All[column].Input.Role is SeriesRole.Future)
        .Any(column => rows.Any(row => HasMissing(row, column)));

    /// <summary>Checks that values are finite, and positive where a logarithm needs it.</summary>
    /// <param name="label">The label column.</param>
    /// <param name="allowsMissing">Whether values may be missing.</param>
    /// <param name="transform">The transformation of the targets.</param>
    /// <exception cref="ArgumentException">A value is invalid; the message names its row and column.</exception>
    public void Check(string label, bool allowsMissing, TargetTransform transform)
    {
        for (var row = 0; row < Count; row++)
        {
            for (var i = 0; i < _layout.All.Length; i++)
                CheckValues(Values(row, i), _layout.All[i].Name, SeriesInput.Describe(_layout.All[i].Input.Role), row, _layout.All[i].Input.Size,
                    i == 0 ? _layout.Targets : 0);
            CheckValues(Label(row), label, "label", row, _layout.Targets, _layout.Targets);
        }

        void CheckValues(ReadOnlySpan<float> values, string name, string role, int row, int width, int targets)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (float.IsNaN(values[i]))
                {
                    if (allowsMissing) continue;
                    throw ColumnErrors.Value(role, name, row,
                        $"holds NaN at step {i / width}: let missing values be masked (the option MissingValues.Handling), replace it "
                            + $"(mlContext.Transforms.ReplaceMissingValues), or filter the row before training.");
                }
                if (float.IsInfinity(values[i]))
                    throw ColumnErrors.Value(role, name, row, $"holds {values[i]} at step {i / width}: replace it, or filter the row before training.");
                if (transform is not TargetTransform.None && i % width < targets && float.IsNaN(LoggedInputs.Log(values[i], transform)))
                    throw ColumnErrors.Value(role, name, row,
                        $"holds {values[i]} at step {i / width}, which has no "
                            + $"logarithm: {(transform is TargetTransform.Log ? "Log1p takes zeros, or " : "")}leave the option "
                            + $"Normalization.TargetTransform out.");
            }
        }
    }

    /// <summary>Mean and standard deviation of the window features over some rows, with transformed targets.</summary>
    public Moments FeatureMoments(ReadOnlySpan<int> rows, TargetTransform transform) => MomentsOf(rows, _layout.Step.Features, (batch, moments) =>
    {
        var steps = batch.Values!.Span;
        for (var i = 0; transform is not TargetTransform.None && i < steps.Length; i++)
            if (i % moments.Channels < _layout.Targets) steps[i] = LoggedInputs.Log(steps[i], transform);
        moments.Add(steps);
    });

    /// <summary>Mean and standard deviation of the future features, in window and horizon.</summary>
    public Moments FutureMoments(ReadOnlySpan<int> rows)
    {
        var window = new float[_layout.WindowSize * _layout.Future];
        // Columns of the horizon alone are absent from the window.
        Array.Fill(window, float.NaN);
        return MomentsOf(rows, _layout.Future, (batch, moments) =>
        {
            var (features, known) = (_layout.Step.Features, _layout.Step.Future);
            if (known > 0) StepCopy.Numbers(batch.Values!.Span[(features - known)..], features, window, _layout.Future, known);
            moments.Add(window);
            moments.Add(batch.Future!.Span);
        });
    }

    /// <summary>Mean and standard deviation of the statics.</summary>
    public Moments StaticMoments(ReadOnlySpan<int> rows) => MomentsOf(rows, _layout.Step.Statics, static (batch, moments) => moments.Add(batch.Statics!.Span));

    /// <summary>The values of each category that occur in some rows.</summary>
    public bool[][] FindSeen(ReadOnlySpan<int> rows)
    {
        var columns = Enumerable.Range(0, _layout.All.Length).Where(i => _layout.All[i].Input.Categories is not null).ToArray();
        bool[][] seen = [.. columns.Select(i => new bool[_layout.All[i].Input.Vocabulary])];
        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Length; i++)
                foreach (var id in Values(row, columns[i])) seen[i][(int)id] = true;
        }
        return seen;
    }

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
    {
        var targets = _layout.Horizon * _layout.Targets;
        _target.Begin(batch, examples.Length, _layout.WindowSize, targets);
        for (var row = 0; row < examples.Length; row++)
        {
            for (var i = 0; i < _layout.All.Length; i++)
            {
                if (_layout.All[i].Input.Origins.IsEmpty) _filler.Fill(_target, row, i, Values(examples[row], i));
                else _filler.Fill(_target, row, i, Values(examples[row], i), Rests(examples[row])[_offsets[i].._offsets[i + 1]], Origin(examples[row], i));
            }
            var label = Label(examples[row]);
            var answer = batch.Targets!.Span[(row * targets)..];
            if (_layout.All[0].Input.Origins.IsEmpty) label.CopyTo(answer);
            else
                Rounding.Subtract(label, Rests(examples[row])[_offsets[^1]..], _layout.Targets, answer, _layout.Targets,
                    Origin(examples[row], 0)[.._layout.Targets]);
        }
    }

    public void ReadTargets(int example, Span<double> targets)
    {
        var label = Label(example);
        for (var i = 0; i < targets.Length; i++) targets[i] = label[i] + (IsWide ? (double)Rests(example)[_offsets[^1] + i] : 0);
    }

    // The origin of a column: fixed, or the mean of the window.
    private ReadOnlySpan<double> Origin(int example, int column)
    {
        var (input, steps) = (_layout.All[column].Input, Math.Max(1, _layout.All[column].Window));
        var values = Values(example, column);
        var rests = Rests(example)[_offsets[column]..];
        for (var number = 0; number < input.Size; number++)
        {
            _origin[number] = input.Origins[number];
            if (!float.IsNaN(input.Origins[number])) continue;
            var (sum, count) = (0.0, 0);
            for (var at = number; at < steps * input.Size; at += input.Size)
            {
                if (!float.IsFinite(values[at])) continue;
                sum += (double)values[at] + rests[at];
                count++;
            }
            _origin[number] = count > 0 ? sum / count : 0;
        }
        return _origin.AsSpan(0, input.Size);
    }

    private ReadOnlySpan<float> Rests(int example) => _rests!.Get(_positions[example], _length);

    private Moments MomentsOf(ReadOnlySpan<int> rows, int channels, Action<SequenceBatch, Moments> add)
    {
        var moments = new Moments(channels);
        using var batch = new SequenceBatch();
        foreach (var row in rows)
        {
            Fill(batch, [row]);
            add(batch, moments);
        }
        return moments;
    }

    private bool HasMissing(int row, int column) => _layout.All[column].Input.Categories is null && HasMissing(Values(row, column));

    private static bool HasMissing(ReadOnlySpan<float> values) => values.Contains(float.NaN);

    private ReadOnlySpan<float> Values(int example, int column) => _values.Get(_positions[example], _length)[_offsets[column].._offsets[column + 1]];

    private ReadOnlySpan<float> Label(int example) => _values.Get(_positions[example], _length)[_offsets[^1]..];
}
