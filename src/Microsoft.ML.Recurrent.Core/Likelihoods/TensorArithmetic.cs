using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Tensors;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>Arithmetic over tensors of one shape and constants. Results are rented from the tape; nothing is recorded for backpropagation.</summary>
/// <param name="tape">Rents the results.</param>
internal sealed class TensorArithmetic(Tape tape) : IArithmetic<Tensor>
{
    private delegate void SpanOperation(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result);

    public Tensor Scalar(float value)
    {
        var result = tape.Rent(new Shape(1));
        result[0] = value;
        return result;
    }

    public Tensor Add(Tensor a, Tensor b) => Apply(a, b, TensorPrimitives.Add);

    public Tensor Multiply(Tensor a, Tensor b) => Apply(a, b, TensorPrimitives.Multiply);

    public Tensor Divide(Tensor a, Tensor b) => Apply(a, b, TensorPrimitives.Divide);

    public Tensor ScaledSquare(Tensor scale, Tensor x) => Multiply(Multiply(scale, x), x);

    public Tensor Maximum(Tensor a, Tensor b) => Apply(a, b, TensorPrimitives.Max);

    public Tensor Minimum(Tensor a, Tensor b) => Apply(a, b, TensorPrimitives.Min);

    public Tensor Sqrt(Tensor x)
    {
        var result = tape.Rent(x.Shape);
        TensorPrimitives.Sqrt(x.Span, result.Span);
        return result;
    }

    public Tensor Softplus(Tensor x)
    {
        var result = tape.Rent(x.Shape);
        for (var i = 0; i < x.Length; i++) result[i] = (float)SpecialFunctions.Softplus(x[i], out _);
        return result;
    }

    private Tensor Apply(Tensor a, Tensor b, SpanOperation operation)
    {
        var shape = a.Shape.Rank >= b.Shape.Rank ? a.Shape : b.Shape;
        var result = tape.Rent(shape);
        operation(Repeated(a, shape).Span, Repeated(b, shape).Span, result.Span);
        return result;
    }

    // A tensor of a shape filled with a scalar.
    private Tensor Repeated(Tensor x, Shape shape)
    {
        if (x.Length == shape.Length) return x;
        var result = tape.Rent(shape);
        result.Span.Fill(x[0]);
        return result;
    }
}
