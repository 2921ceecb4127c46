using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// Compares the backward pass of an operation with central differences of a double-precision reference: for each operand, the directional derivative of
/// sum(upstream x result) along 20 random directions. Forward results are compared too.
/// </summary>
internal static class GradientChecker
{
    public const int Directions = 20;

    public const double Tolerance = 1e-4;

    private const double Step = 1e-6;

    /// <summary>The operation on the tape: operands to results.</summary>
    public delegate Tensor[] Operation(Tape tape, Tensor[] operands);

    /// <summary>The reference in double precision.</summary>
    public delegate double[][] Reference(double[][] operands);

    /// <summary>Operands are drawn from a normal distribution.</summary>
    public static void Check(Operation operation, Reference reference, params Shape[] shapes)
    {
        var random = new RandomStream(7, 1);
        Check(operation, reference, shapes, [.. shapes.Select(shape => Normal(random, shape.Length))]);
    }

    public static void Check(Operation operation, Reference reference, Shape[] shapes, double[][] values)
    {
        var (worst, where) = WorstError(operation, reference, shapes, values);
        Assert.IsTrue(worst <= Tolerance, $"The gradient's relative error is {worst:g3} at {where}; at most {Tolerance} is allowed.");
    }

    /// <summary>
    /// The maximum relative error over all operands and directions. <paramref name="gradientFactor"/> corrupts the gradients, to test the checker.
    /// </summary>
    public static (double Error, string Where) WorstError(Operation operation, Reference reference, Shape[] shapes, double[][] values, float gradientFactor = 1)
    {
        var random = new RandomStream(11, 2);
        // The operation's inputs are rounded to single precision, so the reference gets the same values.
        values = [.. values.Select(value => Array.ConvertAll(value, v => (double)(float)v))];
        var operands = shapes.Zip(values, (shape, value) => Tape.Watch(Tensor.From(shape, Array.ConvertAll(value, v => (float)v)))).ToArray();
        using var tape = new Tape(5) { Training = true };
        var results = operation(tape, operands);
        var expected = reference(values);
        var upstreams = results.Select(result => Normal(random, result.Length)).ToArray();
        for (var k = 0; k < results.Length; k++)
        {
            GoldenVectors.AssertClose(expected[k], results[k].Span, $"result {k}");
            var gradient = Tape.GradientOf(results[k])!.Span;
            for (var i = 0; i < gradient.Length; i++) gradient[i] = (float)upstreams[k][i];
            upstreams[k] = Array.ConvertAll(upstreams[k], u => (double)(float)u);
        }

        tape.Backward();
        var (worst, where) = (0.0, "");
        for (var k = 0; k < operands.Length; k++)
        {
            var gradient = operands[k].Gradient is { } g && operands[k].HasGradient ? g.Span.ToArray() : new float[operands[k].Length];
            var (analytic, numeric) = (new double[Directions], new double[Directions]);
            for (var d = 0; d < Directions; d++)
            {
                var direction = Normal(random, gradient.Length);
                for (var i = 0; i < gradient.Length; i++) analytic[d] += (double)gradient[i] * gradientFactor * direction[i];
                numeric[d] = (At(k, direction, Step) - At(k, direction, -Step)) / (2 * Step);
            }

            // Directions nearly orthogonal to the gradient are not informative: errors are relative to at least the typical size of a derivative.
            var usual = Math.Sqrt(numeric.Sum(n => n * n) / Directions);
            for (var d = 0; d < Directions; d++)
            {
                var error = Math.Abs(analytic[d] - numeric[d]) / Math.Max(Math.Max(Math.Abs(numeric[d]), usual), 1e-6);
                if (error > worst || double.IsNaN(error))
                    (worst, where) = (double.IsNaN(error) ? double.PositiveInfinity : error, $"operand {k}, direction {d}");
            }
        }

        tape.Reset();
        foreach (var operand in operands) operand.Dispose();
        return (worst, where);

        double At(int k, double[] direction, double step)
        {
            var moved = (double[][])values.Clone();
            moved[k] = [.. values[k].Select((v, i) => v + step * direction[i])];
            return reference(moved).Zip(upstreams, (result, upstream) => result.Zip(upstream, (y, u) => y * u).Sum()).Sum();
        }
    }

    public static double[] Normal(RandomStream random, int length)
    {
        var values = new double[length];
        for (var i = 0; i < length; i++) values[i] = random.NextGaussian();
        return values;
    }
}
