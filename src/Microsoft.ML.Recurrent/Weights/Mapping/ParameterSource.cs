using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>Where a parameter of the network comes from.</summary>
/// <param name="Tensor">The tensor of the file.</param>
/// <param name="Shape">The shape that it has in the layout of the network.</param>
/// <param name="Read">Reads it in that layout.</param>
internal sealed record ParameterSource(StoredTensor Tensor, long[] Shape, Func<float[]> Read)
{
    /// <summary>The tensor as it is.</summary>
    public static ParameterSource? Create(StoredTensor? tensor) => tensor is null ? null : new(tensor, tensor.Shape, tensor.Read);

    /// <summary>A matrix with its axes exchanged, or a convolution [steps, inputs, filters] as [filters, inputs, steps].</summary>
    public static ParameterSource? Transposed(StoredTensor? tensor)
    {
        if (tensor is not { Shape.Length: 2 or 3 }) return null;
        var shape = tensor.Shape.Reverse().ToArray();
        return new(tensor, shape, () => Reverse(tensor.Read(), tensor.Shape));
    }

    /// <summary>The source with blocks of rows in the order of the network.</summary>
    /// <param name="order">For each block of the file, its index in the network.</param>
    public ParameterSource Ordered(int[] order) => this with
    {
        Read = () =>
        {
            var read = Read();
            var values = new float[read.Length];
            GateOrder.ToNetwork(read, values, order);
            return values;
        },
    };

    /// <summary>One of the rows of a matrix, as a vector.</summary>
    public ParameterSource Row(int row) => new(Tensor, [Shape[1]], () => Read().AsSpan(row * (int)Shape[1], (int)Shape[1]).ToArray());

    // The last index of the result is the first one of the source.
    private static float[] Reverse(float[] source, long[] shape)
    {
        int first = (int)shape[0], middle = shape.Length == 3 ? (int)shape[1] : 1, last = (int)shape[^1];
        var values = new float[source.Length];
        for (var i = 0; i < first; i++)
            for (var j = 0; j < middle; j++)
                for (var k = 0; k < last; k++)
                    values[(k * middle + j) * first + i] = source[(i * middle + j) * last + k];
        return values;
    }
}
