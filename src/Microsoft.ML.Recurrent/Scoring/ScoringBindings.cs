using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Binds the buffers of a batch to a session: one set of tensors per scored shape, so that scoring a shape again binds and allocates nothing. Also holds the
/// staging buffers for rows that must be padded or sorted by length.
/// </summary>
internal sealed class ScoringBindings : IDisposable
{
    // All are dropped beyond this number of shapes, so that ever new lengths do not accumulate.
    private const int Limit = 64;

    private readonly ScoringBatch _batch;
    private readonly InferenceSession _session;
    private readonly SessionMemory _memory;
    private readonly Dictionary<Shape, TensorBinding> _bindings = [];
    private readonly Array[] _staged;
    private readonly Array[] _answers;
    private readonly long[] _lengths;
    private readonly float[][] _states, _nextStates;
    private readonly RowOrder _order;
    private int _version;

    public ScoringBindings(ScoringBatch batch, InferenceSession session, SessionMemory memory, int batchSize)
    {
        (_batch, _session, _memory, BatchSize) = (batch, session, memory, batchSize);
        _staged = [.. batch.Inputs.Select(input =>
            input.IsText ? Array.Empty<string>() : input.IsInteger ? (Array)Array.Empty<long>() : input.IsDouble
                ? Array.Empty<double>()
                : Array.Empty<float>())];
        _answers = [.. batch.Outputs.Select(output => Array.CreateInstance(output.Buffer.GetType().GetElementType()!, 0))];
        _lengths = batch.Manifest.HasLengths ? GC.AllocateArray<long>(Math.Min(batchSize, batch.Capacity), pinned: true) : [];
        _order = new(batch.Capacity);
        _states = States();
        _nextStates = States();

        float[][] States() =>
            [.. batch.Manifest.States?.Select(state =>
                GC.AllocateArray<float>(checked(Math.Max(batch.Capacity, batch.Manifest.FixedBatch ?? 1) * state.Size), pinned: true)) ?? []];
    }

    public int BatchSize { get; }

    /// <summary>The lengths of the rows of the next run.</summary>
    public Span<long> Lengths => _lengths;

    public bool IsOf(InferenceSession session, int batchSize) => ReferenceEquals(session, _session) && batchSize == BatchSize;

    /// <summary>Writes the states of a series before a run.</summary>
    public void WriteStates(int series, ReadOnlySpan<float> states)
    {
        for (var i = 0; i < _states.Length; i++)
        {
            var size = _batch.Manifest.States!.Value[i].Size;
            states[..size].CopyTo(_states[i].AsSpan(series * size));
            states = states[size..];
        }
    }

    /// <summary>Reads the states of a series after a run.</summary>
    public void ReadStates(int series, Span<float> states)
    {
        for (var i = 0; i < _nextStates.Length; i++)
        {
            var size = _batch.Manifest.States!.Value[i].Size;
            _nextStates[i].AsSpan(series * size, size).CopyTo(states);
            states = states[size..];
        }
    }

    /// <inheritdoc cref="RowOrder.Arrange"/>
    public ReadOnlySpan<int> Order(ReadOnlySpan<int> times, bool sorted, SharedInputs? groups = null) => _order.Arrange(times, sorted, groups);

    /// <summary>
    /// Copies rows into the staged inputs, zero-padded to the longest, and returns its length. If the graph takes more rows than there are, the first row fills
    /// the rest.
    /// </summary>
    public int Pad(ReadOnlySpan<int> rows, int count)
    {
        var time = 0;
        foreach (var row in rows) time = Math.Max(time, _batch.Time(row));
        if (_lengths.Length > 0)
            for (var i = 0; i < rows.Length; i++) _lengths[i] = _batch.Time(rows[i]);
        for (var i = 0; i < _batch.Inputs.Length; i++)
        {
            var input = _batch.Inputs[i];
            var size = input.RowSize(time);
            if (input.IsText) Pad<string>(i, rows, count, size);
            else if (input.IsInteger) Pad<long>(i, rows, count, size);
            else if (input.IsDouble) Pad<double>(i, rows, count, size);
            else Pad<float>(i, rows, count, size);
        }
        return time;
    }

    /// <summary>Allocates the staging buffers of outputs that are not written to the batch directly.</summary>
    public void PrepareAnswers(int rows, int time)
    {
        for (var i = 0; i < _answers.Length; i++)
        {
            var size = checked(rows * _batch.Outputs[i].RowSize(time));
            _answers[i] = _answers[i] switch
            {
                float[] floats => Fit(floats, size),
                double[] doubles => Fit(doubles, size),
                long[] integers => Fit(integers, size),
                var booleans => Fit((byte[])booleans, size),
            };
        }
    }

