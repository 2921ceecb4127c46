using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>A recurrent layer in double precision, step by step from the equations, with its loss sum(y * dy) + sum(hn * dhn) + sum(cn * dcn).</summary>
internal sealed record RecurrentReference(
    RecurrentCell Kind, Activation Activation, double Alpha, bool ResetBefore, bool Reverse, int Time, int Batch, int Inputs, int Hidden, int[]? Lengths)
{
    public int Gates => ReferenceCell.Create(Kind).Gates;

    public int Peepholes => ReferenceCell.Create(Kind).Peepholes;

    public bool HasMemory => ReferenceCell.Create(Kind).HasMemory;

    public (double[] Y, double[] H, double[] C) Run(double[] x, double[] wih, double[] whh, double[] bih, double[] bhh, double[] h0, double[] c0,
        double[] peephole)
    {
        double[] y = new double[Time * Batch * Hidden], h = (double[])h0.Clone(), c = (double[])c0.Clone();
        for (var s = 0; s < Time; s++)
        {
            var t = Reverse ? Time - 1 - s : s;
            for (var b = 0; b < Batch; b++)
            {
                if (Lengths is not null && t >= Lengths[b])
                    continue;
                double[] old = h[(b * Hidden)..((b + 1) * Hidden)], reset = new double[Hidden];
                double Input(int row) => bih[row] + Enumerable.Range(0, Inputs).Sum(k => wih[(row * Inputs) + k] * x[(((t * Batch) + b) * Inputs) + k]);
                double Recurrent(int row, double[] state) => bhh[row] + Enumerable.Range(0, Hidden).Sum(k => whh[(row * Hidden) + k] * state[k]);
                if (ResetBefore || Kind is RecurrentCell.MinimalGated)
                    for (var u = 0; u < Hidden; u++)
                        reset[u] = old[u] * Sigmoid(Input(u) + Recurrent(u, old));
                for (var u = 0; u < Hidden; u++)
                {
                    double Gate(int gate) => Input((gate * Hidden) + u) + Recurrent((gate * Hidden) + u, old);
                    var place = (b * Hidden) + u;
                    switch (Kind)
                    {
                        case RecurrentCell.Lstm:
                            c[place] = (Sigmoid(Gate(1)) * c[place]) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
                            h[place] = Sigmoid(Gate(3)) * Math.Tanh(c[place]);
                            break;
                        case RecurrentCell.PeepholeLstm or RecurrentCell.CoupledLstm or RecurrentCell.CoupledPeepholeLstm:
                            double Peephole(int block) => Peepholes == 0 ? 0 : peephole[(block * Hidden) + u] * c[place];
                            var i = Sigmoid(Gate(0) + Peephole(0));
                            c[place] = (Gates == 3 ? (1 - i) * c[place] : Sigmoid(Gate(1) + Peephole(2)) * c[place]) + (i * Math.Tanh(Gate(Gates - 2)));
                            h[place] = Sigmoid(Gate(Gates - 1) + Peephole(1)) * Math.Tanh(c[place]);
                            break;
                        case RecurrentCell.Gru:
                            var row = (2 * Hidden) + u;
                            var z = Sigmoid(Gate(1));
                            var n = Math.Tanh(ResetBefore ? Input(row) + Recurrent(row, reset) : Input(row) + (Sigmoid(Gate(0)) * Recurrent(row, old)));
                            h[place] = ((1 - z) * n) + (z * old[u]);
                            break;
                        case RecurrentCell.MinimalGated:
                            var f = Sigmoid(Gate(0));
                            h[place] = ((1 - f) * old[u]) + (f * Math.Tanh(Input(Hidden + u) + Recurrent(Hidden + u, reset)));
                            break;
                        default:
                            h[place] = Activate(Gate(0));
                            break;
                    }
                    y[(((t * Batch) + b) * Hidden) + u] = h[place];
                }
            }
        }
        return (y, h, c);
    }

    private static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));

    private double Activate(double v) => Activation switch
    {
        Activation.Tanh => Math.Tanh(v),
        Activation.Sigmoid => Sigmoid(v),
        Activation.Relu => Math.Max(0, v),
        Activation.LeakyRelu => v > 0 ? v : Alpha * v,
        _ => v > 0 ? v : Alpha * (Math.Exp(v) - 1),
    };
}
