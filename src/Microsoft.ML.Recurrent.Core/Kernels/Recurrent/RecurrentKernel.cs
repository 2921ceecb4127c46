using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// Whole-sequence forward and backward passes of the recurrent cells. The input projection of all steps is one product, as are the weight gradients. The
/// recurrent weights are packed once per call and read by every step. The batch is split among threads by rows, which run all their steps without
/// synchronization.
/// </summary>
internal static unsafe class RecurrentKernel
{
    // Without a workspace the batch is processed in blocks of this many rows, to limit the memory of an evaluation.
    private const int RowsOfBlock = 4096;

    // Recurrent products with fewer multiplications run on one thread: otherwise waking another thread costs as much as it saves.
    private const long WorthThreads = 1 << 23;

    // Weights with fewer elements are packed by one thread.
    private const int WorthPacking = 1 << 15;

    /// <summary>Runs the layer forward.</summary>
    /// <param name="arguments">Sizes, inputs, weights and outputs.</param>
    /// <param name="workspace">Receives what <see cref="Backward"/> reads; null for inference.</param>
    /// <param name="kernels">The kernel path; null for the current one.</param>
    public static void Forward(in RecurrentArguments arguments, RecurrentWorkspace? workspace, CpuKernels? kernels = null)
    {
        Check(arguments);
        kernels ??= CpuKernels.Current;
        if (workspace is not null)
        {
            var whole = new Call(arguments, kernels, workspace, 0, arguments.Time);
            whole.Forward(arguments, arguments.H0, arguments.C0, arguments.Hn, arguments.Cn);
            workspace.IsFilled = true;
            return;
        }
        var block = Math.Max(1, Math.Min(arguments.Time, RowsOfBlock / Math.Max(1, arguments.Batch)));
        var length = (long)arguments.Batch * arguments.HiddenSize;
        var states = BufferPool.Shared.RentFloats(2 * length);
        float* h = arguments.H0, c = arguments.C0;
        var temporary = Interlocked.Exchange(ref s_spare, null) ?? new RecurrentWorkspace();
        for (var done = 0; done < arguments.Time; done += block)
        {
            int steps = Math.Min(block, arguments.Time - done), start = arguments.Reverse ? arguments.Time - done - steps : done;
            var part = new Call(arguments, kernels, temporary, start, start + steps);
            part.Forward(arguments, h, c, states, states + length);
            h = states;
            c = states + length;
        }
        if (arguments.Hn != null)
            CopyOrClear(h, arguments.Hn, length);
        if (arguments.Cn != null && arguments.Cell.HasMemory)
            CopyOrClear(c, arguments.Cn, length);
        temporary.Dispose();
        s_spare = temporary;
        BufferPool.Shared.ReturnFloats(states, 2 * length);
    }

    /// <summary>Runs the layer backward and accumulates the requested gradients.</summary>
    /// <param name="arguments">The arguments of the forward call; Y, Hn and Cn are not read.</param>
    /// <param name="gradients">The output gradients and the gradients to compute.</param>
    /// <param name="workspace">The workspace of the forward call; consumed.</param>
    /// <param name="kernels">The kernel path of the forward call.</param>
    /// <exception cref="InvalidOperationException">The workspace holds no forward pass.</exception>
    public static void Backward(in RecurrentArguments arguments, in RecurrentGradients gradients, RecurrentWorkspace workspace, CpuKernels? kernels = null)
    {
        Check(arguments);
        if (!workspace.IsFilled)
            throw new InvalidOperationException("The workspace holds no forward pass; a backward pass consumes it, so call Forward before each Backward.");
        workspace.IsFilled = false;
        new Call(arguments, kernels ?? CpuKernels.Current, workspace, 0, arguments.Time).Backward(arguments, gradients);
    }

    private static RecurrentWorkspace? s_spare;

    private static void Check(in RecurrentArguments a)
    {
        if (a.Time < 0 || a.Batch < 0 || a.InputSize < 1 || a.HiddenSize < 1)
            throw new ArgumentException($"Sizes must be positive: time {a.Time}, batch {a.Batch}, input {a.InputSize}, hidden {a.HiddenSize}.", nameof(a));
        if (a.Cell.Has(CellOptions.Activation) && a.Activation is Activation.Gelu or Activation.Silu or Activation.Softplus)
            throw new ArgumentException($"The activation of a simple RNN must be tanh, sigmoid, ReLU, leaky ReLU or ELU, not {a.Activation}.", nameof(a));
        PeepholeWeights.Check(a.Cell, a.Peephole != null);
    }

