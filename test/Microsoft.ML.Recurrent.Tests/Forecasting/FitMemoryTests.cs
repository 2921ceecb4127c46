namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>
/// The managed memory that a fit allocates. While a network is trained nothing is, so what reading leaves behind stays resident all the time.
/// </summary>
[TestClass]
public sealed class FitMemoryTests
{
    private static readonly DateTime s_start = new(2026, 1, 1);

    /// <summary>Rows of many series with dates. What stays of a row, in the table and in its windows, is about 40 bytes.</summary>
    [TestMethod]
    public void Reading_leaves_little_behind()
    {
        // The first fit compiles the code.
        Allocated(2);
        var (few, many) = (Allocated(10), Allocated(90));
        NumberAssert.IsLessThan(190, (many - few) / 80e3, "bytes a row");
    }

    private static long Allocated(int series)
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(Enumerable.Range(0, series * 1000)
            .Select(i => new Row { Series = $"s{i / 1000}", Time = s_start.AddHours(i % 1000), Value = MathF.Sin(i) }).ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var model = context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = nameof(Row.Value), TimeColumnName = nameof(Row.Time), SeriesColumnNames = [nameof(Row.Series)], WindowSize = 8,
            },
            Horizon = 1,
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            NumberOfThreads = 1,
        }).Fit(data);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class Row
    {
        public string Series { get; set; } = "";

        public DateTime Time { get; set; }

        public float Value { get; set; }
    }
}
