using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

/// <summary>
/// Every case of recurrent.json, by the fused layers (outputs, states, gradients) and by the reference cells (outputs and states in double precision).
/// </summary>
[TestClass]
public class RecurrentGoldenTests
{
    public static IEnumerable<object[]> Cases => Enumerable.Range(0, 33).Select(i => new object[] { i });

    [TestMethod]
    public void All_cases_are_tested() => Assert.HasCount(33, GoldenVectors.Read("recurrent.json"));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Layers_match(int index)
    {
        var golden = GoldenVectors.Read("recurrent.json")[index];
        var layers = Build(golden);
        var lengths = golden.MaybeIntegers("lengths");
        using var tape = new Tape { Training = true };
        var x = Tape.Watch(golden.Tensor("x").ToTensor());
        var (h0, c0, y) = (States(golden, "h0"), States(golden, "c0"), x);
        var final = new List<RecurrentState>();
        foreach (var layer in layers)
        {
            var first = final.Count;
            var result = layer.Run(tape, y, lengths, Initial(h0, c0, first), layers[0].Parameters.Count > 4 ? Initial(h0, c0, first + 1) : null);
            y = result.Y;
            final.Add(result.Forward);
            if (result.Reverse is { } reverse) final.Add(reverse);
        }

        GoldenVectors.AssertClose(golden.Tensor("y"), y.Span, "y");
        GoldenVectors.AssertClose(golden.Tensor("hn"), Join(final.Select(state => state.H)), "hn");
        GoldenVectors.AssertClose(golden.MaybeTensor("cn"), Join(final.Select(state => state.C)), "cn");

        var upstream = golden.GetProperty("upstream");
        Push(upstream.MaybeTensor("y"), [y]);
        Push(upstream.MaybeTensor("hn"), [.. final.Select(state => state.H)]);
        Push(upstream.MaybeTensor("cn"), [.. final.Select(state => state.C!)]);
        tape.Backward();

        var grads = golden.GetProperty("grads");
        GoldenVectors.AssertClose(grads.Tensor("x"), x.Gradient!.Span, "gradient of x", gradient: true);
        GoldenVectors.AssertClose(grads.MaybeTensor("h0"), Join(h0?.Select(state => state.Gradient)), "gradient of h0", gradient: true);
        GoldenVectors.AssertClose(grads.MaybeTensor("c0"), Join(c0?.Select(state => state.Gradient)), "gradient of c0", gradient: true);
        foreach (var (parameter, name) in Named(golden, layers))
            GoldenVectors.AssertClose(grads.GetProperty("weights").MaybeTensor(name), parameter.Gradient.Span, $"gradient of {name}", gradient: true);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Cells_match(int index)
    {
        var golden = GoldenVectors.Read("recurrent.json")[index];
        var (cell, weights, hidden,
            rows) = (CellOf(golden), golden.GetProperty("weights"), golden.GetProperty("hiddenSize").GetInt32(), golden.GetProperty("batch").GetInt32());
        var directions = golden.GetProperty("bidirectional").GetBoolean() ? 2 : 1;
        var (y, hn, cn) = (golden.Tensor("x").Data, new List<double>(), new List<double>());
        for (var layer = 0; layer < golden.GetProperty("layers").GetInt32(); layer++)
        {
            var outputs = new List<double[]>();
            for (var d = 0; d < directions; d++)
            {
                var suffix = $"_l{layer}{(d == 0 ? "" : "_reverse")}";
                var result = References.Recurrent(cell, rows, hidden, y, weights.Tensor("weight_ih" + suffix).Data, weights.Tensor("weight_hh" + suffix).Data,
                    weights.MaybeTensor("bias_ih" + suffix)?.Data, weights.MaybeTensor("bias_hh" + suffix)?.Data,
                    Part(golden.MaybeTensor("h0"), layer * directions + d), Part(golden.MaybeTensor("c0"), layer * directions + d),
                    golden.MaybeIntegers("lengths"), d == 1);
                outputs.Add(result.Y);
                hn.AddRange(result.H);
                cn.AddRange(result.C);
            }

            y = directions == 1 ? outputs[0] : References.Concat(outputs[0], outputs[1], outputs[0].Length / hidden);
        }

        AssertEqual(golden.Tensor("y").Data, y, "y");
        AssertEqual(golden.Tensor("hn").Data, [.. hn], "hn");
        if (golden.MaybeTensor("cn") is { } expected) AssertEqual(expected.Data, [.. cn], "cn");

        double[]? Part(GoldenTensor? states, int i) => states?.Data.AsSpan(i * rows * hidden, rows * hidden).ToArray();
    }

    // The golden vectors have nine digits.
    private static void AssertEqual(double[] expected, double[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-7 + 1e-6 * Math.Abs(expected[i]), $"{what}, element {i}");
    }

    private static ReferenceCell CellOf(JsonElement golden) => ReferenceCell.Create(KindOf(golden), ActivationOf(golden), ResetAfter(golden));

    private static RecurrentLayer[] Build(JsonElement golden)
    {
        var (features, hidden, bidirectional) =
            (golden.GetProperty("inputSize").GetInt32(), golden.GetProperty("hiddenSize").GetInt32(), golden.GetProperty("bidirectional").GetBoolean());
        var layers = new RecurrentLayer[golden.GetProperty("layers").GetInt32()];
        var shape = new LayerShape(Sequence: true, features);
        for (var i = 0; i < layers.Length; i++)
        {
            var description = new RecurrentDescription($"layer_{i}", KindOf(golden), hidden)
            {
                Bidirectional = bidirectional, Activation = ActivationOf(golden),
                ResetAfter = ResetAfter(golden)
            };
            layers[i] = new RecurrentLayer(description, shape);
            shape = layers[i].Output;
        }

        // If the case has no biases, they stay zero, which is equivalent.
        foreach (var (parameter, name) in Named(golden, layers)) golden.GetProperty("weights").MaybeTensor(name)?.ToSingles().CopyTo(parameter.Value.Span);
        return layers;
    }

    private static IEnumerable<(Parameter Parameter, string Golden)> Named(JsonElement golden, RecurrentLayer[] layers)
    {
        for (var i = 0; i < layers.Length; i++)
        {
            foreach (var parameter in layers[i].Parameters)
            {
                var name = parameter.Name[(parameter.Name.IndexOf('.') + 1)..];
                yield return (parameter, name.EndsWith("_reverse", StringComparison.Ordinal) ? $"{name[..^8]}_l{i}_reverse" : $"{name}_l{i}");
            }
        }
    }

    private static RecurrentCell KindOf(JsonElement golden) =>
        golden.GetProperty("kind").GetString() switch { "LSTM" => RecurrentCell.Lstm, "GRU" => RecurrentCell.Gru, _ => RecurrentCell.SimpleRnn };

    private static RecurrentActivation ActivationOf(JsonElement golden) =>
        golden.GetProperty("activation").GetString() == "relu" ? RecurrentActivation.Relu : RecurrentActivation.Tanh;

    private static bool ResetAfter(JsonElement golden) => !golden.TryGetProperty("resetAfter", out var value) || value.ValueKind != JsonValueKind.False;

    // [layers x directions, rows, hidden] to one tensor each.
    private static Tensor[]? States(JsonElement golden, string name)
    {
        if (golden.MaybeTensor(name) is not { } all) return null;
        var (rows, hidden) = (all.Shape[1], all.Shape[2]);
        return [.. Enumerable.Range(0, all.Shape[0])
            .Select(i => Tape.Watch(Tensor.From(new Shape(rows, hidden), all.ToSingles().AsSpan(i * rows * hidden, rows * hidden))))];
    }

    private static RecurrentState? Initial(Tensor[]? h0, Tensor[]? c0, int i) => h0 is null ? null : new RecurrentState(h0[i], c0?[i]);

    private static float[] Join(IEnumerable<Tensor?>? tensors) => [.. (tensors ?? []).SelectMany(tensor => tensor is null ? [] : tensor.Span.ToArray())];

    private static void Push(GoldenTensor? upstream, Tensor[] results)
    {
        if (upstream is null) return;
        var from = upstream.ToSingles().AsSpan();
        foreach (var result in results)
        {
            from[..result.Length].CopyTo(Tape.GradientOf(result)!.Span);
            from = from[result.Length..];
        }
    }
}
