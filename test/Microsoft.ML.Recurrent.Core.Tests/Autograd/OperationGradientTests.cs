using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

/// <summary>The backward pass of each operation against central differences of its double-precision reference.</summary>
[TestClass]
public class OperationGradientTests
{
    private static readonly int[] s_lengths = [5, 1, 3];

    [TestMethod]
    public void Linear() => GradientChecker.Check(
        (tape, x) => [LinearOperation.Apply(tape, x[0], x[1], x[2])], x => [References.Linear(x[0], x[1], x[2])], new(3, 4, 7), new(5, 7), new(5));

    [TestMethod]
    public void Linear_on_an_operand_used_twice() => GradientChecker.Check(
        (tape, x) => [LinearOperation.Apply(tape, LinearOperation.Apply(tape, x[0], x[1], x[2]), x[1], x[2])],
        x => [References.Linear(References.Linear(x[0], x[1], x[2]), x[1], x[2])], new(4, 6), new(6, 6), new(6));

    [TestMethod]
    [DataRow(Activation.Tanh)]
    [DataRow(Activation.Sigmoid)]
    [DataRow(Activation.Relu)]
    [DataRow(Activation.LeakyRelu)]
    [DataRow(Activation.Elu)]
    [DataRow(Activation.Gelu)]
    [DataRow(Activation.Silu)]
    [DataRow(Activation.Softplus)]
    public void Activations(object activation) => GradientChecker.Check(
        (tape, x) => [ActivationOperation.Apply(tape, x[0], (Activation)activation)],
        x => [Array.ConvertAll(x[0], v => References.Activate((Activation)activation, v))], new Shape(6, 9));

    [TestMethod]
    public void Embedding()
    {
        int[] ids = [1, 0, 3, 3, 2, 1];
        GradientChecker.Check(
            (tape, x) => [EmbeddingOperation.Apply(tape, x[0], ids, new Shape(3, 2, 4))],
            x => [[.. ids.SelectMany(id => x[0].AsSpan(id * 4, 4).ToArray())]], new Shape(5, 4));
    }

    [TestMethod]
    public void Embedding_bags()
    {
        int[][] bags = [[1, 0, 3, 3], [], [4], [1, 4]];
        int[] starts = [0, 4, 4, 5, 7];
        GradientChecker.Check((tape, x) => [EmbeddingBagOperation.Apply(tape, x[0], bags.SelectMany(bag => bag).ToArray(), starts)],
            x => [[.. bags.SelectMany(bag => Enumerable.Range(0, 4).Select(k => bag.Sum(id => x[0][id * 4 + k]) / Math.Sqrt(Math.Max(1, bag.Length))))]],
            new Shape(5, 4));
    }

    [TestMethod]
    public void Weighted_sum() => GradientChecker.Check((tape, x) => [AddScaledOperation.Apply(tape, x[0], x[1], 2, -0.25f)],
        x => [[.. x[0].Zip(x[1], (a, b) => 2 * a - 0.25 * b)]], new Shape(3, 4), new Shape(3, 4));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Dropout(bool sharedOverTime)
    {
        var shape = new Shape(4, 3, 5);
        GradientChecker.Check((tape, x) => [DropoutOperation.Apply(tape, x[0], 0.4f, sharedOverTime)], x =>
        {
            var mask = new float[sharedOverTime ? 15 : 60];
            DropoutOperation.FillMask(mask, 0.4f, 5, 0);
            return [[.. x[0].Select((v, i) => v * mask[i % mask.Length])]];
        }, shape);
    }

    [TestMethod]
    [DataRow(SequencePooling.Last, true)]
    [DataRow(SequencePooling.Last, false)]
    [DataRow(SequencePooling.Mean, true)]
    [DataRow(SequencePooling.Mean, false)]
    [DataRow(SequencePooling.Max, true)]
    [DataRow(SequencePooling.Max, false)]
    public void Pooling(SequencePooling pooling, bool masked)
    {
        var lengths = masked ? s_lengths : null;
        GradientChecker.Check(
            (tape, x) => [PoolingOperation.Apply(tape, x[0], pooling, lengths, 2)], x => [References.Pool(x[0], pooling, lengths, 5, 3, 4, reverseFrom: 2)],
            new Shape(5, 3, 4));
    }

