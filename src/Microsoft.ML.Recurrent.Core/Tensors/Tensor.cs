using System.Collections.Concurrent;
using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>
/// A float32 tensor, row-major and contiguous, in pooled native memory aligned to 64 bytes. <see cref="Rent(Shape)"/> takes a tensor from the pool and
/// <see cref="Dispose"/> returns both the object and its memory, so a training step allocates no managed memory once warm. Whoever rents a tensor owns it,
/// disposes it once and does not use it afterwards.
/// </summary>
internal sealed unsafe class Tensor : IDisposable
{
    private static readonly ConcurrentBag<Tensor> s_objects = [];

    private float* _pointer;
    private long _capacity;
    private Tensor? _owner;

    private Tensor() { }

    /// <summary>The first element.</summary>
    public float* Pointer
    {
        get
        {
            Debug.Assert(_pointer != null, "The tensor was returned to the pool.");
            return _pointer;
        }
    }

    /// <summary>
    /// The gradient of a loss with respect to this tensor, for the duration of a tape's pass or the life of a parameter. Disposed with the tensor.
    /// </summary>
    public Tensor? Gradient { get; set; }

    /// <summary>Whether <see cref="Gradient"/> holds a value. If not, the first write overwrites instead of adding.</summary>
    public bool HasGradient { get; set; }

    /// <summary>
    /// The rows of <see cref="Gradient"/> that may be nonzero, if the gradient was started by an operation that touches only some rows; otherwise null.
    /// </summary>
    public RowSet? GradientRows { get; set; }

    /// <summary>Whether a tape has to compute a gradient with respect to this tensor.</summary>
    public bool RequiresGradient { get; set; }

    /// <summary>All elements, row-major.</summary>
    public Span<float> Span => new(Pointer, Length);

    /// <summary>The number of elements.</summary>
    public int Length => Shape.Length;

    /// <summary>The shape.</summary>
    public Shape Shape { get; private set; }

    /// <summary>The element at a flat, row-major position.</summary>
    public ref float this[int position] => ref Span[position];

    /// <summary>Rents a tensor whose elements are undefined.</summary>
    public static Tensor Rent(Shape shape)
    {
        var tensor = TakeObject(shape);
        tensor._capacity = Math.Max(1, shape.Length);
        tensor._pointer = BufferPool.Shared.RentFloats(tensor._capacity);
        return tensor;
    }

    /// <summary>Rents a tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape)
    {
        var tensor = Rent(shape);
        tensor.Span.Clear();
        return tensor;
    }

    /// <summary>Rents a tensor and fills it with the given row-major values.</summary>
    /// <exception cref="ArgumentException">The number of values differs from the length of the shape.</exception>
    public static Tensor From(Shape shape, ReadOnlySpan<float> values)
    {
        if (values.Length != shape.Length)
            throw new ArgumentException($"The shape {shape} has {shape.Length} elements, but {values.Length} values were given.", nameof(values));
        var tensor = Rent(shape);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>Rents a copy.</summary>
    public Tensor Clone() => From(Shape, Span);

    /// <summary>A tensor over the same memory with another shape. It must be disposed like any other tensor and must not outlive this one.</summary>
    /// <exception cref="ArgumentException">The elements from <paramref name="offset"/> do not lie inside this tensor.</exception>
    public Tensor View(Shape shape, int offset = 0)
    {
        if (offset < 0 || (long)offset + shape.Length > Length)
            throw new ArgumentException($"{shape.Length} elements from {offset} do not lie inside the tensor {Shape}.", nameof(shape));
        var view = TakeObject(shape);
        view._owner = this;
        view._pointer = Pointer + offset;
        return view;
    }

    /// <summary>Returns the tensor to the pool. A second call does nothing unless the object has been rented again.</summary>
    public void Dispose()
    {
        if (_pointer == null)
            return;
        if (_owner is null)
            BufferPool.Shared.ReturnFloats(_pointer, _capacity);
        _owner = null;
        _pointer = null;
        _capacity = 0;
        Gradient?.Dispose();
        (Gradient, GradientRows, HasGradient, RequiresGradient) = (null, null, false, false);
        s_objects.Add(this);
    }

    public override string ToString() => $"Tensor {Shape}";

    private static Tensor TakeObject(Shape shape)
    {
        if (!s_objects.TryTake(out var tensor))
            tensor = new Tensor();
        tensor.Shape = shape;
        return tensor;
    }
}
