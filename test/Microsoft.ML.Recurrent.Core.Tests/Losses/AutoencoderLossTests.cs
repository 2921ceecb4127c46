using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Losses;

/// <summary>The terms of an autoencoder's loss, and the draw of latent variables, against central differences of their double-precision references.</summary>
[TestClass]
public class AutoencoderLossTests
{
    private static readonly float[] s_weights = [1, 0, 2.5f, 0.25f];

    private static readonly int[] s_lengths = [5, 4, 1, 3];

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Divergence_from_the_standard_normal(bool weighted)
    {
        using var weights = weighted ? Tensor.From(new Shape(4), s_weights) : null;
        GradientChecker.Check((tape, x) => [GaussianKlLoss.Apply(tape, x[0], weights)], x => [[Divergences(x[0], weighted).Sum()]], new Shape(4, 6));
    }

    /// <summary>Of three variables, one lies below the free bits and has no gradient.</summary>
    [TestMethod]
    public void Free_bits_hold_each_variable_above_them()
    {
        double[] values = [.. Enumerable.Range(0, 24).Select(i => i % 6 % 3 == 1 ? 0.1 * Math.Sin(i) : Math.Sin(3 * i) + 0.3)];
        var divergences = Divergences(values, false);
        const float free = 0.05f;
        Assert.IsTrue(divergences[1] < free && divergences[0] > free && divergences[2] > free);
        GradientChecker.Check((tape, x) => [GaussianKlLoss.Apply(tape, x[0], null, free)],
            x => [[Divergences(x[0], false).Sum(value => Math.Max(value, free))]], [new Shape(4, 6)], [values]);
    }

    [TestMethod]
    [DataRow(false, 0f)]
    [DataRow(true, 0f)]
    [DataRow(true, 0.3f)]
    public void Likelihood_of_sequences(bool padded, float floor)
    {
        using var targets = Tensor.From(new Shape(5, 4, 2), [.. Enumerable.Range(0, 40).Select(i => MathF.Sin(i))]);
        using var weights = padded ? Tensor.From(new Shape(4), s_weights) : null;
        var lengths = padded ? s_lengths : null;
        GradientChecker.Check((tape, x) => [GaussianReconstructionLoss.Apply(tape, x[0], targets, lengths, weights, x[1], floor)], x =>
        {
            double sum = 0, total = 0;
            for (var row = 0; row < 4; row++)
            {
                double weight = padded ? s_weights[row] : 1;
                total += weight;
                for (var t = 0; t < (padded ? s_lengths[row] : 5); t++)
                {
                    for (var c = 0; c < 2; c++)
                    {
                        var (error, variance) = (x[0][(t * 4 + row) * 2 + c] - targets[(t * 4 + row) * 2 + c], Math.Exp(2 * x[1][c]) + floor);
                        sum += weight * 0.5 * (error * error / variance + Math.Log(2 * Math.PI * variance));
                    }
                }
            }
            return [[sum / total]];
        }, new Shape(5, 4, 2), new Shape(2));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Draws_pass_gradients_to_means_and_variances(bool mean)
    {
        using var noise = mean ? null : Tensor.From(new Shape(4, 3), [.. Enumerable.Range(0, 12).Select(i => MathF.Cos(2 * i))]);
        GradientChecker.Check((tape, x) => [ReparameterizationOperation.Apply(tape, x[0], noise)],
            x => [[.. Enumerable.Range(0, 12).Select(i => x[0][i / 3 * 6 + i % 3] + Math.Exp(x[0][i / 3 * 6 + 3 + i % 3] / 2) * (noise?[i] ?? 0))]],
            new Shape(4, 6));
    }

    // The weighted mean over the rows, for each of three variables.
    private static double[] Divergences(double[] x, bool weighted) =>
    [
        .. Enumerable.Range(0, 3).Select(j => Enumerable.Range(0, 4).Sum(row => (weighted ? s_weights[row] : 1) * 0.5
            * (Math.Exp(x[row * 6 + 3 + j]) + x[row * 6 + j] * x[row * 6 + j] - 1 - x[row * 6 + 3 + j])) / (weighted ? s_weights.Sum() : 4)),
    ];
}