    [TestMethod]
    public void Broadcast_add()
    {
        GradientChecker.Check((tape, x) => [BroadcastAddOperation.Apply(tape, x[0], x[1])], x => [LayerReferences.BroadcastAdd(x[0], x[1])], new Shape(4, 3, 5),
            new Shape(3, 5));
        GradientChecker.Check((tape, x) => [BroadcastAddOperation.Apply(tape, x[0], x[1])], x => [LayerReferences.BroadcastAdd(x[0], x[1])], new Shape(4, 3, 5),
            new Shape(4, 3, 5));
    }

    [TestMethod]
    public void Attention_pool() => GradientChecker.Check(
        (tape, x) => [AttentionPoolOperation.Apply(tape, x[0], x[1], s_lengths)], x => [LayerReferences.AttentionPool(x[0], x[1], 3, s_lengths)],
        new Shape(5, 3, 1), new Shape(5, 3, 4));

    [TestMethod]
    public void Slice() => GradientChecker.Check((tape, x) => [SliceOperation.Apply(tape, x[0], 1, 3)], x => [x[0][12..48]], new Shape(5, 3, 4));

    /// <summary>Values viewed as [2, 3, 4, 5], or with fewer axes, permuted in every order.</summary>
    [TestMethod]
    [DataRow(0, 1, 2, 3)]
    [DataRow(1, 2, 0, 3)]
    [DataRow(3, 1, 0, 2)]
    [DataRow(2, 3, 1, 0)]
    [DataRow(1, 0, 2, -1)]
    [DataRow(0, 2, 1, -1)]
    [DataRow(1, 0, -1, -1)]
    public void Permute(int first, int second, int third, int fourth)
    {
        int[] order = [.. new[] { first, second, third, fourth }.Where(axis => axis >= 0)], sizes = [2, 3, 4, 5];
        var view = new Shape(sizes.AsSpan(0, order.Length));
        GradientChecker.Check((tape, x) => [PermuteOperation.Apply(tape, x[0], view, order, new Shape(view.Length))], x =>
        {
            var y = new double[view.Length];
            for (var i = 0; i < y.Length; i++)
            {
                // The index of an element of the result along each axis, then its index in the operand.
                var (rest, place) = (i, new int[order.Length]);
                for (var axis = order.Length - 1; axis >= 0; rest /= sizes[order[axis--]]) place[order[axis]] = rest % sizes[order[axis]];
                y[i] = x[0][place.Select((at, axis) => at * sizes[(axis + 1)..order.Length].Aggregate(1, (a, b) => a * b)).Sum()];
            }

            return [y];
        }, new Shape(view.Length / sizes[order.Length - 1], sizes[order.Length - 1]));
    }

    /// <summary>The gradient of the permuted values is added to an existing gradient of the operand.</summary>
    [TestMethod]
    [DataRow(1, 0, 2)]
    [DataRow(2, 1, 0)]
    public void Permute_of_an_operand_used_twice(int first, int second, int third)
    {
        int[] order = [first, second, third];
        GradientChecker.Check((tape, x) => [BroadcastAddOperation.Apply(tape, PermuteOperation.Apply(tape, x[0], x[0].Shape, order, x[0].Shape), x[0])], x =>
            [[.. x[0].Select((value, i) => value + x[0][first == 1 ? i / 3 % 3 * 9 + i / 9 * 3 + i % 3 : i % 3 * 9 + i / 3 % 3 * 3 + i / 9])]],
                new Shape(3, 3, 3));
    }

    [TestMethod]
    public void Concat_along_the_middle_axis() => GradientChecker.Check((tape, x) => [ConcatOperation.Apply(tape, 1, x[0], x[1], x[0])],
        x => [[.. Enumerable.Range(0, 2).SelectMany(i => x[0][(i * 12)..(i * 12 + 12)].Concat(x[1][(i * 4)..(i * 4 + 4)])
            .Concat(x[0][(i * 12)..(i * 12 + 12)]))]], new Shape(2, 3, 4), new Shape(2, 1, 4));

    [TestMethod]
    public void Concat() => GradientChecker.Check(
        (tape, x) => [ConcatOperation.Apply(tape, x[0], x[1])], x => [References.Concat(x[0], x[1], 6)], new Shape(2, 3, 4), new Shape(6, 3));

