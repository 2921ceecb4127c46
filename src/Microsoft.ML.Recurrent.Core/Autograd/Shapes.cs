using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>Derives shapes from shapes.</summary>
internal static class Shapes
{
    /// <summary>The shape with another size of the last axis.</summary>
    public static Shape WithColumns(this Shape shape, int columns) => shape.WithSize(shape.Rank - 1, columns);

    /// <summary>The shape with another size of one axis.</summary>
    public static Shape WithSize(this Shape shape, int axis, int size)
    {
        Span<int> sizes = stackalloc int[Shape.MaximumRank];
        for (var i = 0; i < shape.Rank; i++) sizes[i] = i == axis ? size : shape[i];
        return new Shape(sizes[..shape.Rank]);
    }
}
