using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Import;

/// <summary>How the steps of a cell are written in a graph.</summary>
public enum CellWriting
{
    Loop,
    Scan,
    Unrolled,
}

/// <summary>Graphs whose cell is written out in ordinary nodes, as frameworks and people write them.</summary>
internal sealed class WrittenCells
{
    public const int Rows = 3, Time = 5, Features = 4, Hidden = 6, Outputs = 2;

    private readonly Random _random = new(7);

    /// <summary>The states after a step.</summary>
    public delegate string[] StepOf(WrittenCells cells, OnnxGraphBuilder body, string x, string[] states);

    /// <summary>The cells, each in the ways in which it is written.</summary>
    public static Dictionary<string, (int States, StepOf Step)> All { get; } = new()
    {
        ["rnn"] = (1, (cells, body, x, s) => [body.Tanh(body.Add(cells.Product(body, x, "w", Features), cells.Affine(body, s[0], "u")))]),
        ["rnn of joined operands"] = (1, (cells, body, x, s) =>
            [body.Relu(body.Gemm(body.Concat(-1, x, s[0]), cells.Weight(body, "wu", Hidden, Features + Hidden), cells.Weight(body, "b", Hidden)))]),
        ["gru before"] = (1, (cells, body, x, s) => Gru(cells, body, x, s[0], after: false, (z, n, h) =>
            body.Add(body.Multiply(z, h), body.Multiply(body.Subtract(body.Scalar(1f), z), n)))),
        ["gru after"] = (1, (cells, body, x, s) => Gru(cells, body, x, s[0], after: true, (z, n, h) =>
            body.Add(body.Multiply(body.Subtract(body.Scalar(1f), z), n), body.Multiply(z, h)))),
        ["gru after, by the difference"] = (1, (cells, body, x, s) => Gru(cells, body, x, s[0], after: true, (z, n, h) =>
            body.Add(n, body.Multiply(z, body.Subtract(h, n))))),
        ["gru before, the other gate"] = (1, (cells, body, x, s) => Gru(cells, body, x, s[0], after: false, (z, n, h) =>
            body.Add(h, body.Multiply(z, body.Subtract(n, h))))),
        ["lstm"] = (2, (cells, body, x, s) => Lstm(cells, body, cells.Gates(body, x, s[0], 4), s[1], (i, f, g, c) =>
            body.Add(body.Multiply(f, c), body.Multiply(i, g)))),
        ["lstm of joined operands"] = (2, (cells, body, x, s) => Lstm(cells, body, body.Gemm(body.Concat(-1, s[0], x),
            cells.Weight(body, "wu", 4 * Hidden, Features + Hidden), cells.Weight(body, "b", 4 * Hidden)), s[1], (i, f, g, c) =>
            body.Add(body.Multiply(i, g), body.Multiply(c, f)))),
        ["coupled lstm"] = (2, (cells, body, x, s) => Lstm(cells, body, cells.Gates(body, x, s[0], 4), s[1], (i, _, g, c) =>
            body.Add(body.Multiply(i, g), body.Multiply(body.Subtract(body.Scalar(1f), i), c)))),
        ["coupled lstm by its forget gate"] = (2, (cells, body, x, s) => Lstm(cells, body, cells.Gates(body, x, s[0], 4), s[1], (_, f, g, c) =>
            body.Add(g, body.Multiply(f, body.Subtract(c, g))))),
        ["peephole lstm"] = (2, Peephole),
    };

    /// <summary>A simple RNN on the products with its inputs.</summary>
    public static StepOf OfProducts { get; } = (cells, body, x, s) => [body.Tanh(body.Add(cells.Affine(body, s[0], "u"), x))];

    /// <summary>Two cells in one step: an LSTM on the states of a GRU.</summary>
    public static (int States, StepOf Step) Stack { get; } = (3, LstmOnGru);

