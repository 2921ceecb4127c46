using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>Shapes made of shapes.</summary>
internal static class Shapes
{
    /// <summary>The shape with another last axis.</summary>
    public static Shape WithColumns(this Shape shape, int columns) => shape.Rank switch
    {
        1 => new Shape(columns),
        2 => new Shape(shape[0], columns),
        3 => new Shape(shape[0], shape[1], columns),
        _ => new Shape(shape[0], shape[1], shape[2], columns),
    };
}
