using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <content>Where the figures come from.</content>
public sealed partial class SeriesScalingTests
{
    private static float[] Table(RecurrentModel model, string name)
    {
        using var network = model.ToNetwork();
        return network[name].Value.Span.ToArray();
    }

    /// <summary>A series' scale (or level) in the data's own unit.</summary>
    private static float Figure(RecurrentModel model, string name, string series, int feature = 0)
    {
        using var network = model.ToNetwork();
        var id = model.Manifest.SeriesInput is null ? 0 : model.Manifest.Forecast!.KnownSeries.IndexOf(series) + 1;
        var value = network[name].Value[id * model.Description.Features + feature];
        return value * network["input.scale"].Value[feature] + (name == SeriesScaling.LevelName ? network["input.mean"].Value[feature] : 0);
    }

    private static (double Mean, double Deviation) Moments(IEnumerable<float> values)
    {
        var mean = values.Average(value => (double)value);
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }

    [TestMethod]
    [DataRow(WindowNormalization.Standard)]
    [DataRow(WindowNormalization.Mean)]
    [DataRow(WindowNormalization.Robust)]
    [DataRow(WindowNormalization.LastValue)]
    [DataRow(WindowNormalization.Difference)]
    public void Figures_are_those_of_the_training_rows(WindowNormalization normalization)
    {
        var options = Options;
        (options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs, options.Input.PastCovariateColumnNames) = (normalization, 1, ["Past"]);
        var rows = Rows(missing: 0.1f);
        // A series that does not vary, and one that is too short for figures.
        foreach (var row in rows.Where(row => row.Name == "d")) row.Value = 5;
        rows = [.. rows, .. Rows(Window - 1, names: ["e"])];
        var model = Forecaster.Fit(rows, options).Model;
        CollectionAssert.AreEqual((string[])["a", "b", "c", "d", "e"], model.Manifest.Forecast!.KnownSeries.ToArray());
        foreach (var name in (string[])["a", "b", "c"])
        {
            foreach (var (feature, column) in new (int, Func<Row, float>)[] { (0, row => row.Value), (1, row => row.Past) })
            {
                float[] learned = [.. rows.Where(row => row.Name == name).Take(Length - Length / 5).Select(column).Where(value => !float.IsNaN(value)).Order()];
                var (mean, deviation) = Moments(learned);
                double Quantile(double level) => learned[(int)(level * (learned.Length - 1))]
                    + (level * (learned.Length - 1) % 1) * (learned[(int)(level * (learned.Length - 1)) + 1] - learned[(int)(level * (learned.Length - 1))]);
                var (level, scale) = normalization switch
                {
                    WindowNormalization.Mean => (0, learned.Average(value => Math.Abs((double)value))),
                    WindowNormalization.Robust => (Quantile(0.5), (Quantile(0.75) - Quantile(0.25)) / 1.349),
                    _ => (mean, deviation),
                };
                Assert.AreEqual(scale, Figure(model, SeriesScaling.ScaleName, name, feature), 1e-4 * scale, name);
                if (SeriesScaling.HasLevel(normalization)) Assert.AreEqual(level, Figure(model, SeriesScaling.LevelName, name, feature), 1e-4 * scale, name);
            }
        }
        // What does not vary has the least of the others' scales; of absolute values it has one of its own.
        Assert.AreEqual(normalization is WindowNormalization.Mean ? 5 : Figure(model, SeriesScaling.ScaleName, "a"),
            Figure(model, SeriesScaling.ScaleName, "d"), 1e-4f);
        Assert.AreEqual(0, Table(model, SeriesScaling.ScaleName)[5 * model.Description.Features]);
        // What is known ahead has a meaning of its own.
        for (var id = 0; id <= 5; id++) Assert.AreEqual(0, Table(model, SeriesScaling.ScaleName)[id * model.Description.Features + 2]);
    }

    [TestMethod]
    public void Figures_of_logarithms_go_with_logarithms()
    {
        var options = Options;
        (options.Normalization.Window, options.Normalization.TargetTransform, options.Stopping.MaximumNumberOfEpochs) =
            (WindowNormalization.Standard, TargetTransform.Log, 1);
        var rows = Rows();
        var model = Forecaster.Fit(rows, options).Model;
        var (mean, deviation) = Moments(rows.Where(row => row.Name == "c").Take(Length - Length / 5).Select(row => MathF.Log(row.Value)));
        Assert.AreEqual(mean, Figure(model, SeriesScaling.LevelName, "c"), 1e-4);
        Assert.AreEqual(deviation, Figure(model, SeriesScaling.ScaleName, "c"), 1e-4);
    }

