using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// A golden case on a tape: its tensors as watched operands by name, the comparison of its results, and the gradients of sum(result x upstream).
/// </summary>
internal sealed class GoldenCase(JsonElement golden, bool batchFirst = false) : IDisposable
{
    private readonly Dictionary<string, Tensor> _operands = [];
    private readonly List<(Tensor Actual, GoldenTensor Upstream)> _results = [];

    public Tape Tape { get; } = new() { Training = true };

    public JsonElement Json => golden;

    public JsonElement Extra => golden.GetProperty(golden.TryGetProperty("extra", out _) ? "extra" : "config");

    /// <summary>An operand of the case; batch-first sequences are transposed to time, batch, features.</summary>
    public Tensor this[string name]
    {
        get
        {
            if (_operands.TryGetValue(name, out var tensor)) return tensor;
            var values = golden.GetProperty("inputs").MaybeTensor(name) ?? golden.GetProperty("weights").Tensor(name);
            _operands.Add(name, tensor = Tape.Watch(Ordered(values).ToTensor()));
            return tensor;
        }
    }

    /// <summary>Uses a parameter of a real layer as an operand.</summary>
    public void Bind(string name, Parameter parameter, Func<GoldenTensor, GoldenTensor>? order = null)
    {
        var values = golden.GetProperty("inputs").MaybeTensor(name) ?? golden.GetProperty("weights").Tensor(name);
        (order?.Invoke(values) ?? values).ToSingles().CopyTo(parameter.Value.Span);
        _operands.Add(name, parameter.Value);
    }

    /// <summary>Compares a result and sets its upstream gradient.</summary>
    public void Result(Tensor actual, string name = "y")
    {
        var named = golden.TryGetProperty("outputs", out var outputs);
        GoldenVectors.AssertClose(Ordered(named ? outputs.Tensor(name) : golden.Tensor(name)).Data, actual.Span, name);
        _results.Add((actual, Ordered(named ? golden.GetProperty("upstream").Tensor(name) : golden.Tensor("upstream"))));
    }

    /// <summary>Runs backward and compares every gradient of the case.</summary>
    public void Gradients(Func<string, GoldenTensor, GoldenTensor>? order = null)
    {
        foreach (var (actual, upstream) in _results)
        {
            var gradient = Tape.GradientOf(actual)!.Span;
            var values = upstream.ToSingles();
            for (var i = 0; i < gradient.Length; i++) gradient[i] += values[i];
        }

        Tape.Backward();
        foreach (var expected in golden.GetProperty("grads").EnumerateObject())
        {
            Assert.IsTrue(_operands.TryGetValue(expected.Name, out var operand), $"The case has a gradient of {expected.Name}, which the test does not use.");
            var values = Ordered(expected.Value.ToTensor());
            GoldenVectors.AssertClose(order?.Invoke(expected.Name, values) ?? values, operand.Gradient!.Span, $"gradient of {expected.Name}", gradient: true);
        }
    }

    public void Dispose()
    {
        Tape.Dispose();
        foreach (var operand in _operands.Values) operand.Dispose();
    }

    private GoldenTensor Ordered(GoldenTensor tensor) => batchFirst && tensor.Shape.Length == 3 ? tensor.SwapFirst() : tensor;
}

internal static class GoldenTensorOrder
{
    /// <summary>Swaps the first two of three axes.</summary>
    public static GoldenTensor SwapFirst(this GoldenTensor tensor) => tensor.Permute(1, 0, 2);

    /// <summary>Transposes a matrix.</summary>
    public static GoldenTensor Transpose(this GoldenTensor tensor)
    {
        var (rows, columns) = (tensor.Shape[0], tensor.Shape[1]);
        return new([columns, rows], [.. Enumerable.Range(0, rows * columns).Select(i => tensor.Data[i % rows * columns + i / rows])]);
    }

    /// <summary>Permutes the axes of a tensor with three axes.</summary>
    public static GoldenTensor Permute(this GoldenTensor tensor, params int[] axes)
    {
        var shape = Array.ConvertAll(axes, axis => tensor.Shape[axis]);
        int[] strides = [tensor.Shape[1] * tensor.Shape[2], tensor.Shape[2], 1];
        var data = new List<double>(tensor.Data.Length);
        for (var i = 0; i < shape[0]; i++)
            for (var j = 0; j < shape[1]; j++)
                for (var k = 0; k < shape[2]; k++) data.Add(tensor.Data[i * strides[axes[0]] + j * strides[axes[1]] + k * strides[axes[2]]]);
        return new(shape, [.. data]);
    }
}
