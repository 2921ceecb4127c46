using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Programs hold their numbers as double or int: they go in as they are, and mean the same as Single.</summary>
[TestClass]
public sealed class NumberTypeTests
{
    private static readonly MLContext Context = new(1);

    private sealed class Sale
    {
        public DateTime Day { get; set; }
        public string Shop { get; set; } = "";
        public float Units { get; set; }
        public double Double { get; set; }
        public int Int { get; set; }
        public long Long { get; set; }
        public short Short { get; set; }
        public sbyte SByte { get; set; }
        public byte Byte { get; set; }
        public ushort UShort { get; set; }
        public uint UInt { get; set; }
        public ulong ULong { get; set; }
        [VectorType(2)] public float[] Pair { get; set; } = [];
        [VectorType(2)] public double[] Doubles { get; set; } = [];
        public float Price { get; set; }
        public double DoublePrice { get; set; }
        public float Size { get; set; }
        public double DoubleSize { get; set; }
    }

    private static Sale[] Sales(int count = 60) =>
    [
        .. from shop in (string[])["a", "b"]
           from day in Enumerable.Range(0, count)
           let units = day * 7 % 11 + (shop == "a" ? 3 : 9)
           select new Sale
           {
               Day = new DateTime(2026, 1, 1).AddDays(day), Shop = shop, Units = units, Double = units, Int = units, Long = units, Short = (short)units,
               SByte = (sbyte)units, Byte = (byte)units,
               UShort = (ushort)units, UInt = (uint)units, ULong = (ulong)units, Pair = [units, 2 * units], Doubles = [units, 2 * units], Price = day % 3,
               DoublePrice = day % 3,
               Size = shop[0], DoubleSize = shop[0],
           },
    ];

    private static RecurrentForecastingEstimator Forecaster(string input, string price = "Price", string size = "Size") =>
        Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = input, PastCovariateColumnNames = [price], StaticColumnNames = [size], SeriesColumnNames = ["Shop"], TimeColumnName = "Day",
                WindowSize = 8,
            },
            Horizon = 3,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Seed = 3,
        });

    private static float[] Last(string input, string price = "Price", string size = "Size")
    {
        var data = Context.Data.LoadFromEnumerable(Sales());
        return Forecaster(input, price, size).Fit(data).Transform(data).GetColumn<float[]>("Forecast").Last();
    }

    [TestMethod]
    [DataRow("Double"), DataRow("Int"), DataRow("Long"), DataRow("Short"), DataRow("SByte"), DataRow("Byte"), DataRow("UShort"), DataRow("UInt"),
        DataRow("ULong")]
    public void A_target_of_any_number_type_is_forecast_as_Single_is(string column) => CollectionAssert.AreEqual(Last("Units"), Last(column));

    [TestMethod]
    public void Vectors_covariates_and_statics_may_be_Double()
    {
        CollectionAssert.AreEqual(Last("Pair"), Last("Doubles", "DoublePrice", "DoubleSize"));
    }

    [TestMethod]
    public void The_engine_and_the_back_test_take_Double()
    {
        var sales = Sales();
        var data = Context.Data.LoadFromEnumerable(sales);
        using var single = Forecaster("Units").Fit(data).CreateForecastEngine(Context);
        using var twice = Forecaster("Double", "DoublePrice", "DoubleSize").Fit(data).CreateForecastEngine(Context);
        single.Observe(data);
        foreach (var sale in sales) twice.Observe(sale);
        CollectionAssert.AreEqual(single.Predict("b").Values.ToArray(), twice.Predict("b").Values.ToArray());

        BackTestOptions Options(string target) =>
            new() { TargetColumnName = target, Horizon = 3, SeriesColumnName = "Shop", TimeColumnName = "Day", NumberOfOrigins = 2 };
        var byDouble = Context.Forecasting.BackTest(data, Forecaster("Double"), Options("Double"));
        Assert.AreEqual(Context.Forecasting.BackTest(data, Forecaster("Units"), Options("Units")).ToString(), byDouble.ToString());
    }

    [TestMethod]
    public void Windows_of_Double_train_and_score_as_those_of_Single()
    {
        var windows = Context.Data.CreateWindows(Context.Data.LoadFromEnumerable(Sales()), "Window", ["Double"], windowSize: 8, horizon: 3,
            labelColumnName: "Double", seriesColumnName: "Shop", timeColumnName: "Day");
        var rows = Context.Transforms.Conversion.ConvertType("Wide", "Window", DataKind.Double)
            .Append(Context.Transforms.Conversion.ConvertType("Next", "Double", DataKind.Double)).Fit(windows).Transform(windows);
        RecurrentForecastingEstimator Rows(string input, string label) =>
            Context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = new WindowInputOptions { InputColumnName = input, LabelColumnName = label, WindowSize = 8 },
                Horizon = 3,
                Network = { HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 2 },
                Seed = 3,
            });
        var expected = Rows("Window", "Double").Fit(rows).Transform(rows).GetColumn<float[]>("Forecast").Last();
        CollectionAssert.AreEqual(expected, Rows("Wide", "Next").Fit(rows).Transform(rows).GetColumn<float[]>("Forecast").Last());
    }

    [TestMethod]
    public void Text_as_target_is_refused_with_a_remedy()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Last("Shop"));
        StringAssert.Contains(error.Message, "The input column 'Shop' has the wrong type: expected numbers (Single, Double, Int32, ...)");
        StringAssert.Contains(error.Message, "Load 'Shop' as DataKind.Single");
    }
}
