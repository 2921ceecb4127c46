using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Gradient checkpointing for one direction of a recurrent layer (Chen et al. 2016): only the states between segments are kept, and the backward pass runs each
/// segment forward again first. Memory for gates and cells is that of one segment, for about a third more time. With truncated backpropagation through time
/// (Williams and Peng 1990) gradients are cut between segments; a segment that no gradient reaches is not run again.
/// </summary>
internal sealed unsafe class RecurrentSegments : IDisposable
{
    private Tensor? _h, _c;
    private int* _lengths;
    private int _rows, _steps, _count;

    public void Forward(in RecurrentArguments whole, int steps)
    {
        Dispose();
        (_rows, _steps, _count) = (whole.Batch, steps, (whole.Time + steps - 1) / steps);
        var length = whole.Batch * whole.HiddenSize;
        _h = Tensor.Rent(new Shape(_count + 1, length));
        _c = whole.Cell.HasMemory ? Tensor.Rent(new Shape(_count + 1, length)) : null;
        _lengths = (int*)BufferPool.Shared.Rent(_rows * sizeof(int));
        CopyOrClear(whole.H0, _h, length);
        if (_c is not null) CopyOrClear(whole.C0, _c, length);
        for (var k = 0; k < _count; k++) RecurrentKernel.Forward(Part(whole, k), null);
        new Span<float>(Slot(_h, _count), length).CopyTo(new Span<float>(whole.Hn, length));
        if (_c is not null) new Span<float>(Slot(_c, _count), length).CopyTo(new Span<float>(whole.Cn, length));
    }

    /// <param name="whole">The arguments of the forward pass.</param>
    /// <param name="wanted">The gradients to compute.</param>
    /// <param name="workspace">Gates of one segment.</param>
    /// <param name="flow">Receives the gate gradients.</param>
    /// <param name="truncates">Whether state gradients are cut between segments (<see cref="Truncation"/>).</param>
    public void Backward(in RecurrentArguments whole, in RecurrentGradients wanted, RecurrentWorkspace workspace, GradientFlow? flow, bool truncates)
    {
        var shape = new Shape(whole.Batch, whole.HiddenSize);
        var (carriedH, nextH, carriedC, nextC) = (Tensor.Rent(shape), Tensor.Rent(shape), Tensor.Rent(shape), Tensor.Rent(shape));
        for (var k = _count - 1; k >= 0; k--)
        {
            var part = Part(whole, k);
            var start = StartOf(whole, k);
            var gradients = wanted;
            gradients.Dy = wanted.Dy == null ? null : wanted.Dy + (nint)start * _rows * (wanted.DyRow == 0 ? whole.HiddenSize : wanted.DyRow);
            gradients.Dx = wanted.Dx == null ? null : wanted.Dx + (nint)start * _rows * (wanted.DxRow == 0 ? whole.InputSize : wanted.DxRow);
            if (k < _count - 1)
            {
                gradients.Dhn = carriedH.Pointer;
                gradients.Dcn = _c is null ? null : carriedC.Pointer;
                if (truncates)
                    new Truncation(_steps, whole.Time, whole.Reverse, whole.Lengths).End(whole.Reverse ? start : start + part.Time, carriedH.Pointer,
                        _c is null ? null : carriedC.Pointer, 0, _rows, whole.HiddenSize);
            }

            nextH.Span.Clear();
            nextC.Span.Clear();
            if (truncates && !HasUpstream(gradients, part))
            {
                if (gradients is { OverwriteDx: true } && gradients.Dx != null) new Span<float>(gradients.Dx, part.Time * _rows * whole.InputSize).Clear();
                (carriedH, nextH, carriedC, nextC) = (nextH, carriedH, nextC, carriedC);
                continue;
            }

            RecurrentKernel.Forward(part, workspace);
            if (k > 0)
            {
                gradients.Dh0 = nextH.Pointer;
                gradients.Dc0 = _c is null ? null : nextC.Pointer;
            }

            RecurrentKernel.Backward(part, gradients, workspace);
            flow?.Add(workspace.Gates, start, part.Time);
            (carriedH, nextH, carriedC, nextC) = (nextH, carriedH, nextC, carriedC);
        }

        carriedH.Dispose();
        nextH.Dispose();
        carriedC.Dispose();
        nextC.Dispose();
    }

    public void Dispose()
    {
        _h?.Dispose();
        _c?.Dispose();
        if (_lengths != null) BufferPool.Shared.Return(_lengths, _rows * sizeof(int));
        (_h, _c) = (null, null);
        _lengths = null;
    }

    // The k-th segment in the order of the recurrence.
    private RecurrentArguments Part(in RecurrentArguments whole, int k)
    {
        var (part, start) = (whole, StartOf(whole, k));
        part.Time = EndOf(whole, k) - start;
        part.X += (nint)start * _rows * whole.XStride;
        part.Y += (nint)start * _rows * whole.YStride;
        part.H0 = Slot(_h!, k);
        part.Hn = Slot(_h!, k + 1);
        if (_c is not null)
        {
            part.C0 = Slot(_c, k);
            part.Cn = Slot(_c, k + 1);
        }

        if (whole.Lengths == null) return part;
        for (var row = 0; row < _rows; row++) _lengths[row] = Math.Clamp(whole.Lengths[row] - start, 0, part.Time);
        part.Lengths = _lengths;
        return part;
    }

    // The last segment of the recurrence is a full one.
    private int StartOf(in RecurrentArguments whole, int k) => whole.Reverse ? (_count - 1 - k) * _steps : Math.Max(0, EndOf(whole, k) - _steps);

    private int EndOf(in RecurrentArguments whole, int k) =>
        whole.Reverse ? Math.Min(whole.Time, (_count - k) * _steps) : whole.Time - (_count - 1 - k) * _steps;

    // Whether any gradient reaches a segment.
    private static bool HasUpstream(in RecurrentGradients gradients, in RecurrentArguments part)
    {
        var (length, row) = (part.HiddenSize, gradients.DyRow == 0 ? part.HiddenSize : gradients.DyRow);
        for (nint i = 0; gradients.Dy != null && i < (nint)part.Time * part.Batch; i++)
        {
            if (new ReadOnlySpan<float>(gradients.Dy + i * row, length).ContainsAnyExcept(0f)) return true;
        }

        return Any(gradients.Dhn, part.Batch * length) || Any(gradients.Dcn, part.Batch * length);

        static bool Any(float* values, int length) => values != null && new ReadOnlySpan<float>(values, length).ContainsAnyExcept(0f);
    }

    private static float* Slot(Tensor states, int k) => states.Pointer + (nint)k * states.Shape[1];

    private static void CopyOrClear(float* from, Tensor to, int length)
    {
        if (from == null) to.Span[..length].Clear();
        else new Span<float>(from, length).CopyTo(to.Span);
    }
}