    [TestMethod]
    [DataRow(RecurrentCell.SimpleRnn, Activation.Tanh, false, 1)]
    [DataRow(RecurrentCell.SimpleRnn, Activation.Relu, false, 1)]
    [DataRow(RecurrentCell.SimpleRnn, Activation.LeakyRelu, false, 1)]
    [DataRow(RecurrentCell.SimpleRnn, Activation.Elu, false, 1)]
    [DataRow(RecurrentCell.SimpleRnn, Activation.Sigmoid, false, 2)]
    [DataRow(RecurrentCell.Lstm, Activation.Tanh, false, 1)]
    [DataRow(RecurrentCell.Lstm, Activation.Tanh, false, 2)]
    [DataRow(RecurrentCell.Gru, Activation.Tanh, false, 1)]
    [DataRow(RecurrentCell.Gru, Activation.Tanh, false, 2)]
    [DataRow(RecurrentCell.Gru, Activation.Tanh, true, 1)]
    [DataRow(RecurrentCell.Gru, Activation.Tanh, true, 2)]
    [DataRow(RecurrentCell.MinimalGated, Activation.Tanh, false, 1)]
    [DataRow(RecurrentCell.MinimalGated, Activation.Tanh, false, 2)]
    [DataRow(RecurrentCell.PeepholeLstm, Activation.Tanh, false, 1)]
    [DataRow(RecurrentCell.PeepholeLstm, Activation.Tanh, false, 2)]
    [DataRow(RecurrentCell.CoupledLstm, Activation.Tanh, false, 1)]
    [DataRow(RecurrentCell.CoupledLstm, Activation.Tanh, false, 2)]
    [DataRow(RecurrentCell.CoupledPeepholeLstm, Activation.Tanh, false, 1)]
    [DataRow(RecurrentCell.CoupledPeepholeLstm, Activation.Tanh, false, 2)]
    public void Recurrent(RecurrentCell kind, object activation, bool resetBefore, int directions)
    {
        const int time = 5, rows = 3, features = 4, hidden = 6;
        var cell = ReferenceCell.Create(kind, Enum.Parse<RecurrentActivation>(activation.ToString()!), !resetBefore);
        var options = new RecurrentOptions(CellDescriptor.For(kind), hidden, (Activation)activation, resetBefore);
        List<Shape> shapes = [new(time, rows, features)];
        for (var d = 0; d < directions; d++)
            shapes.AddRange([new(cell.Gates * hidden, features), new(cell.Gates * hidden, hidden), new(cell.Gates * hidden), new(cell.Gates * hidden),
                new(rows, hidden), .. cell.HasMemory ? (Shape[])[new(rows, hidden)] : [],
                .. cell.Peepholes > 0 ? (Shape[])[new(cell.Peepholes * hidden)] : []]);
        var each = (shapes.Count - 1) / directions;
        var random = new RandomStream(21, 4);
        var values = shapes.Select((shape, i) => GradientChecker.Normal(random, shape.Length).Select(v => i == 0 ? v : 0.4 * v).ToArray()).ToArray();

        GradientChecker.Check((tape, x) =>
        {
            var weights = Enumerable.Range(0, directions).Select(d => new RecurrentWeights(x[1 + d * each], x[2 + d * each], x[3 + d * each], x[4 + d * each])
            {
                Peephole = cell.Peepholes > 0 ? x[7 + d * each] : null,
            }).ToArray();
            var states = Enumerable.Range(0, directions).Select(d => new RecurrentState(x[5 + d * each], cell.HasMemory ? x[6 + d * each] : null)).ToArray();
            var result = RecurrentOperation.Apply(tape, x[0], s_lengths, options, weights, states[0], directions > 1 ? states[1] : null);
            return [result.Y, .. Parts(result.Forward), .. result.Reverse is { } reverse ? Parts(reverse) : []];
        }, x =>
        {
            var runs = Enumerable.Range(0, directions)
                .Select(d => References.Recurrent(cell, rows, hidden, x[0], x[1 + d * each], x[2 + d * each], x[3 + d * each], x[4 + d * each],
                x[5 + d * each], cell.HasMemory ? x[6 + d * each] : null, s_lengths, d == 1,
                cell.Peepholes > 0 ? x[7 + d * each] : null)).ToArray();
            var y = directions == 1 ? runs[0].Y : References.Concat(runs[0].Y, runs[1].Y, time * rows);
            return [y, .. runs.SelectMany(run => cell.HasMemory ? (double[][])[run.H, run.C] : [run.H])];
        }, [.. shapes], values);

        static IEnumerable<Tensor> Parts(RecurrentState state) => state.C is null ? [state.H] : [state.H, state.C];
    }
}
