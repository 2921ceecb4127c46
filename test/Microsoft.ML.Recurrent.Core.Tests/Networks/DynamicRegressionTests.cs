using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>The regression of steps on their covariates: outputs and gradients against a reference in double precision.</summary>
[TestClass]
public class DynamicRegressionTests
{
    private const int Time = 5, Horizon = 3, Rows = 2, Known = 2, Units = 4, Body = 3;

    private static NetworkDescription Describe(int targets, int parameters, bool readsWindow) => new()
    {
        Features = targets + Known,
        Time = Time,
        FutureFeatures = Known,
        UnscaledFeatures = Known,
        Horizon = Horizon,
        Layers = SequenceNetwork.Create().Lstm(Body).Layers(),
        LinearSkip = new(targets, 0, 1),
        Outputs = Horizon * targets * parameters,
        DynamicRegression = new(Units, targets, parameters - 1)
        {
            ReadsWindow = readsWindow, Averages = readsWindow ? [2, 7] : [], ExponentialAverages = readsWindow ? [3] : [],
        },
    };

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(9)]
    public void Moving_averages_agree_with_the_reference(int length) => GradientChecker.Check(
        (tape, x) => [MovingAverageOperation.Apply(tape, x[0], length)], x => [Average(x[0], 6, length)], new Shape(6, 2, 3));

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(90)]
    public void Exponential_averages_agree_with_the_reference(int length) => GradientChecker.Check(
        (tape, x) => [ExponentialAverageOperation.Apply(tape, x[0], length)], x => [Exponential(x[0], 6, length)], new Shape(6, 2, 3));

    [TestMethod]
    [DataRow(1, 1, true)]
    [DataRow(2, 3, true)]
    [DataRow(2, 1, false)]
    public void Outputs_and_gradients_agree_with_the_reference(int targets, int parameters, bool readsWindow)
    {
        var description = Describe(targets, parameters, readsWindow);
        using var network = new Network(description, 3);
        var regression = network.Regression!;
        var random = new RandomStream(5, 1);
        foreach (var value in regression.Parameters) Draw(random, value.Value.Span);
        var steps = readsWindow ? Time + Horizon : Horizon;
        var body = Tape.Watch(Tensor.From(new Shape(Rows, Body), Draw(random, new float[Rows * Body])));
        var covariates = Tape.Watch(Tensor.From(new Shape(steps, Rows, Known), Draw(random, new float[steps * Rows * Known])));
        Tensor[] operands = [body, covariates, .. regression.Parameters.Select(parameter => parameter.Value)];
        using var tape = new Tape(5) { Training = true };
        var (ahead, past) = regression.Forward(tape, body, covariates);
        double[][] values = [.. operands.Select(operand => Array.ConvertAll(operand.Span.ToArray(), value => (double)value))];
        var expected = Reference(values, steps, targets, parameters, readsWindow);
        GoldenVectors.AssertClose(expected.Ahead, ahead.Span, "horizon");
        Assert.AreEqual(readsWindow, past is not null);
        if (past is not null) GoldenVectors.AssertClose(expected.Past, past.Span, "window");
        double[] upstream = [.. Draw(random, new float[ahead.Length + (past?.Length ?? 0)]).Select(value => (double)value)];
        for (var i = 0; i < upstream.Length; i++)
        {
            if (i < ahead.Length) Tape.GradientOf(ahead)![i] = (float)upstream[i];
            else Tape.GradientOf(past)![i - ahead.Length] = (float)upstream[i];
        }
        tape.Backward();
        for (var k = 0; k < operands.Length; k++)
        {
            var numeric = new double[values[k].Length];
            for (var i = 0; i < numeric.Length; i++) numeric[i] = (Loss(k, i, 1e-6) - Loss(k, i, -1e-6)) / 2e-6;
            GoldenVectors.AssertClose(numeric, operands[k].Gradient!.Span, $"gradient of operand {k}", gradient: true);
        }

        double Loss(int operand, int at, double change)
        {
            values[operand][at] += change;
            var (horizon, window) = Reference(values, steps, targets, parameters, readsWindow);
            values[operand][at] -= change;
            return horizon.Concat(window).Zip(upstream, (value, weight) => value * weight).Sum();
        }
    }

    [TestMethod]
    public void What_does_not_fit_is_refused()
    {
        Refused(Describe(1, 1, false) with { FutureFeatures = 0, UnscaledFeatures = 0, DynamicRegression = new(4, 1, 0) }, "known covariates of each step");
        Refused(Describe(1, 1, false) with { DynamicRegression = new(4, 1, 1) }, "known covariates of each step");
        Refused(Describe(1, 1, true) with { LinearSkip = null }, "with a linear skip connection");
        Refused(Describe(1, 1, true) with { UnscaledFeatures = 0 }, "its steps have the covariates");

        static void Refused(NetworkDescription description, string reason) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new Network(description, 1)).Message, reason);
    }

    [TestMethod]
    public void A_new_network_starts_without_it()
    {
        using var with = new Network(Describe(1, 1, true), 3);
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        batch.Resize(Rows, Time, 1 + Known, future: Known, horizon: Horizon);
        Draw(new(5, 1), batch.Values!.Span);
        Draw(new(5, 2), batch.Future!.Span);
        var before = with.Forward(tape, batch).Values.Span.ToArray();
        Draw(new(5, 3), batch.Future!.Span);
        CollectionAssert.AreEqual(before, with.Forward(tape, batch).Values.Span.ToArray());
        StringAssert.Contains(with.Summary(), "regression_2 (Dense)");
    }

    private static float[] Draw(RandomStream random, float[] values)
    {
        Draw(random, values.AsSpan());
        return values;
    }

    private static void Draw(RandomStream random, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = (float)(1.6 * random.NextDouble() - 0.8);
    }

    private static double[] Average(double[] x, int time, int length)
    {
        var size = x.Length / time;
        return [.. x.Select((_, i) => Enumerable.Range(0, length).Average(back => x[Math.Max(0, i / size - back) * size + i % size]))];
    }

    // The newest step counts as 1 / length, and the first one as all before it, too.
    private static double[] Exponential(double[] x, int time, int length)
    {
        var size = x.Length / time;
        return [.. x.Select((_, i) => Enumerable.Range(0, i / size + 1).Sum(back => x[i - back * size] * Math.Pow(1 - 1.0 / length, back)
            * (back == i / size ? 1 : 1.0 / length)))];
    }

    // Operands: body, covariates, and weight and bias of each layer.
    private static (double[] Ahead, double[] Past) Reference(double[][] x, int steps, int targets, int parameters, bool readsWindow)
    {
        var inputs = x[1];
        if (readsWindow)
        {
            double[][] parts = [inputs, Average(inputs, steps, 2), Average(inputs, steps, 7), Exponential(inputs, steps, 3)];
            inputs = [.. Enumerable.Range(0, steps * Rows).SelectMany(row => parts.SelectMany(part => part[(row * Known)..((row + 1) * Known)]))];
        }
        var context = References.Linear(x[0], x[2], x[3]);
        var hidden = References.Linear(inputs, x[4], x[5]);
        for (var i = 0; i < hidden.Length; i++) hidden[i] = Math.Max(0, hidden[i] + context[i % context.Length]);
        hidden = Array.ConvertAll(References.Linear(hidden, x[6], x[7]), value => Math.Max(0, value));
        var answers = References.Linear(hidden, x[8], x[9]);
        var first = steps - Horizon;
        return ([.. from row in Enumerable.Range(0, Rows) from parameter in Enumerable.Range(0, parameters) from step in Enumerable.Range(first, Horizon)
                    from target in Enumerable.Range(0, targets) select At(step, row, parameter, target)],
            [.. from row in Enumerable.Range(0, readsWindow ? Rows : 0) from target in Enumerable.Range(0, targets) from step in Enumerable.Range(0, first)
                select At(step, row, parameters - 1, target)]);

        double At(int step, int row, int parameter, int target) => answers[((step * Rows + row) * parameters + parameter) * targets + target];
    }
}
