using System.Text.Json;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>The fused kernels alone, against the golden vectors and a double-precision reference.</summary>
[TestClass]
[DoNotParallelize]
public sealed unsafe class RecurrentKernelTests
{
    public static IEnumerable<object[]> Paths => KernelPaths.All;

    public static IEnumerable<object[]> Variants
    {
        get
        {
            foreach (var kernels in CpuKernels.Supported())
            {
                foreach (var reverse in (bool[])[false, true])
                {
                    yield return [kernels.Name, nameof(RecurrentCell.Lstm), nameof(Activation.Tanh), false, reverse];
                    yield return [kernels.Name, nameof(RecurrentCell.Gru), nameof(Activation.Tanh), false, reverse];
                    yield return [kernels.Name, nameof(RecurrentCell.Gru), nameof(Activation.Tanh), true, reverse];
                    foreach (var cell in (string[])[nameof(RecurrentCell.MinimalGated), nameof(RecurrentCell.PeepholeLstm), nameof(RecurrentCell.CoupledLstm),
                        nameof(RecurrentCell.CoupledPeepholeLstm)]) yield return [kernels.Name, cell, nameof(Activation.Tanh), false, reverse];
                }
                foreach (var activation in (Activation[])[Activation.Tanh, Activation.Relu, Activation.LeakyRelu, Activation.Elu, Activation.Sigmoid])
                    yield return [kernels.Name, nameof(RecurrentCell.SimpleRnn), activation.ToString(), false, activation == Activation.Elu];
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Match_the_golden_vectors(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFolder.Find("parity", "recurrent.json")));
        var number = 0;
        foreach (var golden in document.RootElement.EnumerateArray())
            RecurrentGoldenCase.Run(golden, KernelPaths.Get(path), $"case {number++}");
        Assert.IsTrue(number > 20);
    }

    // Sizes that cross tile and panel borders, with padded rows; gradients along random directions by central differences of the reference.
    [TestMethod]
    [DynamicData(nameof(Variants))]
    public void Match_the_reference(string path, string kind, string activation, bool resetBefore, bool reverse)
    {
        int[] lengths = [4, 1, 3, 0, 4, 2, 4, 4, 3, 4, 1, 2, 4];
        foreach ((var hidden, var batch, var padded) in ((int, int, bool)[])[(70, 13, true), (16, 3, false), (33, 1, false)])
        {
            var reference = new RecurrentReference(
                Enum.Parse<RecurrentCell>(kind), Enum.Parse<Activation>(activation), 0.2, resetBefore, reverse, 4, batch, 5, hidden, padded ? lengths : null);
            new RecurrentComparison(reference, KernelPaths.Get(path)).Run();
        }
    }

    [TestMethod]
    [DynamicData(nameof(Variants))]
    public void Do_not_depend_on_the_number_of_threads(string path, string kind, string activation, bool resetBefore, bool reverse)
    {
        var reference = new RecurrentReference(
            Enum.Parse<RecurrentCell>(kind), Enum.Parse<Activation>(activation), 0.2, resetBefore, reverse, 60, 29, 24, 72, null);
        var former = Workers.Threads;
        try
        {
            float[]? expected = null;
            foreach (var threads in (int[])[1, 2, 3])
            {
                Workers.Threads = threads;
                var results = new RecurrentComparison(reference, KernelPaths.Get(path)).Results();
                CollectionAssert.AreEqual(expected ??= results, results, $"{threads} threads");
            }
        }
        finally
        {
            Workers.Threads = former;
        }
    }

    [TestMethod]
    public void Allocate_nothing_once_warm()
    {
        var reference = new RecurrentReference(RecurrentCell.Lstm, Activation.Tanh, 0, false, false, 10, 8, 5, 24, null);
        var comparison = new RecurrentComparison(reference, CpuKernels.Current);
        comparison.Results();
        Assert.AreEqual(0, comparison.AllocatedBytesOfOneRun());
    }

    [TestMethod]
    [DataRow(RecurrentCell.PeepholeLstm, "needs peephole weights")]
    [DataRow(RecurrentCell.Lstm, "has no peephole connections")]
    public void Peephole_weights_are_those_of_the_cell(RecurrentCell cell, string expected)
    {
        var values = stackalloc float[16];
        var arguments = new RecurrentArguments
        {
            Cell = CellDescriptor.For(cell), Time = 1, Batch = 1, InputSize = 1, HiddenSize = 1, X = values, WeightIh = values, WeightHh = values,
            Y = values + 8,
            Peephole = cell is RecurrentCell.Lstm ? values : null,
        };
        var error = Assert.ThrowsExactly<ArgumentException>(() => Forward(arguments));
        Assert.Contains(expected, error.Message);
        static void Forward(RecurrentArguments arguments) => RecurrentKernel.Forward(arguments, null);
    }

    [TestMethod]
    public void A_backward_pass_needs_a_forward_pass()
    {
        using var workspace = new RecurrentWorkspace();
        float value = 1;
        var one = &value;
        var arguments = new RecurrentArguments
        {
            Cell = CellDescriptor.For(RecurrentCell.SimpleRnn), Time = 1, Batch = 1, InputSize = 1, HiddenSize = 1,
            X = one, WeightIh = one, WeightHh = one, Y = one,
        };
        Assert.ThrowsExactly<InvalidOperationException>(() => Backward(arguments, workspace));
        arguments.HiddenSize = 0;
        Assert.ThrowsExactly<ArgumentException>(() => Backward(arguments, workspace));
        static void Backward(RecurrentArguments arguments, RecurrentWorkspace workspace) =>
            RecurrentKernel.Backward(arguments, new RecurrentGradients(), workspace);
    }
}