    private static void CopyOrClear(float* from, float* to, long length)
    {
        if (from == null)
            new Span<byte>(to, checked((int)(length * sizeof(float)))).Clear();
        else
            Buffer.MemoryCopy(from, to, length * sizeof(float), length * sizeof(float));
    }

#pragma warning disable CS8500 // The call holds a reference, but lives on the caller's stack while its parts run.
    private struct Call
    {
        private readonly CpuKernels _kernels;
        private readonly RecurrentSteps _steps;
        private readonly long _stateLength;
        private readonly int _rows;
        private RecurrentPass _pass;
        private float* _weights;
        private int _parts, _packParts;

        public Call(in RecurrentArguments a, CpuKernels kernels, RecurrentWorkspace workspace, int firstStep, int endStep)
        {
            var hidden = a.HiddenSize;
            nint gatesRow = hidden * a.Cell.KeptBlocks;
            workspace.Prepare(endStep - firstStep, a.Batch, hidden, gatesRow, a.Cell.HasMemory);
            _kernels = kernels;
            _steps = kernels.Steps(a.Cell, a.Activation, a.ResetsBefore);
            _stateLength = (long)a.Batch * hidden;
            _rows = (endStep - firstStep) * a.Batch;
            _pass = new RecurrentPass
            {
                Cell = a.Cell, Activation = a.Activation, ActivationAlpha = a.ActivationAlpha, Reverse = a.Reverse,
                Batch = a.Batch, Hidden = hidden, FirstStep = firstStep, EndStep = endStep, Lengths = a.Lengths,
                Gates = workspace.Gates, GatesRow = gatesRow, States = workspace.States, Cells = workspace.Cells, Peephole = a.Peephole,
            };
            var work = (long)_rows * a.GateColumns * hidden;
            _parts = work < WorthThreads ? 1 : Math.Min(Workers.Available, a.Batch);
        }

        public void Forward(in RecurrentArguments a, float* h0, float* c0, float* hn, float* cn)
        {
            int hidden = a.HiddenSize, steps = _pass.EndStep - _pass.FirstStep;
            _pass.Y = a.Y + ((nint)_pass.FirstStep * a.Batch * a.YStride);
            _pass.YRow = a.YStride;
            _pass.StartsAtZero = h0 == null;
            long biasLength = _pass.GatesRow, packedLength = _steps.PackedLength(_pass);
            _pass.Bias = BufferPool.Shared.RentFloats(biasLength);
            _pass.Weights = BufferPool.Shared.RentFloats(packedLength);
            CombineBiases(a);
            Pack(a, &PackForwardPart);

            var x = a.X + ((nint)_pass.FirstStep * a.Batch * a.XStride);
            if (a.Cell.HasCandidate)
            {
                Project(a, x, a.OpenColumns, hidden, 0);
                Project(a, x, 0, a.OpenColumns, hidden);
            }
            else
                Project(a, x, 0, a.GateColumns, 0);

            long start = a.Reverse ? steps * _stateLength : 0, end = a.Reverse ? 0 : steps * _stateLength;
            CopyOrClear(h0, _pass.States + start, _stateLength);
            if (a.Cell.HasMemory)
                CopyOrClear(c0, _pass.Cells + start, _stateLength);
            var begin = KernelProfile.Begin();
            Workers.Run(_parts, &ForwardPart, Unsafe.AsPointer(ref this));
            KernelProfile.End(KernelPart.Steps, begin);
            if (hn != null)
                CopyOrClear(_pass.States + end, hn, _stateLength);
            if (cn != null && a.Cell.HasMemory)
                CopyOrClear(_pass.Cells + end, cn, _stateLength);
            BufferPool.Shared.ReturnFloats(_pass.Bias, biasLength);
            BufferPool.Shared.ReturnFloats(_pass.Weights, packedLength);
        }

