using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Pools the valid steps of a sequence to one vector.</summary>
internal sealed class PoolingOperation : Operation
{
    private SequencePooling _pooling;
    private int[]? _lengths;
    private int _reverseFrom;
    private int[] _greatest = [];

    /// <summary>[time, rows, features] to [rows, features].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">The sequence.</param>
    /// <param name="pooling">The kind of pooling.</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    /// <param name="reverseFrom">For <see cref="SequencePooling.Last"/>: the first feature of the reverse direction, whose last state is at step 0. The number
    /// of features if there is no reverse direction.</param>
    public static Tensor Apply(Tape tape, Tensor x, SequencePooling pooling, int[]? lengths, int reverseFrom)
    {
        var (time, rows, features) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var y = tape.Rent(new Shape(rows, features));
        var record = tape.Record<PoolingOperation>(y, x);
        if (record is not null)
        {
            (record._pooling, record._lengths, record._reverseFrom) = (pooling, lengths, reverseFrom);
            if (pooling == SequencePooling.Max && record._greatest.Length < rows * features) record._greatest = new int[rows * features];
        }

        for (var row = 0; row < rows; row++)
        {
            var length = lengths is null ? time : lengths[row];
            var to = y.Span.Slice(row * features, features);
            if (length == 0)
            {
                // Nothing to pool: UnansweredRows says of such a row that it has no answer.
                to.Clear();
                continue;
            }

            switch (pooling)
            {
                case SequencePooling.Last:
                    Step(x, length - 1, row)[..reverseFrom].CopyTo(to);
                    Step(x, 0, row)[reverseFrom..].CopyTo(to[reverseFrom..]);
                    break;
                case SequencePooling.Mean:
                    Step(x, 0, row).CopyTo(to);
                    for (var t = 1; t < length; t++) TensorPrimitives.Add(to, Step(x, t, row), to);
                    TensorPrimitives.Multiply(to, 1f / length, to);
                    break;
                case SequencePooling.Max:
                    Greatest(x, row, length, to, record is null ? default : record._greatest.AsSpan(row * features, features));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "Unknown pooling.");
            }
        }

        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!;
        var (time, rows, features) = (gradient.Shape[0], gradient.Shape[1], gradient.Shape[2]);
        for (var row = 0; row < rows; row++)
        {
            var length = _lengths is null ? time : _lengths[row];
            var upstream = Output.Gradient!.Span.Slice(row * features, features);
            switch (_pooling)
            {
                case SequencePooling.Last:
                    var last = Step(gradient, length - 1, row)[.._reverseFrom];
                    var first = Step(gradient, 0, row)[_reverseFrom..];
                    TensorPrimitives.Add(last, upstream[.._reverseFrom], last);
                    TensorPrimitives.Add(first, upstream[_reverseFrom..], first);
                    break;
                case SequencePooling.Mean:
                    for (var t = 0; t < length; t++) TensorPrimitives.MultiplyAdd(upstream, 1f / length, Step(gradient, t, row), Step(gradient, t, row));
                    break;
                default:
                    for (var j = 0; j < features; j++) Step(gradient, _greatest[row * features + j], row)[j] += upstream[j];
                    break;
            }
        }
    }

    private static Span<float> Step(Tensor x, int t, int row) => x.Span.Slice((t * x.Shape[1] + row) * x.Shape[2], x.Shape[2]);

    // Of equal values the first is the maximum, as in PyTorch.
    private static void Greatest(Tensor x, int row, int length, Span<float> values, Span<int> steps)
    {
        Step(x, 0, row).CopyTo(values);
        steps.Clear();
        for (var t = 1; t < length; t++)
        {
            var step = Step(x, t, row);
            if (steps.IsEmpty) TensorPrimitives.Max(values, step, values);
            else
            {
                for (var j = 0; j < values.Length; j++)
                {
                    if (!(step[j] > values[j])) continue;
                    (values[j], steps[j]) = (step[j], t);
                }
            }
        }
    }
}
