using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>The operations of decoders: gradients against central differences.</summary>
[TestClass]
public class DecodingOperationTests
{
    /// <summary>4 rows of 3 parameters of 10 values; differences of two tensors are added to the last two parameters.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Add_to_parameters(bool subtracts)
    {
        float[] subtracted = subtracts ? [.. Enumerable.Range(0, 40).Select(i => i - 7.5f)] : [];
        GradientChecker.Check((tape, x) => [AddToParametersOperation.Apply(tape, x[0], x[1], subtracted, 1, 2)],
            x => [[.. x[0].Select((value, i) => i % 30 < 10
                ? value
                : value + x[1][i / 30 * 10 + i % 10] - (subtracts ? subtracted[i / 30 * 10 + i % 10] : 0))]], new Shape(4, 30), new Shape(4, 10));
    }

    /// <summary>The second row uses teacher forcing where the target is known; the others are fed two of their four outputs plus an added value.</summary>
    [TestMethod]
    public void Feedback()
    {
        float[] added = [1, 2, 3, 4, 5, 6], truth = [7, 8, 9, float.NaN, 10, 11], taught = [0, 1, 0];
        GradientChecker.Check((tape, x) => [FeedbackOperation.Apply(tape, x[0], 1, 2, added, truth, taught)],
            x => [[.. Enumerable.Range(0, 6).Select(i => i == 2 ? 9 : x[0][i / 2 * 4 + 1 + i % 2] + added[i])]], new Shape(1, 3, 4));
    }
}
