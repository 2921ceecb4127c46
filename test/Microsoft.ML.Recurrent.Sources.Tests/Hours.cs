using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Sources.Tests;

/// <summary>Hourly readings, each tenth one missing, in a folder of its own; each source has to give the same ones, and the same forecasts.</summary>
internal sealed class Hours : IDisposable
{
    private const int Count = 400;
    private static float[]? s_expected;

    public static MLContext Context => new(1);

    public static IReadOnlyList<Reading> Readings { get; } = [.. Enumerable.Range(0, Count).Select(hour =>
        new Reading { Time = new DateTime(2026, 1, 1).AddHours(hour), Load = hour % 10 == 3 ? float.NaN : 50 + hour % 24 })];

    /// <summary>The readings with null where they are missing.</summary>
    public static IEnumerable<(DateTime Time, double? Load)> Nullable => Readings.Select(row => (row.Time, float.IsNaN(row.Load) ? (double?)null : row.Load));

    public string Folder { get; } = Directory.CreateTempSubdirectory("recurrent-sources-").FullName;

    /// <summary>The path of a file in the folder.</summary>
    public string this[string file] => Path.Combine(Folder, file);

    /// <summary>Checks that a view holds the readings, and that a forecaster learns the same from them as from objects.</summary>
    public static void Check(IDataView data)
    {
        CollectionAssert.AreEqual(Readings.Select(row => row.Time).ToArray(), data.GetColumn<DateTime>("Time").ToArray());
        CollectionAssert.AreEqual(Readings.Select(row => row.Load).ToArray(), data.GetColumn<float>("Load").ToArray());
        CollectionAssert.AreEqual(s_expected ??= Forecast(Context.Data.LoadFromEnumerable(Readings)), Forecast(data));
    }

    /// <summary>The forecast of the page's forecaster after the last row.</summary>
    public static float[] Forecast(IDataView data)
    {
        using var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Load", TimeColumnName = "Time", WindowSize = 48 },
            Horizon = 24,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 2 },
        }).Fit(data);
        var forecast = model.Transform(data).GetColumn<float[]>("Forecast").Last();
        Assert.IsTrue(forecast.All(float.IsFinite));
        return forecast;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
