using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Sequences one after the other in time.</summary>
internal sealed class JoinOperation : Operation
{
    private readonly List<Tensor> _parts = [];

    /// <summary>Parts [time, rows, n] to [all their times, rows, n].</summary>
    public static Tensor Apply(Tape tape, IReadOnlyList<Tensor> parts)
    {
        if (parts.Count == 1) return parts[0];
        var (time, needed) = (0, false);
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Shape[1] != parts[0].Shape[1] || parts[i].Shape[2] != parts[0].Shape[2]) throw new ArgumentException($"Parts {parts[0].Shape} and {parts[i].Shape} do not follow each other in time.", nameof(parts));
            time += parts[i].Shape[0];
            needed |= tape.WillRecord(parts[i]);
        }

        var y = tape.Rent(new Shape(time, parts[0].Shape[1], parts[0].Shape[2]));
        for (int i = 0, at = 0; i < parts.Count; at += parts[i++].Length) parts[i].Span.CopyTo(y.Span[at..]);
        if (!needed) return y;
        var record = tape.Record<JoinOperation>(y);
        for (var i = 0; i < parts.Count; i++) record._parts.Add(parts[i]);
        return y;
    }

    public override void Backward(Tape tape)
    {
        for (int i = 0, at = 0; i < _parts.Count; at += _parts[i++].Length)
        {
            if (Tape.GradientOf(_parts[i]) is { } gradient) TensorPrimitives.Add(gradient.Span, Output.Gradient!.Span.Slice(at, gradient.Length), gradient.Span);
        }
    }

    public override void Release()
    {
        _parts.Clear();
        base.Release();
    }
}
