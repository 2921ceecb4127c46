using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Losses;

/// <summary>Metrics by which training stops leave out the targets that the losses leave out.</summary>
[TestClass]
public sealed class MissingTargetMetricTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_missing_target_does_not_count(bool squared)
    {
        float[] answers = [1, 2, 3, 4, 5, 6, 7, 8, 9], targets = [2, float.NaN, 5, 4, 7, 5, float.NaN, float.NaN, float.NaN], weights = [1, 3, 2];
        var metric = new ErrorMetric(squared);
        using var tape = new Tape { Recording = false };
        using var values = Tensor.From(new Shape(3, 3), answers);
        using var batch = new SequenceBatch();
        batch.Resize(3, 1, 1, targets: 3, weights: true);
        targets.CopyTo(batch.Targets!.Span);
        weights.CopyTo(batch.Weights!.Span);
        metric.Add(tape, new NumberHead(3), new NetworkOutput(values, null, null), batch);

        double sum = 0, weight = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            if (float.IsNaN(targets[i])) continue;
            double error = Math.Abs(answers[i] - targets[i]), own = weights[i / 3];
            (sum, weight) = (sum + own * (squared ? error * error : error), weight + own);
        }
        Assert.AreEqual(squared ? Math.Sqrt(sum / weight) : sum / weight, metric.Value(), 1e-12);
    }
}