    [TestMethod]
    [DynamicData(nameof(KindsAlone))]
    public void Streamed_figures_are_those_in_memory(WindowNormalization normalization)
    {
        var options = Options;
        (options.Normalization.Window, options.Input.PastCovariateColumnNames) = (normalization, ["Past"]);
        Row[] rows = [.. Enumerable.Range(0, 20).SelectMany(i => Rows(missing: 0.05f, seed: i, names: [$"{(char)('a' + i % 7)}{i}"]))];
        var memory = Tables();
        options.Series.MaximumRowsInMemory = 1000;
        CollectionAssert.AreEqual(memory, Tables());

        float[] Tables() => SeriesScalingTests.Tables(options, rows);
    }

    // All figures that the series' training rows give.
    private static float[] Tables(RecurrentForecastingEstimator.Options options, Row[] rows)
    {
        var data = ForecastData.FromSeries(options, Forecaster.Load(rows), null);
        using var network = new Network(new()
        {
            Features = 3, Time = Window, FutureFeatures = 1, Horizon = Horizon, UnscaledFeatures = 1, WindowNormalization = options.Normalization.Window!.Value,
            SeriesScaling = data.Normalizer!.Description, Outputs = 3,
            Layers = SequenceNetwork.Create().Lstm(2).Pool(SequencePooling.Last).Layers(),
        }, 1);
        data.Normalizer.CopyTo(network);
        Assert.AreEqual(rows.Select(row => row.Name).Distinct().Count() + 1, data.Normalizer.Series);
        return [.. network[SeriesScaling.ScaleName].Value.Span, .. SeriesScaling.HasLevel(options.Normalization.Window.Value)
            ? network[SeriesScaling.LevelName].Value.Span.ToArray()
            : [], .. data.Normalizer.Minimum()];
    }

    public static IEnumerable<object?[]> Leaks =>
        from normalization in Kinds from rowsInMemory in new int?[] { null, 1000 } select new object?[] { normalization, rowsInMemory };

    /// <summary>Rows that are held back change no figure, neither of targets nor of covariates.</summary>
    [TestMethod]
    [DynamicData(nameof(Leaks))]
    public void Rows_that_are_held_back_change_no_figure(WindowNormalization normalization, int? rowsInMemory)
    {
        var options = Options;
        (options.Normalization.Window, options.Input.PastCovariateColumnNames, options.Series.MaximumRowsInMemory) = (normalization, ["Past"], rowsInMemory);
        var rows = Rows(missing: 0.05f);
        var before = Tables(options, rows);
        foreach (var row in rows.Where(row => row.Time >= Length - Length / 5)) (row.Value, row.Past, row.Other) = (1e4f, -1e4f, 1e4f);
        CollectionAssert.AreEqual(before, Tables(options, rows));
        foreach (var row in rows.Where(row => row is { Name: "d", Time: < Length / 2 })) row.Past *= 2;
        CollectionAssert.AreNotEqual(before, Tables(options, rows));
    }

    [TestMethod]
    public void Several_columns_and_numbers_tell_series()
    {
        var options = Options;
        (options.Series.SeriesColumnNames, options.Stopping.MaximumNumberOfEpochs) = (["Region", "Shop"], 1);
        var rows = Rows();
        var both = Forecaster.Fit(rows, options);
        Assert.AreEqual("Region|Shop.Series", both.Model.Manifest.SeriesInput!.Name);
        CollectionAssert.AreEquivalent((string[])["n|0", "n|1", "s|0", "s|1"], both.Model.Manifest.Forecast!.KnownSeries.ToArray());
        options.Series.SeriesColumnNames = ["Shop"];
        Row[] north = [.. rows.Where(row => row.Region == "n")];
        var one = Forecaster.Fit(north, options);
        CollectionAssert.AreEquivalent((string[])["0", "1"], one.Model.Manifest.Forecast!.KnownSeries.ToArray());
        var answers = Forecaster.Forecast(one, north);
        // The same numbers as texts are the same series.
        var renamed = Forecaster.Context.Data.LoadFromEnumerable(north.Select(row => new { Shop = row.Shop.ToString(), row.Time, row.Value, row.Other }));
        float[][] texts =
            [.. Forecaster.Answers(one.Transform(renamed)).Select(answer => answer.Forecast)];
        for (var i = 0; i < north.Length; i++) CollectionAssert.AreEqual(answers[i].Forecast, texts[i]);
    }

