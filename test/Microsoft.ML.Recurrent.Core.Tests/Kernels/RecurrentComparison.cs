using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>Runs a kernel on random values, forward and backward, and compares it with the reference.</summary>
internal sealed unsafe class RecurrentComparison
{
    private readonly RecurrentReference _reference;
    private readonly CpuKernels _kernels;

    // x, weight_ih, weight_hh, bias_ih, bias_hh, h0, c0, peepholes and their gradients, then the gradients of y, hn, cn.
    private readonly float[][] _inputs, _gradients, _upstream;
    private readonly float[] _y, _hn, _cn;

    public RecurrentComparison(RecurrentReference reference, CpuKernels kernels)
    {
        (_reference, _kernels) = (reference, kernels);
        (var t, var b, var i, var h, var g) = (reference.Time, reference.Batch, reference.Inputs, reference.Hidden, reference.Gates);
        int[] lengths = [t * b * i, g * h * i, g * h * h, g * h, g * h, b * h, b * h, reference.Peepholes * h];
        var scale = 1.5f / MathF.Sqrt(h);
        _inputs = [.. lengths.Select((length, n) => KernelPaths.Random(n, length, n is 1 or 2 ? scale : 1))];
        _gradients = [.. lengths.Select(length => new float[length])];
        _upstream = [KernelPaths.Random(11, t * b * h), KernelPaths.Random(12, b * h), KernelPaths.Random(13, b * h)];
        (_y, _hn, _cn) = (new float[t * b * h], new float[b * h], new float[b * h]);
    }

    public void Run()
    {
        Compute();
        (var y, var hn, var cn) = Reference(0, null);
        KernelPaths.AssertClose(y, _y, 2e-5, 1e-4, $"{_reference}: y");
        KernelPaths.AssertClose(hn, _hn, 2e-5, 1e-4, $"{_reference}: hn");
        if (_reference.HasMemory)
            KernelPaths.AssertClose(cn, _cn, 2e-5, 1e-4, $"{_reference}: cn");
        for (var input = 0; input < _inputs.Length; input++)
        {
            if (input == 6 && !_reference.HasMemory)
                continue;
            double[] direction = [.. KernelPaths.Random(20 + input, _inputs[input].Length).Select(v => (double)v)];
            const double step = 1e-6;
            var expected = (Loss(Reference(input, direction, step)) - Loss(Reference(input, direction, -step))) / (2 * step);
            var actual = direction.Zip(_gradients[input], (d, g) => d * g).Sum();
            var size = Math.Sqrt(_gradients[input].Sum(g => (double)g * g));
            Assert.AreEqual(expected, actual, 1e-4 * (1 + size), $"{_reference}: gradient {input}");
        }
    }

    /// <summary>All outputs and gradients, one after the other.</summary>
    public float[] Results()
    {
        Compute();
        return [.. _y, .. _hn, .. _cn, .. _gradients.SelectMany(g => g)];
    }

    public long AllocatedBytesOfOneRun()
    {
        using var workspace = new RecurrentWorkspace();
        fixed (float* x = _inputs[0], wih = _inputs[1], whh = _inputs[2], y = _y, dwih = _gradients[1], dwhh = _gradients[2])
        {
            var arguments = Arguments(x, wih, whh, y);
            var gradients = new RecurrentGradients { Dy = y, DWeightIh = dwih, DWeightHh = dwhh };
            long before = 0;
            for (var run = 0; run < 3; run++)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                RecurrentKernel.Forward(arguments, workspace, _kernels);
                RecurrentKernel.Backward(arguments, gradients, workspace, _kernels);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private RecurrentArguments Arguments(float* x, float* wih, float* whh, float* y) => new()
    {
        Cell = CellDescriptor.For(_reference.Kind), Activation = _reference.Activation, ActivationAlpha = (float)_reference.Alpha,
        ResetBefore = _reference.ResetBefore, Reverse = _reference.Reverse, Time = _reference.Time,
        Batch = _reference.Batch, InputSize = _reference.Inputs, HiddenSize = _reference.Hidden,
        X = x, WeightIh = wih, WeightHh = whh, Y = y,
    };

    private void Compute()
    {
        using var workspace = new RecurrentWorkspace();
        fixed (float* x = _inputs[0], wih = _inputs[1], whh = _inputs[2], bih = _inputs[3], bhh = _inputs[4], h0 = _inputs[5], c0 = _inputs[6],
            peephole = _inputs[7])
        fixed (float* dx = _gradients[0], dwih = _gradients[1], dwhh = _gradients[2], dbih = _gradients[3], dbhh = _gradients[4], dh0 = _gradients[5],
            dc0 = _gradients[6], dpeephole = _gradients[7])
        fixed (float* dy = _upstream[0], dhn = _upstream[1], dcn = _upstream[2], y = _y, hn = _hn, cn = _cn)
        fixed (int* lengths = _reference.Lengths)
        {
            var arguments = Arguments(x, wih, whh, y);
            arguments.Lengths = lengths;
            arguments.BiasIh = bih;
            arguments.BiasHh = bhh;
            arguments.H0 = h0;
            arguments.C0 = c0;
            arguments.Hn = hn;
            arguments.Cn = cn;
            arguments.Peephole = peephole;
            RecurrentKernel.Forward(arguments, workspace, _kernels);
            var gradients = new RecurrentGradients
            {
                Dy = dy, Dhn = dhn, Dcn = dcn, Dx = dx, DWeightIh = dwih, DWeightHh = dwhh, DBiasIh = dbih, DBiasHh = dbhh, Dh0 = dh0, Dc0 = dc0,
                DPeephole = dpeephole,
            };
            RecurrentKernel.Backward(arguments, gradients, workspace, _kernels);
        }
    }

    private (double[] Y, double[] H, double[] C) Reference(int input, double[]? direction, double step = 0)
    {
        double[][] values = [.. _inputs.Select(v => v.Select(f => (double)f).ToArray())];
        for (var i = 0; direction is not null && i < direction.Length; i++)
            values[input][i] += step * direction[i];
        return _reference.Run(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
    }

    private double Loss((double[] Y, double[] H, double[] C) outputs)
    {
        var loss = outputs.Y.Zip(_upstream[0], (a, b) => a * b).Sum() + outputs.H.Zip(_upstream[1], (a, b) => a * b).Sum();
        return _reference.HasMemory ? loss + outputs.C.Zip(_upstream[2], (a, b) => a * b).Sum() : loss;
    }
}
