using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

/// <summary>Additive attention of several queries, beside its formula in double precision.</summary>
[TestClass]
public sealed class AdditiveAttentionTests
{
    private const int Queries = 3, Time = 4, Rows = 2, Units = 5, Size = 3;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Agrees_with_its_formula(bool masked)
    {
        int[]? lengths = masked ? [2, 4] : null;
        GradientChecker.Check((tape, x) => [AdditiveAttentionOperation.Apply(tape, x[0], x[1], x[2], x[3], lengths)], x => [Reference(x, lengths)],
            new Shape(Queries, Rows, Units), new Shape(Time, Rows, Units), new Shape(Time, Rows, Size), new Shape(1, Units));
    }

    private static double[] Reference(double[][] x, int[]? lengths)
    {
        var (query, keys, values, score) = (x[0], x[1], x[2], x[3]);
        var contexts = new double[Queries * Rows * Size];
        for (var i = 0; i < Queries * Rows; i++)
        {
            var row = i % Rows;
            double[] scores = [.. Enumerable.Range(0, lengths?[row] ?? Time).Select(t =>
                Enumerable.Range(0, Units).Sum(u => score[u] * Math.Tanh(query[i * Units + u] + keys[(t * Rows + row) * Units + u])))];
            var sum = scores.Sum(Math.Exp);
            for (var t = 0; t < scores.Length; t++)
                for (var j = 0; j < Size; j++) contexts[i * Size + j] += Math.Exp(scores[t]) / sum * values[(t * Rows + row) * Size + j];
        }
        return contexts;
    }
}
