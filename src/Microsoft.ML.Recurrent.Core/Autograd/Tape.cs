using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>
/// Reverse-mode differentiation (Griewank and Walther 2008): operations are recorded as they run, and <see cref="Backward(Tensor, float)"/> visits them in
/// reverse order. Tensors and records are pooled and returned by <see cref="Reset"/>, so a step allocates no managed memory once warm. A tape serves one thread
/// at a time; tapes that do not record can share parameters.
/// </summary>
internal sealed class Tape : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private readonly List<Operation> _operations = [];
    private readonly List<int[]> _integers = [];
    private int _integersUsed;
    private Stack<Operation>?[] _pool = new Stack<Operation>?[16];
    private bool _backwardDone;

    /// <param name="seed">Key of the random numbers, such as those of dropout.</param>
    public Tape(ulong seed = 0) => Seed = seed;

    /// <summary>Whether layers run in training mode: dropout is active, batch statistics are used.</summary>
    public bool Training { get; set; }

    /// <summary>Whether operations are recorded. If not, nothing needed only by a backward pass is computed or kept.</summary>
    public bool Recording { get; set; } = true;

    /// <summary>Observes layers and gradients, if set.</summary>
    public ITapeObserver? Observer { get; set; }

    /// <summary>Key of the random numbers.</summary>
    public ulong Seed { get; set; }

    /// <summary>Random streams drawn so far; with <see cref="Seed"/> the whole random state.</summary>
    public ulong StreamsDrawn { get; set; }

    /// <summary>Operations recorded since the last reset.</summary>
    public int Count => _operations.Count;

    /// <summary>A new random stream for one operation.</summary>
    public ulong NextStream() => StreamsDrawn++;

    /// <summary>A tensor with undefined contents, valid until the tape is reset.</summary>
    public Tensor Rent(Shape shape) => Keep(Tensor.Rent(shape));

    /// <summary>
    /// An integer buffer (such as changed lengths), valid until the tape is reset. It has at least the given length; its content is undefined.
    /// </summary>
    public int[] RentIntegers(int length)
    {
        if (_integersUsed == _integers.Count) _integers.Add(new int[length]);
        else if (_integers[_integersUsed].Length < length) _integers[_integersUsed] = new int[length];
        return _integers[_integersUsed++];
    }

    /// <summary>Takes ownership of a tensor: it is disposed when the tape is reset.</summary>
    public Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }

    /// <summary>
    /// Records an operation. Null if the tape does not record or no operand requires a gradient.
    /// </summary>
    public T? Record<T>(Tensor output, Tensor? operand, Tensor? second = null, Tensor? third = null, Tensor? fourth = null)
        where T : Operation, new()
    {
        if (!WillRecord(operand, second, third, fourth)) return null;
        var operation = Record<T>(output);
        operation.Operands = (operand, second, third, fourth);
        return operation;
    }

    /// <summary>Records an operation, whatever its operands.</summary>
    public T Record<T>(Tensor output)
        where T : Operation, new()
    {
        if (_backwardDone) throw new InvalidOperationException("The backward pass has already run: call Reset before the next forward pass.");
        output.RequiresGradient = true;
        var operation = Take<T>();
        operation.Output = output;
        _operations.Add(operation);
        return operation;
    }

    /// <summary>Whether an operation on these operands is recorded and must keep what its backward pass needs.</summary>
    public bool WillRecord(Tensor? operand, Tensor? second = null, Tensor? third = null, Tensor? fourth = null) =>
        Recording && (Requires(operand) || Requires(second) || Requires(third) || Requires(fourth));

    /// <summary>
    /// The gradient of an operand, to be written by the backward pass of an operation; null if not required. <paramref name="accumulate"/> is true to add to it
    /// and false to overwrite it.
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
    /// The gradient of a table of which an operation touches only some rows, which it adds to <paramref name="rows"/>. If no gradient has arrived yet, only the
    /// rows touched by the last step are cleared. <paramref name="rows"/> is null if another operation has touched the whole table.
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

    /// <summary>The gradient of an operand for an operation that can only add; cleared if nothing has arrived yet.</summary>
    public static Tensor? GradientOf(Tensor? operand)
    {
        var gradient = GradientOf(operand, out var accumulate);
        if (gradient is not null && !accumulate) gradient.Span.Clear();
        return gradient;
    }

    /// <summary>
    /// Adds a tensor rented by the caller to the gradient of an operand. The first gradient to arrive is taken over without a copy; <paramref name="gradient"/>
    /// is then null, otherwise the caller still owns it.
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
    /// Computes the gradients of a scalar, times <paramref name="scale"/>, with respect to all trainable parameters and watched tensors it depends on.
    /// </summary>
    public void Backward(Tensor loss, float scale = 1)
    {
        if (loss.Length != 1) throw new ArgumentException($"The loss must be a scalar, not {loss.Shape}.", nameof(loss));
        var upstream = GradientOf(loss, out _);
        if (upstream is null) return;
        upstream.Span[0] = scale;
        Backward();
    }

    /// <summary>
    /// Backpropagates gradients that the caller wrote to the <see cref="Tensor.Gradient"/> of results through <see cref="GradientOf(Tensor?)"/>.
    /// </summary>
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

    /// <summary>Returns all tensors and records to their pools; results of the last pass become invalid.</summary>
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
