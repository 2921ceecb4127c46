using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>Positions of a stretch. That each has the answer of a window is tested where stretches are cut from rows.</summary>
[TestClass]
public class StretchTests
{
    [TestMethod]
    public void States_are_taken_at_the_positions_and_gradients_go_back_there()
    {
        // Steps 3, 5 and 7 of a stretch of eight, of which the layers read the last six.
        var positions = new StretchPositions(Window: 4, WarmUp: 2, Count: 3, Stride: 2, Targets: 1);
        Assert.AreEqual((8, 2, 7), (positions.Steps, positions.EncodedFrom, positions.StepOf(2)));
        GradientChecker.Check((tape, x) => [PositionsOperation.Apply(tape, x[0], positions)],
            x => [[.. ((int[])[1, 3, 5]).SelectMany(step => x[0].Skip(step * 6).Take(6))]], new Shape(6, 2, 3));
        GradientChecker.Check((tape, x) => [PositionsOperation.WithWarmUp(tape, x[0], positions)],
            x => [[.. ((int[])[0, 2, 4, 1, 3, 5]).SelectMany(step => x[0].Skip(step * 6).Take(6))]], new Shape(6, 2, 3));
    }

    [TestMethod]
    public void Relative_lags_do_not_depend_on_the_level()
    {
        using var tape = new Tape { Recording = false };
        var random = new RandomStream(1);
        using var window = Tensor.From(new Shape(6, 2, 3), [.. Enumerable.Range(0, 36).Select(_ => (float)random.NextGaussian())]);
        using var higher = Tensor.From(window.Shape, [.. window.Span.ToArray().Select(value => value + 4)]);
        var lagged = LaggedInputs.OfWindow(tape, window, 2, [1, 4], relative: true);
        for (var i = 0; i < lagged.Length; i++)
        {
            var (step, row, lag, feature) = (i / 8, i / 4 % 2, i % 4 / 2 == 0 ? 1 : 4, i % 2);
            Assert.AreEqual(step < lag ? 0 : At(step - lag) - At(step), lagged[i], $"step {step}, lag {lag}");

            float At(int step) => window[(step * 2 + row) * 3 + feature];
        }
        var same = LaggedInputs.OfWindow(tape, higher, 2, [1, 4], relative: true);
        for (var i = 0; i < same.Length; i++) Assert.AreEqual(lagged[i], same[i], 1e-6);
    }
}
