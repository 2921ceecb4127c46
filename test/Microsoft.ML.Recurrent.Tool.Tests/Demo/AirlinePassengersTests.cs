using System.Globalization;
using Microsoft.ML.Recurrent.Tool.Demo;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Demo;

[TestClass]
public sealed class AirlinePassengersTests
{
    [TestMethod]
    public void Are_the_figures_of_the_data_set()
    {
        SeriesValue[] expected =
            [.. File.ReadLines(SharedFolder.Find("data", "airline_passengers", "airline-passengers.csv")).Skip(1).Select(line => line.Split(','))
            .Select(cells => new SeriesValue(DateTime.ParseExact(cells[0].Trim('"'), "yyyy-MM", CultureInfo.InvariantCulture),
                double.Parse(cells[1], CultureInfo.InvariantCulture)))];
        CollectionAssert.AreEqual(expected, AirlinePassengers.Months.ToArray());
    }

    [TestMethod]
    public void Are_twelve_years_of_months()
    {
        Assert.HasCount(144, AirlinePassengers.Months);
        Assert.AreEqual(new SeriesValue(new(1949, 1, 1), 112), AirlinePassengers.Months[0]);
        Assert.AreEqual(new SeriesValue(new(1960, 12, 1), 432), AirlinePassengers.Months[^1]);
    }
}
