using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>The answers of successive steps as one vector a row, ordered as heads have them: parameter by parameter, step by step, target by target.</summary>
internal sealed class ArrangeOperation : Operation
{
    private readonly List<Tensor> _parts = [];
    private int _first, _targets;

    public override bool HasUpstream => Output.HasGradient;

    /// <summary>Parts [time, rows, parameters x targets], one after the other in time, to [rows, parameters x steps x targets]; the first steps can be left out.</summary>
    public static Tensor Apply(Tape tape, IReadOnlyList<Tensor> parts, int targets, int first = 0)
    {
        var (rows, n, time) = (parts[0].Shape[1], parts[0].Shape[2], -first);
        var needed = false;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Shape[1] != rows || parts[i].Shape[2] != n) throw new ArgumentException($"Parts {parts[0].Shape} and {parts[i].Shape} do not follow each other in time.", nameof(parts));
            time += parts[i].Shape[0];
            needed |= tape.WillRecord(parts[i]);
        }

        if (time < 1 || n % targets != 0) throw new ArgumentException($"Of {time} steps of {n} numbers no answers of {targets} targets can be made.", nameof(parts));
        var y = tape.Rent(new Shape(rows, n * time));
        Move(parts, first, targets, y, backward: false);
        if (!needed) return y;
        var record = tape.Record<ArrangeOperation>(y);
        for (var i = 0; i < parts.Count; i++) record._parts.Add(parts[i]);
        (record._first, record._targets) = (first, targets);
        return y;
    }

    public override void Backward(Tape tape) => Move(_parts, _first, _targets, Output, backward: true);

    public override void Release()
    {
        _parts.Clear();
        base.Release();
    }

    private static void Move(IReadOnlyList<Tensor> parts, int first, int targets, Tensor arranged, bool backward)
    {
        var (rows, n, at) = (parts[0].Shape[1], parts[0].Shape[2], -first);
        var steps = arranged.Shape.Columns / n;
        for (var k = 0; k < parts.Count; at += parts[k++].Shape[0])
        {
            var gradient = backward ? Tape.GradientOf(parts[k]) : null;
            if (backward && gradient is null) continue;
            for (var t = Math.Max(0, -at); t < parts[k].Shape[0]; t++)
            {
                for (var row = 0; row < rows; row++)
                {
                    for (var parameter = 0; parameter < n / targets; parameter++)
                    {
                        var (here, there) = ((t * rows + row) * n + parameter * targets, row * arranged.Shape.Columns + (parameter * steps + at + t) * targets);
                        if (gradient is null) parts[k].Span.Slice(here, targets).CopyTo(arranged.Span[there..]);
                        else TensorPrimitives.Add(gradient.Span.Slice(here, targets), arranged.Gradient!.Span.Slice(there, targets), gradient.Span.Slice(here, targets));
                    }
                }
            }
        }
    }
}
