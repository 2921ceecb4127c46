using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>Operations in double precision, as simple as possible.</summary>
internal static class References
{
    /// <summary>x W^T + b.</summary>
    public static double[] Linear(double[] x, double[] weight, double[] bias)
    {
        var (outputs, inputs) = (bias.Length, weight.Length / bias.Length);
        var y = new double[x.Length / inputs * outputs];
        for (var row = 0; row < x.Length / inputs; row++)
            CellMath.Affine<double>(weight, bias, x.AsSpan(row * inputs, inputs), y.AsSpan(row * outputs, outputs));
        return y;
    }

    /// <summary>One direction of a recurrent layer by its cell: y [time, rows, hidden], last h and c [rows, hidden].</summary>
    public static (double[] Y, double[] H, double[] C) Recurrent(
        ReferenceCell cell, int rows, int hidden, double[] x, double[] weightIh, double[] weightHh, double[]? biasIh, double[]? biasHh,
        double[]? h0 = null, double[]? c0 = null, int[]? lengths = null, bool reverse = false, double[]? peephole = null)
    {
        var inputs = weightIh.Length / (cell.Gates * hidden);
        var time = x.Length / (rows * inputs);
        var (y, hn, cn) = (new double[time * rows * hidden], h0?.ToArray() ?? new double[rows * hidden], c0?.ToArray() ?? new double[rows * hidden]);
        var scratch = new double[2 * cell.Gates * hidden];
        var weights = new CellWeights<double> { WeightIh = weightIh, WeightHh = weightHh, BiasIh = biasIh, BiasHh = biasHh, Peephole = peephole };
        for (var row = 0; row < rows; row++)
        {
            var length = lengths?[row] ?? time;
            var h = hn.AsSpan(row * hidden, hidden);
            var c = cn.AsSpan(row * hidden, hidden);
            for (var i = 0; i < length; i++)
            {
                var t = reverse ? length - 1 - i : i;
                cell.Step(x.AsSpan((t * rows + row) * inputs, inputs), h, c, weights, scratch.AsSpan());
                h.CopyTo(y.AsSpan((t * rows + row) * hidden));
            }
        }

        return (y, hn, cn);
    }

    public static double Activate(Activation activation, double x) => activation switch
    {
        Activation.Gelu => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
        Activation.Silu => x * CellMath.Sigmoid(x),
        Activation.Softplus => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x))),
        _ => CellMath.Activate(Enum.Parse<RecurrentActivation>(activation.ToString()), x),
    };

    /// <summary>The error function, by its series 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1)).</summary>
    public static double Erf(double x)
    {
        double sum = 0, power = x;
        for (var n = 0; n < 200 && Math.Abs(power) > 1e-300; n++)
        {
            sum += power / (2 * n + 1);
            power *= -x * x / (n + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    /// <summary>[time, rows, features] to [rows, features].</summary>
    public static double[] Pool(double[] x, SequencePooling pooling, int[]? lengths, int time, int rows, int features, int reverseFrom)
    {
        var y = new double[rows * features];
        for (var row = 0; row < rows; row++)
        {
            for (var j = 0; j < features; j++)
            {
                var steps = Enumerable.Range(0, lengths?[row] ?? time).Select(t => x[(t * rows + row) * features + j]).ToArray();
                y[row * features + j] = pooling switch
                {
                    SequencePooling.Mean => steps.Average(),
                    SequencePooling.Max => steps.Max(),
                    _ =>
                    j < reverseFrom ? steps[^1] : steps[0]
                };
            }
        }

        return y;
    }

    /// <summary>Concatenates two sequences [rows, a] and [rows, b].</summary>
    public static double[] Concat(double[] left, double[] right, int rows)
    {
        var (a, b) = (left.Length / rows, right.Length / rows);
        var y = new double[left.Length + right.Length];
        for (var row = 0; row < rows; row++)
        {
            left.AsSpan(row * a, a).CopyTo(y.AsSpan(row * (a + b)));
            right.AsSpan(row * b, b).CopyTo(y.AsSpan(row * (a + b) + a));
        }

        return y;
    }
}