        public void Backward(in RecurrentArguments a, in RecurrentGradients g)
        {
            int hidden = a.HiddenSize, steps = _pass.EndStep;
            _pass.Dy = g.Dy;
            _pass.DyRow = g.DyRow == 0 ? hidden : g.DyRow;
            _pass.Dh0 = g.Dh0;
            var packedLength = _steps.PackedLength(_pass);
            _pass.Weights = BufferPool.Shared.RentFloats(packedLength);
            _pass.CarriedState = BufferPool.Shared.RentFloats(2 * _stateLength);
            _pass.CarriedCell = _pass.CarriedState + _stateLength;
            CopyOrClear(g.Dhn, _pass.CarriedState, _stateLength);
            CopyOrClear(g.Dcn, _pass.CarriedCell, _stateLength);
            Pack(a, &PackBackwardPart);
            var begin = KernelProfile.Begin();
            Workers.Run(_parts, &BackwardPart, Unsafe.AsPointer(ref this));
            KernelProfile.End(KernelPart.Steps, begin);
            if (g.Dc0 != null && a.Cell.HasMemory)
                _kernels.Add(g.Dc0, _pass.CarriedCell, g.Dc0, (nint)_stateLength);
            BufferPool.Shared.ReturnFloats(_pass.Weights, packedLength);
            BufferPool.Shared.ReturnFloats(_pass.CarriedState, 2 * _stateLength);
            if (_rows == 0)
                return;

            BiasGradients(a, g);

            // The state before each step: the slots of the state after it, shifted by one step.
            var before = _pass.States + (a.Reverse ? _stateLength : 0);
            var memories = _pass.Cells + (a.Reverse ? _stateLength : 0);
            PeepholeWeights.AddGradients(_kernels, a.Cell, _pass.Gates, _pass.GatesRow, memories, _pass.Cells + (a.Reverse ? 0 : _stateLength), g.DPeephole,
                _rows, hidden);
            if (!a.Cell.HasCandidate)
            {
                InputGradients(a, g, 0, a.GateColumns, 0);
                StateGradients(a, g, 0, a.GateColumns, 0, before, hidden);
                InputGradient(a, g, a.WeightIh, 0, a.GateColumns, 0, g.OverwriteDx);
                return;
            }
            var open = a.OpenColumns;
            InputGradients(a, g, open, hidden, 0);
            InputGradients(a, g, 0, open, hidden);
            if (a.ResetsBefore)
            {
                StateGradients(a, g, 0, open, hidden, before, hidden);
                StateGradients(a, g, open, hidden, 0, _pass.Gates + a.GateColumns, _pass.GatesRow);
            }
            else
                StateGradients(a, g, 0, a.GateColumns, hidden, before, hidden);
            InputGradient(a, g, a.WeightIh + (open * (nint)a.InputSize), 0, hidden, 0, g.OverwriteDx);
            InputGradient(a, g, a.WeightIh, hidden, open, 0, false);
        }

        // Gates[:, column...] = x W[row..., :]^T.
        private readonly void Project(in RecurrentArguments a, float* x, int row, int count, int column) =>
            MatrixProduct.Multiply(
                false, true, _rows, count, a.InputSize, x, a.XStride, a.WeightIh + ((nint)row * a.InputSize), a.InputSize, _pass.Gates + column, _pass.GatesRow,
                false, _kernels);

        // One sum over the steps serves both biases, except for a candidate with the reset gate after the product, whose recurrent part is separate.
        private readonly void BiasGradients(in RecurrentArguments a, in RecurrentGradients g)
        {
            if (g.DBiasIh == null && g.DBiasHh == null)
                return;
            int hidden = a.HiddenSize, columns = (int)_pass.GatesRow;
            var sums = BufferPool.Shared.RentFloats(columns);
            _kernels.Fill(0, sums, columns);
            _kernels.AddColumnSums(_pass.Gates, _pass.GatesRow, sums, _rows, columns);
            if (a.Cell.HasCandidate)
            {
                AddBias(g.DBiasIh, sums + hidden, sums, a.OpenColumns, hidden);
                AddBias(g.DBiasHh, sums + hidden, a.ResetsBefore ? sums : sums + a.GateColumns, a.OpenColumns, hidden);
            }
            else
            {
                AddBias(g.DBiasIh, sums, null, columns, 0);
                AddBias(g.DBiasHh, sums, null, columns, 0);
            }
            BufferPool.Shared.ReturnFloats(sums, columns);
        }

