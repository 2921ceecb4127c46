using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>
/// Reverse-mode differentiation: operations write themselves down as they run, and <see cref="Backward(Tensor, float)"/> reads them from the last to the first
/// (Griewank and Walther 2008). Tensors and records come from pools and go back at <see cref="Reset"/>, so a step allocates nothing managed once warm. One tape
/// serves one thread at a time; tapes that do not record share parameters freely.
/// </summary>
internal sealed class Tape : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private readonly List<Operation> _operations = [];
    private readonly List<int[]> _integers = [];
    private int _integersUsed;
    private Stack<Operation>?[] _pool = new Stack<Operation>?[16];
    private bool _backwardDone;

    /// <param name="seed">Key of the random numbers drawn by dropout and its kin.</param>
    public Tape(ulong seed = 0) => Seed = seed;

    /// <summary>Whether layers behave as in training: dropout drops, batch statistics count.</summary>
    public bool Training { get; set; }

    /// <summary>Whether operations are written down. Off, nothing that only a backward pass needs is computed or kept.</summary>
    public bool Recording { get; set; } = true;

    /// <summary>Told of layers and gradients where it is set.</summary>
    public ITapeObserver? Observer { get; set; }

    /// <summary>Key of the random numbers.</summary>
    public ulong Seed { get; set; }

    /// <summary>How many random streams were drawn: with <see cref="Seed"/> the whole random state.</summary>
    public ulong StreamsDrawn { get; set; }

    /// <summary>Operations written down since the last reset.</summary>
    public int Count => _operations.Count;

    /// <summary>A stream of random numbers of its own for one operation.</summary>
    public ulong NextStream() => StreamsDrawn++;

    /// <summary>A tensor with undefined contents, valid until the tape is reset.</summary>
    public Tensor Rent(Shape shape) => Keep(Tensor.Rent(shape));

    /// <summary>
    /// Room for integers (lengths that a layer changes, say), valid until the tape is reset; at least as long as asked for, its contents undefined.
    /// </summary>
    public int[] RentIntegers(int length)
    {
        if (_integersUsed == _integers.Count) _integers.Add(new int[length]);
        else if (_integers[_integersUsed].Length < length) _integers[_integersUsed] = new int[length];
        return _integers[_integersUsed++];
    }

    /// <summary>Takes a tensor over: it is given back when the tape is reset.</summary>
    public Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }

    /// <summary>
    /// Writes an operation down where its result's gradient will be asked for: null where the tape does not record or no operand requires a gradient.
    /// </summary>
    public T? Record<T>(Tensor output, Tensor? operand, Tensor? second = null, Tensor? third = null, Tensor? fourth = null)
        where T : Operation, new()
    {
        if (!WillRecord(operand, second, third, fourth)) return null;
        var operation = Record<T>(output);
        operation.Operands = (operand, second, third, fourth);
        return operation;
    }

    /// <summary>Writes an operation down, whatever its operands.</summary>
    public T Record<T>(Tensor output)
        where T : Operation, new()
    {
        if (_backwardDone) throw new InvalidOperationException("The tape was read backward already: call Reset before the next forward pass.");
        output.RequiresGradient = true;
        var operation = Take<T>();
        operation.Output = output;
        _operations.Add(operation);
        return operation;
    }

    /// <summary>Whether an operation on these operands will be written down, so that it has to keep what its backward pass needs.</summary>
    public bool WillRecord(Tensor? operand, Tensor? second = null, Tensor? third = null, Tensor? fourth = null) =>
        Recording && (Requires(operand) || Requires(second) || Requires(third) || Requires(fourth));

    /// <summary>
    /// The gradient of an operand, to be written by an operation's backward pass; null where none is wanted. <paramref name="accumulate"/> tells whether to add
    /// to what is there or to write over it.
    /// </summary>
    public static Tensor? GradientOf(Tensor? operand, out bool accumulate)
    {
        accumulate = operand is { HasGradient: true };
        if (operand is not { RequiresGradient: true }) return null;
        operand.HasGradient = true;
        operand.GradientRows?.Widen();
        return operand.Gradient ??= Tensor.Rent(operand.Shape);
    }

    /// <summary>
    /// The same for an operation that adds to some rows of a table only, and tells which in <paramref name="rows"/>: where nothing has arrived yet, no more is
    /// cleared than what the last step touched. <paramref name="rows"/> is null where another operation has touched the whole.
    /// </summary>
    public static Tensor? GradientOfRows(Tensor? table, out RowSet? rows)
    {
        rows = null;
        if (table is not { RequiresGradient: true }) return null;
        if (!table.HasGradient)
        {
            table.GradientRows ??= new RowSet(table.Shape[0]);
            ClearRows(table.Gradient ??= Tensor.Rent(table.Shape), table.GradientRows);
            table.HasGradient = true;
        }

        if (table.GradientRows is { IsPartial: true }) rows = table.GradientRows;
        return table.Gradient;
    }

    private static void ClearRows(Tensor gradient, RowSet rows)
    {
        if (rows.IsPartial)
        {
            var columns = gradient.Length / gradient.Shape[0];
            foreach (var row in rows.Rows) gradient.Span.Slice(row * columns, columns).Clear();
        }
        else gradient.Span.Clear();
        rows.Clear();
    }

    /// <summary>The same for an operation that can only add: cleared where nothing has arrived yet.</summary>
    public static Tensor? GradientOf(Tensor? operand)
    {
        var gradient = GradientOf(operand, out var accumulate);
        if (gradient is not null && !accumulate) gradient.Span.Clear();
        return gradient;
    }

    /// <summary>
    /// Adds a tensor that the caller rented to the gradient of an operand; taken over as it is, without a copy, where it is the first to arrive.
    /// <paramref name="gradient"/> is null afterwards in that case, and still the caller's in any other.
    /// </summary>
    public static void HandOver(Tensor operand, ref Tensor? gradient)
    {
        if (!operand.RequiresGradient) return;
        if (operand is { HasGradient: false, Gradient: null })
        {
            (operand.Gradient, operand.HasGradient, gradient) = (gradient, true, null);
            return;
        }

        var sum = GradientOf(operand, out var accumulate)!.Span;
        if (accumulate) TensorPrimitives.Add(sum, gradient!.Span, sum);
        else gradient!.Span.CopyTo(sum);
    }

    /// <summary>
    /// Computes the gradients of a scalar, times <paramref name="scale"/>, with respect to all trainable parameters and watched tensors that it depends on.
    /// </summary>
    public void Backward(Tensor loss, float scale = 1)
    {
        if (loss.Length != 1) throw new ArgumentException($"The loss has to be a single number, not {loss.Shape}.", nameof(loss));
        var upstream = GradientOf(loss, out _);
        if (upstream is null) return;
        upstream.Span[0] = scale;
        Backward();
    }

    /// <summary>Carries gradients back that were put into the <see cref="Tensor.Gradient"/> of results through <see cref="GradientOf(Tensor?)"/>.</summary>
    public void Backward()
    {
        _backwardDone = true;
        for (var i = _operations.Count - 1; i >= 0; i--)
        {
            var operation = _operations[i];
            if (operation.HasUpstream) operation.Backward(this);
            operation.ReleaseUpstream();
            Give(operation);
        }

        _operations.Clear();
    }

    /// <summary>Gives all tensors and records back; results of the last pass are no longer valid.</summary>
    public void Reset()
    {
        foreach (var operation in _operations) Give(operation);
        foreach (var tensor in _tensors) tensor.Dispose();
        _operations.Clear();
        _tensors.Clear();
        _integersUsed = 0;
        _backwardDone = false;
    }

    public void Dispose() => Reset();

    private static bool Requires(Tensor? tensor) => tensor is { RequiresGradient: true };

    private T Take<T>()
        where T : Operation, new()
    {
        var kind = OperationKind<T>.Index;
        return kind < _pool.Length && _pool[kind] is { Count: > 0 } free ? (T)free.Pop() : new T { Kind = kind };
    }

    private void Give(Operation operation)
    {
        operation.Release();
        if (operation.Kind >= _pool.Length) Array.Resize(ref _pool, Math.Max(operation.Kind + 1, 2 * _pool.Length));
        (_pool[operation.Kind] ??= new Stack<Operation>()).Push(operation);
    }

    private static class OperationKind
    {
        private static int s_count;

        public static int Next() => Interlocked.Increment(ref s_count) - 1;
    }

    private static class OperationKind<T>
    {
        public static readonly int Index = OperationKind.Next();
    }
}
