using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>One direction of a recurrent layer with any options in double precision, row by row and step by step.</summary>
internal sealed class SteppedReference
{
    public required RecurrentCell Cell { get; init; }
    public bool ResetAfter { get; init; } = true;
    public required int Rows { get; init; }
    public required int Hidden { get; init; }
    public int State { get => field == 0 ? Hidden : field; init; }
    public bool Reverse { get; init; }
    public int[]? Lengths { get; init; }
    public double[]? Mask { get; init; }
    public double[]? KeepHidden { get; init; }
    public double[]? KeepCell { get; init; }
    public double ZoneoutHidden { get; init; }
    public double ZoneoutCell { get; init; }

    /// <summary>y [time, rows, state], the last state and the last memory.</summary>
    public double[][] Run(double[] x, double[] wih, double[] whh, double[] bih, double[] bhh, double[]? whr, double[]? gainIh, double[]? gainHh,
        double[]? gainC, double[]? biasC, double[] h0, double[] c0, double[]? peephole = null)
    {
        var gates = ReferenceCell.Create(Cell).Gates * Hidden;
        var inputs = wih.Length / gates;
        var time = x.Length / (Rows * inputs);
        var (y, hn, cn) = (new double[time * Rows * State], h0.ToArray(), c0.ToArray());
        for (var row = 0; row < Rows; row++)
        {
            var length = Lengths?[row] ?? time;
            var (h, c) = (h0.AsSpan(row * State, State).ToArray(), c0.AsSpan(row * Hidden, Hidden).ToArray());
            for (var i = 0; i < length; i++)
            {
                var t = Reverse ? length - 1 - i : i;
                var read = Mask is null ? h : [.. h.Select((v, j) => v * Mask[row * State + j])];
                var a = Normalized(Product(wih, x.AsSpan((t * Rows + row) * inputs, inputs).ToArray()), gainIh);
                var u = Normalized(Product(whh, read), gainHh);
                var (fresh, freshC) = Step(a, u, bih, bhh, read, h, c, whh, gainC, biasC, peephole);
                if (whr is not null) fresh = Product(whr, fresh);
                h = [.. fresh.Select((v, j) => Mix(h[j], v, KeepHidden, (t * Rows + row) * State + j, ZoneoutHidden))];
                c = [.. freshC.Select((v, j) => Mix(c[j], v, KeepCell, (t * Rows + row) * Hidden + j, ZoneoutCell))];
                h.CopyTo(y, (t * Rows + row) * State);
            }

            h.CopyTo(hn, row * State);
            c.CopyTo(cn, row * Hidden);
        }

        return ReferenceCell.Create(Cell).HasMemory ? [y, hn, cn] : [y, hn];
    }

    private (double[] H, double[] C) Step(double[] a, double[] u, double[] bih, double[] bhh, double[] read, double[] h, double[] c, double[] whh,
        double[]? gainC, double[]? biasC, double[]? peephole)
    {
        var n = Hidden;
        double At(int i) => a[i] + u[i] + bih[i] + bhh[i];
        if (Cell == RecurrentCell.SimpleRnn) return ([.. Enumerable.Range(0, n).Select(j => Math.Tanh(At(j)))], c);
        if (ReferenceCell.Create(Cell) is { HasMemory: true } lstm)
        {
            double Peephole(int block, int j) => peephole is null ? 0 : peephole[block * n + j];
            double Input(int j) => CellMath.Sigmoid(At(j) + Peephole(0, j) * c[j]);
            double Forget(int j) => lstm.Gates == 3 ? 1 - Input(j) : CellMath.Sigmoid(At(n + j) + Peephole(2, j) * c[j]);
            int candidate = (lstm.Gates - 2) * n, output = candidate + n;
            double[] next = [.. Enumerable.Range(0, n).Select(j => Forget(j) * c[j] + Input(j) * Math.Tanh(At(candidate + j)))];
            var inner = gainC is null ? next : LayerReferences.LayerNorm(next, gainC, biasC!, 1e-5);
            return ([.. Enumerable.Range(0, n).Select(j => CellMath.Sigmoid(At(output + j) + Peephole(1, j) * next[j]) * Math.Tanh(inner[j]))], next);
        }

        if (Cell == RecurrentCell.MinimalGated)
        {
            double[] f = [.. Enumerable.Range(0, n).Select(j => CellMath.Sigmoid(At(j)))];
            var forgotten = Product(whh[(n * n)..], [.. read.Select((v, j) => v * f[j])]);
            return ([.. Enumerable.Range(0, n).Select(j => (1 - f[j]) * h[j] + f[j] * Math.Tanh(a[n + j] + bih[n + j] + forgotten[j] + bhh[n + j]))], c);
        }

        double[] r = [.. Enumerable.Range(0, n).Select(j => CellMath.Sigmoid(At(j)))];
        var product = Product(whh[(2 * n * n)..], [.. read.Select((v, j) => v * r[j])]);
        return ([.. Enumerable.Range(0, n).Select(j =>
        {
            var z = CellMath.Sigmoid(At(n + j));
            var candidate = Math.Tanh(a[2 * n + j] + bih[2 * n + j] + (ResetAfter ? r[j] * (u[2 * n + j] + bhh[2 * n + j]) : product[j] + bhh[2 * n + j]));
            return (1 - z) * candidate + z * h[j];
        })], c);
    }

    private static double[] Normalized(double[] x, double[]? gain) => gain is null ? x : LayerReferences.LayerNorm(x, gain, new double[x.Length], 1e-5);

    private static double[] Product(double[] weight, double[] x) => References.Linear(x, weight, new double[weight.Length / x.Length]);

    private static double Mix(double old, double fresh, double[]? keep, int at, double share)
    {
        var k = keep?[at] ?? share;
        return k * old + (1 - k) * fresh;
    }
}
