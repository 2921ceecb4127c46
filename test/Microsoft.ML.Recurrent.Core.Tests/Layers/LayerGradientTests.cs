using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

/// <summary>The backward passes of normalization and attention against central differences of their double-precision references.</summary>
[TestClass]
public class LayerGradientTests
{
    private static readonly int[] s_lengths = [5, 1, 3];

    [TestMethod]
    public void Layer_norm() => GradientChecker.Check(
        (tape, x) => [LayerNormOperation.Apply(tape, x[0], x[1], x[2])], x => [LayerReferences.LayerNorm(x[0], x[1], x[2], 1e-5)], new(3, 4, 19), new(19),
        new(19));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Batch_norm(bool masked)
    {
        var lengths = masked ? s_lengths : null;
        GradientChecker.Check((tape, x) => [BatchNormOperation.ApplyTraining(tape, x[0], x[1], x[2], null, null, lengths)],
            x => [LayerReferences.BatchNorm(x[0], x[1], x[2], 1e-5, 3, lengths)], new(5, 3, 7), new(7), new(7));
    }

    [TestMethod]
    public void Batch_norm_by_running_figures()
    {
        using Tensor mean = Tensor.From(new Shape(3), [0.5f, -1, 2]), variance = Tensor.From(new Shape(3), [1, 4, 0.25f]);
        GradientChecker.Check((tape, x) => [BatchNormOperation.ApplyInference(tape, x[0], x[1], x[2], mean, variance, null)],
            x => [[.. x[0].Select((v, i) => (v - mean[i % 3]) / Math.Sqrt(variance[i % 3] + 1e-5) * x[1][i % 3] + x[2][i % 3])]], new(4, 3), new(3), new(3));
    }

    [TestMethod]
    [DataRow(1, false, false)]
    [DataRow(2, false, true)]
    [DataRow(3, true, false)]
    [DataRow(2, true, true)]
    public void Dot_attention(int heads, bool causal, bool masked)
    {
        var lengths = masked ? s_lengths : null;
        GradientChecker.Check((tape, x) => [DotAttentionOperation.Apply(tape, x[0], x[1], x[2], lengths, heads, 0.7f, causal)],
            x => [LayerReferences.DotAttention(x[0], x[1], x[2], 3, heads, 4, 2, 0.7f, causal, lengths)], new(5, 3, heads * 4), new(5, 3, heads * 4),
            new(5, 3, heads * 2));
    }

    [TestMethod]
    public void Dot_attention_over_itself() => GradientChecker.Check(
        (tape, x) => [DotAttentionOperation.Apply(tape, x[0], x[0], x[0], s_lengths)],
        x => [LayerReferences.DotAttention(x[0], x[0], x[0], 3, 1, 4, 4, 1, false, s_lengths)], new Shape(5, 3, 4));

    [TestMethod]
    public void Additive_attention() => GradientChecker.Check(
        (tape, x) => [Attention.Additive(tape, x[0], LinearOperation.Apply(tape, x[1], x[3]), x[1], x[2], x[4], s_lengths)],
        x =>
        {
            var sum = LayerReferences.BroadcastAdd(References.Linear(x[1], x[3], new double[6]), References.Linear(x[0], x[2], new double[6]));
            return [LayerReferences.AttentionPool(References.Linear([.. sum.Select(Math.Tanh)], x[4], [0]), x[1], 3, s_lengths)];
        }, new(3, 2), new(5, 3, 4), new(6, 2), new(6, 4), new(1, 6));

    [TestMethod]
    [DataRow(BidirectionalMerge.Sum)]
    [DataRow(BidirectionalMerge.Average)]
    [DataRow(BidirectionalMerge.Product)]
    public void Merge(BidirectionalMerge merge) => GradientChecker.Check(
        (tape, x) => [MergeOperation.Apply(tape, x[0], merge)],
        x => [[.. x[0].Chunk(6).SelectMany(row => Enumerable.Range(0, 3).Select(j => merge switch
        {
            BidirectionalMerge.Product => row[j] * row[3 + j],
            BidirectionalMerge.Sum => row[j] + row[3 + j],
            _ => (row[j] + row[3 + j]) / 2,
        }))]], new Shape(4, 2, 6));

    [TestMethod]
    [DataRow(4)]
    [DataRow(8)]
    public void Resize(int steps) => GradientChecker.Check(
        (tape, x) => [PadOrTruncateOperation.Apply(tape, x[0], new Shape(steps, 3, 2))],
        x => [[.. Enumerable.Range(0, steps * 6).Select(i => i < 30 ? x[0][i] : 0)]], new Shape(5, 3, 2));

    [TestMethod]
    public void Mask() => GradientChecker.Check(
        (tape, x) => [MaskOperation.Apply(tape, x[0], s_lengths)], x => [[.. x[0].Select((v, i) => i / 6 < s_lengths[i / 2 % 3] ? v : 0)]], new Shape(5, 3, 2));
}