        private readonly void AddBias(float* to, float* first, float* second, int firstCount, int secondCount)
        {
            if (to == null)
                return;
            _kernels.Add(to, first, to, firstCount);
            if (second != null)
                _kernels.Add(to + firstCount, second, to + firstCount, secondCount);
        }

        // Gradients of rows [row, row + count) of the input weights, from the columns of the gates starting at 'column'.
        private readonly void InputGradients(in RecurrentArguments a, in RecurrentGradients g, int row, int count, int column)
        {
            if (g.DWeightIh != null)
                MatrixProduct.Multiply(
                    true, false, count, a.InputSize, _rows, _pass.Gates + column, _pass.GatesRow, a.X, a.XStride, g.DWeightIh + ((nint)row * a.InputSize),
                    a.InputSize,
                    true, _kernels);
        }

        private readonly void StateGradients(in RecurrentArguments a, in RecurrentGradients g, int row, int count, int column, float* states, nint stride)
        {
            if (g.DWeightHh != null)
                MatrixProduct.Multiply(
                    true, false, count, a.HiddenSize, _rows, _pass.Gates + column, _pass.GatesRow, states, stride, g.DWeightHh + ((nint)row * a.HiddenSize),
                    a.HiddenSize,
                    true, _kernels);
        }

        private readonly void InputGradient(in RecurrentArguments a, in RecurrentGradients g, float* weights, int column, int count, int row, bool overwrite)
        {
            if (g.Dx != null)
                MatrixProduct.Multiply(
                    false, false, _rows, a.InputSize, count, _pass.Gates + column, _pass.GatesRow, weights + ((nint)row * a.InputSize), a.InputSize,
                    g.Dx, g.DxRow == 0 ? a.InputSize : g.DxRow, !overwrite, _kernels);
        }

        private readonly void CombineBiases(in RecurrentArguments a)
        {
            int hidden = a.HiddenSize, open = a.OpenColumns;
            _kernels.Fill(0, _pass.Bias, _pass.GatesRow);
            if (a.Cell.HasCandidate)
            {
                // The candidate n is last in the rows of the weights but first in the row of gates, whose last block is q. Only with the reset gate after the
                // product does n's recurrent bias belong to q.
                AddBias(a.BiasIh, _pass.Bias + hidden, open);
                AddBias(a.BiasHh, _pass.Bias + hidden, open);
                AddBias(a.BiasIh == null ? null : a.BiasIh + open, _pass.Bias, hidden);
                AddBias(a.BiasHh == null ? null : a.BiasHh + open, _pass.Bias + (a.ResetsBefore ? 0 : a.GateColumns), hidden);
                return;
            }
            AddBias(a.BiasIh, _pass.Bias, a.GateColumns);
            AddBias(a.BiasHh, _pass.Bias, a.GateColumns);
        }

        private readonly void AddBias(float* bias, float* to, int count)
        {
            if (bias != null)
                _kernels.Add(to, bias, to, count);
        }

        private void Pack(in RecurrentArguments a, delegate*<void*, int, void> body)
        {
            _weights = a.WeightHh;
            _packParts = a.GateColumns * a.HiddenSize < WorthPacking ? 1 : Workers.Available;
            Workers.Run(_packParts, body, Unsafe.AsPointer(ref this));
        }

        private static void PackForwardPart(void* context, int part)
        {
            ref var call = ref *(Call*)context;
            call._steps.PackForward(call._pass, call._weights, part, call._packParts);
        }

        private static void PackBackwardPart(void* context, int part)
        {
            ref var call = ref *(Call*)context;
            call._steps.PackBackward(call._pass, call._weights, part, call._packParts);
        }

        private static void ForwardPart(void* context, int part)
        {
            ref var call = ref *(Call*)context;
            call.RowsOf(part, out var first, out var count);
            call._steps.Forward(call._pass, first, count);
        }

        private static void BackwardPart(void* context, int part)
        {
            ref var call = ref *(Call*)context;
            call.RowsOf(part, out var first, out var count);
            call._steps.Backward(call._pass, first, count);
        }

        private readonly void RowsOf(int part, out int first, out int count)
        {
            first = (int)((long)_pass.Batch * part / _parts);
            count = (int)((long)_pass.Batch * (part + 1) / _parts) - first;
        }
    }
#pragma warning restore CS8500
}
