using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary><c>-- kernels [--only NAME] [--threads N]</c>: the matrix product and the recurrent kernels alone, without tape and optimizer.</summary>
internal static unsafe class KernelsCommand
{
    public static int Run(string? only, int threads)
    {
        Workers.Threads = threads;
        var kernels = CpuKernels.Current;
        Console.WriteLine($"path {kernels.Name}, {threads} thread(s)");
        double peak = 0;
        foreach (var n in (int[])[1024, 2048])
            peak = Math.Max(peak, Gemm(n));
        Products(peak);
        foreach (var configuration in Configuration.All)
            if (only is null || only.Split(',').Contains(configuration.Name))
                Layers(configuration, peak);
        return 0;
    }

    /// <summary>GFLOP/s of a square product.</summary>
    public static double Gemm(int n)
    {
        using Tensor a = Uniform(1, n * n), b = Uniform(2, n * n), c = Tensor.Rent(new Shape(n, n));
        var time = Measurement.Of(() => MatrixProduct.Multiply(false, false, n, n, n, a.Pointer, n, b.Pointer, n, c.Pointer, n), 0.3, 5);
        var gflops = 2.0 * n * n * n / time.BestMilliseconds / 1e6;
        Console.WriteLine($"gemm {n}: {gflops:F1} GFLOP/s");
        return gflops;
    }

    // The products that are not square: those of a vocabulary, and weight gradients.
    private static void Products(double peak)
    {
        foreach ((var name, var ta, var tb, var rows, var columns, var depth) in ((string, bool, bool, int, int, int)[])
            [
                ("words", false, true, 400, 10000, 200), ("words dW", true, false, 10000, 200, 400), ("words dx", false, false, 400, 200, 10000),
                ("projection 64", false, true, 1600, 256, 16), ("dW_ih 64", true, false, 256, 16, 1600), ("dW_hh 64", true, false, 256, 64, 1600),
                ("projection 256", false, true, 3200, 1024, 256), ("dW 256", true, false, 1024, 256, 3200), ("dx 256", false, false, 3200, 256, 1024),
            ])
        {
            using Tensor a = Uniform(1, rows * depth), b = Uniform(2, columns * depth), c = Tensor.Rent(new Shape(rows, columns));
            var time = Measurement.Of(
                () => MatrixProduct.Multiply(ta, tb, rows, columns, depth, a.Pointer, ta ? rows : depth, b.Pointer, tb ? depth : columns, c.Pointer, columns),
                0.1, 7, 0.05);
            var gflops = 2.0 * rows * columns * depth / time.BestMilliseconds / 1e6;
            Console.WriteLine($"{name,-15} {rows,5} x {columns,5} x {depth,5} {time.BestMilliseconds,8:F3} ms {gflops,6:F1} GFLOP/s {gflops / peak,4:P0}");
        }
    }

    private static void Layers(Configuration c, double peak)
    {
        // The first layer of the configuration, as the first layer of a network: no gradient of its inputs.
        int rows = c.Time * c.Batch, gates = c.Gates * c.Hidden;
        using Tensor x = Uniform(1, rows * c.Inputs), wih = Uniform(2, gates * c.Inputs), whh = Uniform(3, gates * c.Hidden), bias = Uniform(4, gates);
        using Tensor y = Tensor.Rent(new Shape(rows, c.Hidden)), dy = Uniform(5, rows * c.Hidden);
        using Tensor dwih = Tensor.Zeros(wih.Shape), dwhh = Tensor.Zeros(whh.Shape), dbias = Tensor.Zeros(bias.Shape);
        using var workspace = new RecurrentWorkspace();
        var arguments = new RecurrentArguments
        {
            Cell = CellDescriptor.For(c.Cell), Time = c.Time, Batch = c.Batch, InputSize = c.Inputs, HiddenSize = c.Hidden, X = x.Pointer, Y = y.Pointer,
            WeightIh = wih.Pointer, WeightHh = whh.Pointer, BiasIh = bias.Pointer, BiasHh = bias.Pointer,
        };
        var gradients = new RecurrentGradients
        {
            Dy = dy.Pointer, DWeightIh = dwih.Pointer, DWeightHh = dwhh.Pointer, DBiasIh = dbias.Pointer, DBiasHh = dbias.Pointer,
        };
        var forward = Measurement.Of(() => RecurrentKernel.Forward(arguments, workspace), 0.2, 5, 0.1);
        var both = Measurement.Of(
            () =>
            {
                RecurrentKernel.Forward(arguments, workspace);
                RecurrentKernel.Backward(arguments, gradients, workspace);
            },
            0.2, 5, 0.1);
        var flops = 2.0 * rows * gates * (c.Inputs + c.Hidden);
        double f = flops / forward.BestMilliseconds / 1e6, all = 3 * flops / both.BestMilliseconds / 1e6;
        Console.WriteLine(
            $"{c.Name,-10} forward {forward.BestMilliseconds,8:F3} ms {f,6:F1} GFLOP/s {f / peak,4:P0}   "
                + $"both {both.BestMilliseconds,8:F3} ms {all,6:F1} GFLOP/s {all / peak,4:P0}");
    }

    private static Tensor Uniform(int seed, int length)
    {
        var random = new Random(seed);
        var tensor = Tensor.Rent(new Shape(length));
        foreach (ref var value in tensor.Span)
            value = (random.NextSingle() - 0.5f) * 0.2f;
        return tensor;
    }
}