    /// <summary>Copies staged outputs to their rows of the batch.</summary>
    public void CopyAnswers(ReadOnlySpan<int> rows, int time)
    {
        for (var i = 0; i < _answers.Length; i++)
        {
            var output = _batch.Outputs[i];
            var stride = output.RowSize(time);
            for (var row = 0; row < rows.Length; row++)
                Array.Copy(_answers[i], row * stride, output.Buffer, output.Start(rows[row]), output.RowSize(_batch.Time(rows[row])));
        }
    }

    /// <summary>
    /// The bound tensors for <paramref name="rows"/> rows and <paramref name="time"/> steps. Inputs begin at row <paramref name="inputRow"/> of the batch, or
    /// are the staged ones if it is negative; outputs likewise. The rows of a model that carries its state are steps of <paramref name="series"/> series.
    /// </summary>
    public TensorBinding Bind(int rows, int time, int inputRow, int outputRow, int series = 0)
    {
        var version = _version;
        foreach (var input in _batch.Inputs) version += input.Version;
        foreach (var output in _batch.Outputs) version += output.Version;
        var shape = new Shape(rows, time, inputRow, outputRow, version, series);
        if (_bindings.TryGetValue(shape, out var binding)) return binding;
        if (_bindings.Count > 0 && (_bindings.Count == Limit || _bindings.First().Key.Version != version)) Drop();
        _bindings.Add(shape, binding = Create(shape));
        return binding;
    }

    public void Dispose() => Drop();

    private TensorBinding Create(Shape shape)
    {
        var binding = new TensorBinding(_session, _memory);
        try
        {
            for (var i = 0; i < _batch.Inputs.Length; i++)
            {
                var (input, column) = (_batch.Inputs[i], _batch.Inputs[i].Column);
                long[] dimensions = column.Kind switch
                {
                    InputKind.Sequence when column.IsCategory => [shape.Rows, shape.Time],
                    InputKind.Future when column.IsCategory => [shape.Rows, column.Time!.Value],
                    InputKind.Sequence or InputKind.Letters or InputKind.IntegerSteps => [shape.Rows, shape.Time, column.Features],
                    InputKind.Tokens => [shape.Rows, shape.Time],
                    InputKind.Future => [shape.Rows, column.Time!.Value, column.Features],
                    _ => [shape.Rows, column.Features],
                };
                var direct = shape.InputRow >= 0;
                binding.Input(column.Name, direct ? input.Buffer : _staged[i], direct ? (long)shape.InputRow * input.RowSize(shape.Time) : 0, dimensions);
            }
            if (_batch.Manifest.HasLengths) binding.Input(ModelManifest.LengthInput, _lengths, 0, [shape.Rows]);
            for (var i = 0; i < _batch.Outputs.Length; i++)
            {
                var output = _batch.Outputs[i];
                var direct = shape.OutputRow >= 0;
                binding.Output(output.Column.Name, direct ? output.Buffer : _answers[i], direct ? (long)shape.OutputRow * output.RowSize(shape.Time) : 0,
                    output.Column.PerStep ? [shape.Rows, shape.Time, output.Column.Size] : [shape.Rows, output.Column.Size]);
            }
            for (var i = 0; i < _states.Length; i++)
            {
                var state = _batch.Manifest.States!.Value[i];
                var sizes = _batch.Manifest.StateShape(shape.Series, state.Size);
                binding.Input(state.Input, _states[i], 0, sizes);
                binding.Output(state.Output, _nextStates[i], 0, sizes);
            }
            return binding;
        }
        catch
        {
            binding.Dispose();
            throw;
        }
    }

    private T[] Fit<T>(T[] buffer, int size) where T : unmanaged
    {
        if (size <= buffer.Length) return buffer;
        _version++;
        return Pinned.Grow(buffer, size);
    }

    private Array Fit(Array buffer, int size)
    {
        if (buffer is not string[])
            return buffer switch { long[] integers => Fit(integers, size), double[] doubles => Fit(doubles, size), _ => Fit((float[])buffer, size) };
        if (size <= buffer.Length) return buffer;
        _version++;
        return new string[size];
    }

    private void Pad<T>(int input, ReadOnlySpan<int> rows, int count, int size)
    {
        _staged[input] = Fit(_staged[input], checked(count * size));
        var staged = (T[])_staged[input];
        for (var i = 0; i < count; i++)
        {
            var source = _batch.Inputs[input].Row<T>(rows[i < rows.Length ? i : 0]);
            var row = staged.AsSpan(i * size, size);
            source.CopyTo(row);
            row[source.Length..].Clear();
        }
    }

    private void Drop()
    {
        foreach (var binding in _bindings.Values) binding.Dispose();
        _bindings.Clear();
    }

    private readonly record struct Shape(int Rows, int Time, int InputRow, int OutputRow, int Version, int Series);
}
