using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

[TestClass]
public class ConvolutionTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void Matches_the_golden_vectors(int index)
    {
        var golden = GoldenVectors.Case("variants.json", "conv1d", index);
        var config = golden.GetProperty("config");
        using var tape = new Tape();
        var x = Tape.Watch(TimeFirst(golden.GetProperty("inputs").Tensor("x")));
        var weight = Tape.Watch(golden.GetProperty("weights").Tensor("weight").ToTensor());
        var bias = Tape.Watch(golden.GetProperty("weights").Tensor("bias").ToTensor());
        var y = ConvolutionOperation.Apply(tape, x, weight, bias, config.GetProperty("stride").GetInt32(),
            Enum.Parse<ConvolutionPadding>(config.GetProperty("padding").GetString()!, ignoreCase: true));
        AssertClose(golden.GetProperty("outputs").Tensor("y"), y, "y", gradient: false);

        TimeFirst(golden.GetProperty("upstream").Tensor("y")).Span.CopyTo(Tape.GradientOf(y)!.Span);
        tape.Backward();
        var grads = golden.GetProperty("grads");
        AssertClose(grads.Tensor("x"), x.Gradient!, "gradient of x", gradient: true);
        GoldenVectors.AssertClose(grads.Tensor("weight"), weight.Gradient!.Span, "gradient of the weight", gradient: true);
        GoldenVectors.AssertClose(grads.Tensor("bias"), bias.Gradient!.Span, "gradient of the bias", gradient: true);
    }

    [TestMethod]
    [DataRow(ConvolutionPadding.Valid, 1)]
    [DataRow(ConvolutionPadding.Valid, 3)]
    [DataRow(ConvolutionPadding.Same, 1)]
    [DataRow(ConvolutionPadding.Same, 2)]
    [DataRow(ConvolutionPadding.Causal, 1)]
    [DataRow(ConvolutionPadding.Causal, 2)]
    public void Gradients_are_right(object padding, int stride)
    {
        const int time = 7, rows = 2, inputs = 3, outputs = 4, kernel = 4;
        var form = (ConvolutionPadding)padding;
        GradientChecker.Check((tape, x) => [ConvolutionOperation.Apply(tape, x[0], x[1], x[2], stride, form)], x =>
        {
            var steps = ConvolutionOperation.TimeAfter(time, kernel, stride, form);
            var before = form switch
            {
                ConvolutionPadding.Causal => kernel - 1,
                ConvolutionPadding.Same =>
                Math.Max(0, (steps - 1) * stride + kernel - time) / 2,
                _ => 0
            };
            var y = new double[steps * rows * outputs];
            for (var i = 0; i < y.Length; i++)
            {
                var (t, row, o) = (i / outputs / rows, i / outputs % rows, i % outputs);
                y[i] = x[2][o];
                for (var k = 0; k < kernel; k++)
                {
                    var from = t * stride + k - before;
                    for (var c = 0; c < inputs && from is >= 0 and < time; c++)
                        y[i] += x[0][(from * rows + row) * inputs + c] * x[1][(o * inputs + c) * kernel + k];
                }
            }

            return [y];
        }, new(time, rows, inputs), new(outputs, inputs, kernel), new(outputs));
    }

    [TestMethod]
    public void A_window_longer_than_the_sequence_is_refused()
    {
        using var tape = new Tape();
        using var x = Tensor.Zeros(new Shape(3, 1, 1));
        using var weight = Tensor.Zeros(new Shape(1, 1, 4));
        using var bias = Tensor.Zeros(new Shape(1));
        Assert.Contains("4", Assert.Throws<ArgumentException>(() => ConvolutionOperation.Apply(tape, x, weight, bias, 1, ConvolutionPadding.Valid)).Message);
        Assert.AreEqual(3, ConvolutionOperation.Apply(tape, x, weight, bias, 1, ConvolutionPadding.Causal).Shape[0]);
    }

    // [rows, channels, time] to [time, rows, channels].
    private static Tensor TimeFirst(GoldenTensor value)
    {
        var (rows, channels, time) = (value.Shape[0], value.Shape[1], value.Shape[2]);
        var tensor = Tensor.Rent(new Shape(time, rows, channels));
        for (var i = 0; i < value.Data.Length; i++) tensor[(i % time * rows + i / time / channels) * channels + i / time % channels] = (float)value.Data[i];
        return tensor;
    }

    private static void AssertClose(GoldenTensor expected, Tensor actual, string what, bool gradient)
    {
        using var sorted = TimeFirst(expected);
        GoldenVectors.AssertClose(Array.ConvertAll(sorted.Span.ToArray(), v => (double)v), actual.Span, what, gradient);
    }
}
