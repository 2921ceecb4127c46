using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Permutes the axes of a tensor.</summary>
internal sealed class PermuteOperation : Operation
{
    private Walk _walk;

    /// <summary>Axis i of the result is axis <c>order[i]</c> of the operand.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">The operand.</param>
    /// <param name="view">The shape as which x is read, with one to four axes.</param>
    /// <param name="order">Each axis of the view once.</param>
    /// <param name="shape">The shape of the result, with the same number of elements.</param>
    public static Tensor Apply(Tape tape, Tensor x, Shape view, ReadOnlySpan<int> order, Shape shape)
    {
        if (view.Length != x.Length || shape.Length != x.Length || order.Length != view.Rank)
            throw new ArgumentException($"{x.Shape} cannot be viewed as {view} and permuted to {shape}.", nameof(view));
        var y = tape.Rent(shape);
        var walk = new Walk(view, order);
        walk.Run(x.Span, y.Span, backward: false, accumulate: false);
        if (tape.Record<PermuteOperation>(y, x) is { } record) record._walk = walk;
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First, out var accumulate)!;
        _walk.Run(gradient.Span, Output.Gradient!.Span, backward: true, accumulate);
    }

    // The axes of the result with their strides in the operand.
    private readonly struct Walk
    {
        private readonly (int A, int B, int C, int D) _sizes, _strides;

        public Walk(Shape view, ReadOnlySpan<int> order)
        {
            Span<int> strides = stackalloc int[Shape.MaximumRank];
            for (int axis = view.Rank - 1, stride = 1; axis >= 0; stride *= view[axis--]) strides[axis] = stride;
            Span<int> sizes = [1, 1, 1, 1], steps = [0, 0, 0, 0];
            for (var i = 0; i < order.Length; i++) (sizes[^(order.Length - i)], steps[^(order.Length - i)]) = (view[order[i]], strides[order[i]]);
            (_sizes, _strides) = ((sizes[0], sizes[1], sizes[2], sizes[3]), (steps[0], steps[1], steps[2], steps[3]));
        }

        public void Run(Span<float> operand, Span<float> result, bool backward, bool accumulate)
        {
            var to = 0;
            for (var a = 0; a < _sizes.A; a++)
            {
                for (var b = 0; b < _sizes.B; b++)
                {
                    for (var c = 0; c < _sizes.C; c++, to += _sizes.D)
                        Move(operand[(a * _strides.A + b * _strides.B + c * _strides.C)..], result.Slice(to, _sizes.D), backward, accumulate);
                }
            }
        }

        private void Move(Span<float> operand, Span<float> result, bool backward, bool accumulate)
        {
            if (_strides.D == 1)
            {
                operand = operand[..result.Length];
                if (!backward) operand.CopyTo(result);
                else if (accumulate) TensorPrimitives.Add(operand, result, operand);
                else result.CopyTo(operand);
                return;
            }

            for (var d = 0; d < result.Length; d++)
            {
                if (!backward) result[d] = operand[d * _strides.D];
                else operand[d * _strides.D] = result[d] + (accumulate ? operand[d * _strides.D] : 0);
            }
        }
    }
}
