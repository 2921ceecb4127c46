using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

[TestClass]
public class GradientCheckerTests
{
    private static readonly Shape[] s_shapes = [new(4, 3), new(5, 3), new(5)];

    [TestMethod]
    public void Accepts_a_right_gradient() => NumberAssert.IsLessThanOrEqualTo(GradientChecker.Tolerance, ErrorWith(1));

    [TestMethod]
    [DataRow(1.01f)]
    [DataRow(0.99f)]
    [DataRow(-1f)]
    [DataRow(0f)]
    public void Rejects_a_scaled_gradient(float factor) => NumberAssert.IsGreaterThan(GradientChecker.Tolerance, ErrorWith(factor));

    private static double ErrorWith(float factor)
    {
        var random = new RandomStream(3, 3);
        return GradientChecker.WorstError(
            (tape, x) => [LinearOperation.Apply(tape, x[0], x[1], x[2])], x => [References.Linear(x[0], x[1], x[2])], s_shapes,
            [.. s_shapes.Select(shape => GradientChecker.Normal(random, shape.Length))], factor).Error;
    }
}
