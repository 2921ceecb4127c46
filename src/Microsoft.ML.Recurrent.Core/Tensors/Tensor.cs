using System.Collections.Concurrent;
using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>
/// A float32 tensor, row-major and contiguous, in pooled native memory aligned to 64 bytes. <see cref="Rent(Shape)"/> takes a tensor from the pool and
/// <see cref="Dispose"/> gives it back, the object as well as its memory, so a training step allocates nothing managed once warm. Whoever rents a tensor owns
/// it: it is disposed once, and not touched afterwards.
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
            Debug.Assert(_pointer != null, "The tensor was given back to the pool.");
            return _pointer;
        }
    }

    /// <summary>
    /// The gradient of a loss with respect to this tensor, while a tape works on it or for as long as a parameter lives; disposed with the tensor.
    /// </summary>
    public Tensor? Gradient { get; set; }

    /// <summary>Whether <see cref="Gradient"/> holds anything yet: if not, the first to write it need not add.</summary>
    public bool HasGradient { get; set; }

    /// <summary>
    /// Which rows of <see cref="Gradient"/> may be other than zero, where an operation that touches only some has begun it; null where none has.
    /// </summary>
    public RowSet? GradientRows { get; set; }

    /// <summary>Whether a tape has to compute a gradient with respect to this tensor.</summary>
    public bool RequiresGradient { get; set; }

    /// <summary>All elements, row-major.</summary>
    public Span<float> Span => new(Pointer, Length);

    /// <summary>The number of elements.</summary>
    public int Length => Shape.Length;

    /// <summary>The sizes.</summary>
    public Shape Shape { get; private set; }

    /// <summary>The element at a flat, row-major position.</summary>
    public ref float this[int position] => ref Span[position];

    /// <summary>Rents a tensor whose elements are undefined.</summary>
    public static Tensor Rent(Shape shape)
    {
        Tensor tensor = TakeObject(shape);
        tensor._capacity = Math.Max(1, shape.Length);
        tensor._pointer = BufferPool.Shared.RentFloats(tensor._capacity);
        return tensor;
    }

    /// <summary>Rents a tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape)
    {
        Tensor tensor = Rent(shape);
        tensor.Span.Clear();
        return tensor;
    }

    /// <summary>Rents a tensor and fills it with the given row-major values.</summary>
    /// <exception cref="ArgumentException">The number of values is not that of the shape.</exception>
    public static Tensor From(Shape shape, ReadOnlySpan<float> values)
    {
        if (values.Length != shape.Length)
            throw new ArgumentException($"The shape {shape} has {shape.Length} elements, but {values.Length} values were given.", nameof(values));
        Tensor tensor = Rent(shape);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>Rents a copy.</summary>
    public Tensor Clone() => From(Shape, Span);

    /// <summary>
    /// A tensor over the same memory with another shape, for instance rows of several dimensions as one. It must be disposed like any other, and not outlive
    /// this one.
    /// </summary>
    /// <exception cref="ArgumentException">The new shape has another number of elements, or the part lies outside.</exception>
    public Tensor View(Shape shape, int offset = 0)
    {
        if (offset < 0 || (long)offset + shape.Length > Length)
            throw new ArgumentException($"{shape.Length} elements from {offset} do not lie inside the tensor {Shape}.", nameof(shape));
        Tensor view = TakeObject(shape);
        view._owner = this;
        view._pointer = Pointer + offset;
        return view;
    }

    /// <summary>Gives the tensor back to the pool. A second call does nothing as long as the object has not been rented again.</summary>
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
        if (!s_objects.TryTake(out Tensor? tensor))
            tensor = new Tensor();
        tensor.Shape = shape;
        return tensor;
    }
}