    /// <summary>[batch, time, features] to the steps of a cell, to a linear layer on the last state, or on all of them.</summary>
    public static OnnxModelBuilder Graph(CellWriting writing, int states, StepOf step, bool perStep, string begin = "zeros", int iterations = Time,
        Func<OnnxGraphBuilder, string, string>? place = null, bool freeTime = false, bool projected = false)
    {
        var cells = new WrittenCells();
        var graph = new OnnxModelBuilder(17, "cells", ["X", "answer"]);
        object time = freeTime ? "time" : Time;
        graph.Input("X", OnnxType.Single, "batch", time, Features);
        var x = graph.Transpose("X", 1, 0, 2);
        // The products with the inputs do not depend on the states: some compute them for all steps at once.
        if (projected) x = cells.Product(graph, x, "w", Features);
        var shape = graph.Concat(0, graph.Unsqueeze(graph.Size("X", 0), 0), graph.Constant((long)Hidden));
        var initial = begin == "zeros" ? graph.Node("ConstantOfShape", [shape])
            : graph.Node("Expand", [graph.Parameter("begin", [.. Enumerable.Range(0, Hidden).Select(i => 0.1f * i)], Hidden), shape]);
        string[] now = [.. Enumerable.Repeat(initial, states)];
        string all;
        if (writing is CellWriting.Unrolled)
        {
            List<string> steps = [];
            for (var t = 0; t < Time; t++)
            {
                now = step(cells, graph, graph.Squeeze(graph.Slice(x, t, t + 1, 0), 0), now);
                steps.Add(graph.Unsqueeze(now[0], 0));
            }
            all = graph.Concat(0, [.. steps]);
        }
        else
        {
            var body = new OnnxBodyBuilder(graph, "body");
            var inLoop = writing is CellWriting.Loop;
            var at = inLoop ? body.Input("step", OnnxType.Int64) : "";
            var going = inLoop ? body.Input("going", OnnxType.Boolean) : "";
            string[] before = [.. Enumerable.Range(0, states).Select(i => body.Input("state", OnnxType.Single, null, Hidden))];
            var input = inLoop ? body.Gather(x, place?.Invoke(body, at) ?? at, 0) : body.Input("x", OnnxType.Single, null, projected ? Hidden : Features);
            var after = step(cells, body, input, before);
            if (inLoop) body.Output("goes", going, OnnxType.Boolean);
            foreach (var state in after) body.Output("next", state, OnnxType.Single, null, Hidden);
            body.Output("y", after[0], OnnxType.Single, null, Hidden);
            var outputs = inLoop
                ? graph.Nodes("Loop", [freeTime ? graph.Size("X", 1) : graph.Scalar((long)iterations), graph.Cast(graph.Scalar(1L), OnnxType.Boolean), .. now],
                    states + 1,
                    ("body", body.Graph))
                : graph.Nodes("Scan", [.. now, x], states + 1, ("body", body.Graph), ("num_scan_inputs", 1L));
            (now, all) = (outputs[..states], outputs[^1]);
        }
        var last = perStep ? graph.Transpose(all, 1, 0, 2) : now[0];
        var answer = graph.Add(graph.MatMul(last, cells.Weight(graph, "head", Hidden, Outputs)), cells.Weight(graph, "head_bias", Outputs));
        graph.Output("answer", answer, OnnxType.Single, perStep ? ["batch", time, Outputs] : ["batch", Outputs]);
        return graph;
    }

    public string Weight(OnnxGraphBuilder graph, string name, params long[] shape)
    {
        if (!_written.Add(name)) return name;
        return graph.Parameter(name,
            [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => _random.NextSingle() - 0.5f)],
            shape);
    }

    private readonly HashSet<string> _written = [];

    private string Product(OnnxGraphBuilder body, string x, string name, int inputs, int outputs = Hidden) =>
        body.MatMul(x, Weight(body, name, inputs, outputs));

    private string Affine(OnnxGraphBuilder body, string h, string name, int outputs = Hidden) =>
        body.Add(Product(body, h, name, Hidden, outputs), Weight(body, name + "_bias", outputs));

    private string Gates(OnnxGraphBuilder body, string x, string h, int gates) =>
        body.Add(Product(body, x, "w", Features, gates * Hidden), Affine(body, h, "u", gates * Hidden));

    private static string[] Gru(WrittenCells cells, OnnxGraphBuilder body, string x, string h, bool after, Func<string, string, string, string> next)
    {
        var inputs = body.Split(cells.Product(body, x, "w", Features, 3 * Hidden), -1, Hidden, Hidden, Hidden);
        string z, r, n;
        if (after)
        {
            var recurrent = body.Split(cells.Affine(body, h, "u", 3 * Hidden), -1, Hidden, Hidden, Hidden);
            (z, r) = (body.Sigmoid(body.Add(inputs[0], recurrent[0])), body.Sigmoid(body.Add(inputs[1], recurrent[1])));
            n = body.Tanh(body.Add(inputs[2], body.Multiply(r, recurrent[2])));
        }
        else
        {
            z = body.Sigmoid(body.Add(inputs[0], cells.Affine(body, h, "uz")));
            r = body.Sigmoid(body.Add(inputs[1], cells.Affine(body, h, "ur")));
            n = body.Tanh(body.Add(inputs[2], cells.Affine(body, body.Multiply(r, h), "un")));
        }
        return [next(z, n, h)];
    }

    private static string[] Lstm(WrittenCells cells, OnnxGraphBuilder body, string gates, string c, Func<string, string, string, string, string> next)
    {
        var parts = body.Split(gates, -1, Hidden, Hidden, Hidden, Hidden);
        var memory = next(body.Sigmoid(parts[0]), body.Sigmoid(parts[1]), body.Tanh(parts[2]), c);
        return [body.Multiply(body.Sigmoid(parts[3]), body.Tanh(memory)), memory];
    }

    private static string[] Peephole(WrittenCells cells, OnnxGraphBuilder body, string x, string[] s)
    {
        var parts = body.Split(cells.Gates(body, x, s[0], 4), -1, Hidden, Hidden, Hidden, Hidden);
        var c = body.Add(body.Multiply(Peeped(1, s[1]), s[1]), body.Multiply(Peeped(0, s[1]), body.Tanh(parts[2])));
        return [body.Multiply(Peeped(3, c), body.Tanh(c)), c];

        string Peeped(int gate, string memory) => body.Sigmoid(body.Add(parts[gate], body.Multiply(memory, cells.Weight(body, $"p{gate}", Hidden))));
    }

    private static string[] LstmOnGru(WrittenCells cells, OnnxGraphBuilder body, string x, string[] s)
    {
        var below = All["gru after"].Step(cells, body, x, [s[2]])[0];
        var gates = body.Add(body.Add(cells.Product(body, below, "w2", Hidden, 4 * Hidden), cells.Product(body, s[0], "u2", Hidden, 4 * Hidden)),
            cells.Weight(body, "b2", 4 * Hidden));
        return [.. Lstm(cells, body, gates, s[1], (i, f, g, c) => body.Add(body.Multiply(f, c), body.Multiply(i, g))), below];
    }
}
