using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports;

[TestClass]
public sealed class ForecastErrorsTests
{
    [TestMethod]
    public void MeasuresAsDefined()
    {
        ForecastErrors errors = ForecastErrors.Measure([10, 20, 0], [12, 16, 0], [1, 2, 4, 7], season: 1);
        Assert.AreEqual(Math.Sqrt((4 + 16) / 3.0), errors.Rmse, 1e-12);
        Assert.AreEqual(2, errors.Mae, 1e-12);
        Assert.AreEqual((200 * 2 / 22.0 + 200 * 4 / 36.0) / 3, errors.Smape, 1e-12);
        Assert.AreEqual(2 / 2.0, errors.Mase, 1e-12, "the training part's mean step is 2");
    }

    [TestMethod]
    public void NamesTheArgumentAtFault()
    {
        Assert.AreEqual("actual", Assert.ThrowsExactly<ArgumentException>(() => ForecastErrors.Measure([], [], [1, 2], 1)).ParamName);
        Assert.AreEqual("forecast", Assert.ThrowsExactly<ArgumentException>(() => ForecastErrors.Measure([1], [1, 2], [1, 2], 1)).ParamName);
        Assert.AreEqual("training", Assert.ThrowsExactly<ArgumentException>(() => ForecastErrors.Measure([1], [1], [1, 2], 2)).ParamName);
        Assert.AreEqual("season", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ForecastErrors.Measure([1], [1], [1, 2], 0)).ParamName);
    }
}