    [TestMethod]
    public void Keys_are_known_by_their_values()
    {
        var options = Options;
        (options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs, options.Input.FutureCovariateColumnNames) =
            (WindowNormalization.Standard, 1, []);
        var rows = Rows();
        foreach (var row in rows.Where(row => row.Name == "a")) row.Name = "";
        var keys = Forecaster.Context.Transforms.Conversion.MapValueToKey("Name");
        var data = Forecaster.Load(rows);
        var model = Forecaster.Create(options).Fit(keys.Fit(data).Transform(data));
        var index = SeriesLayout.Create(model.Model.Manifest).Series!;
        Assert.HasCount(4, index.Names);
        // Under another mapping of keys the names stay; a name that training did not meet is none of them, nor the missing key's.
        Row[] others = [.. Rows(names: ["z", "c", "b"])];
        float[][] byKey = Forecasts(keys.Fit(Forecaster.Load(others)).Transform(Forecaster.Load(others))),
            byText = Forecasts(Forecaster.Load(others));
        for (var i = 0; i < others.Length; i++) CollectionAssert.AreEqual(byText[i], byKey[i], others[i].Name);

        float[][] Forecasts(IDataView view) =>
            [.. Forecaster.Answers(model.Transform(view)).Select(answer => answer.Forecast)];
    }

    [TestMethod]
    public void Training_further_keeps_the_figures_of_known_series_and_adds_those_of_new_ones()
    {
        var options = Options;
        options.Normalization.Window = WindowNormalization.Standard;
        var first = Forecaster.Fit([.. Rows(names: ["a", "b", "c"]), .. Rows(Window - 1, names: ["f"])], options);
        var further = Options;
        // Neither scope nor kind have to be told again.
        (further.Network.Initialization.Model, further.Normalization.Scope) = (first.Model, null);
        var rows = Rows(seed: 5, names: ["b", "e", "f"]);
        foreach (var row in rows) row.Value += 100;
        var second = Forecaster.Fit(rows, further).Model;
        CollectionAssert.AreEqual((string[])["a", "b", "c", "f", "e"], second.Manifest.Forecast!.KnownSeries.ToArray());
        foreach (var name in new[] { SeriesScaling.LevelName, SeriesScaling.ScaleName })
            foreach (var series in (string[])["a", "b", "c"]) Assert.AreEqual(Figure(first.Model, name, series), Figure(second, name, series), 1e-5f, series);
        foreach (var series in (string[])["e", "f"])
        {
            var (mean, deviation) = Moments(rows.Where(row => row.Name == series).Take(Length - Length / 5).Select(row => row.Value));
            Assert.AreEqual(mean, Figure(second, SeriesScaling.LevelName, series), 1e-3);
            Assert.AreEqual(deviation, Figure(second, SeriesScaling.ScaleName, series), 1e-3);
        }
        further.Normalization.Scope = NormalizationScope.Window;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(rows, further)).Message, "Normalization.Scope = Series");
        (further.Normalization.Scope, further.Series.SeriesColumnNames) = (null, []);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(names: ["b"]), further)).Message, "with a series column");
    }

    /// <summary>What files did not say before there were series' figures means windows' own.</summary>
    [TestMethod]
    public void Older_files_scale_by_windows()
    {
        var options = Options;
        (options.Normalization.Scope, options.Decoding.Strategy, options.Stopping.MaximumNumberOfEpochs) = (null, ForecastStrategy.Recursive, 1);
        var model = Forecaster.Fit(Rows(), options).Model;
        var (manifest, network) = (Older(ModelJson.Write(model.Manifest)), Older(ModelJson.Write(model.Description)));
        Assert.AreEqual(ModelJson.Write(model.Manifest), ModelJson.Write(ModelJson.Read<ModelManifest>(manifest)));
        var description = ModelJson.Read<NetworkDescription>(network)!;
        Assert.AreEqual(ModelJson.Write(model.Description), ModelJson.Write(description));
        Assert.IsNull(description.SeriesScaling);

        static string Older(string json)
        {
            var without =
                System.Text.RegularExpressions.Regex.Replace(json,
                    "\"(isSeries|knownSeries|seriesScaling|feedsDifferences|cumulatedFirst|cumulatedCount)\":(\\[\\]|[^,}]*),?", "").Replace(",}", "}",
                        StringComparison.Ordinal);
            NumberAssert.IsLessThan(json.Length, without.Length);
            return without;
        }
    }
}
