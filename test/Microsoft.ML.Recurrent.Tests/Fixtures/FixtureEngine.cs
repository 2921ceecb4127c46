namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>What is asked of an engine that was made of a checkpoint's file.</summary>
internal static class FixtureEngine
{
    private const int Steps = 3;

    /// <summary>Lets an engine see the rows that come before its checkpoint: all but the last, which are observed later or tell the future.</summary>
    public static void Observe(RecurrentForecastEngine engine, FixtureCase model, MLContext context, string rows)
    {
        if (model.Name == FixtureCases.Hours) engine.Observe(context.Data.LoadFromEnumerable(Hours(rows)[..^12]));
        else engine.Observe(context.Data.LoadFromEnumerable(Pairs(rows)[..^2]));
    }

    /// <summary>Forecasts of all series, once more after another row, and drawn paths.</summary>
    public static FixtureAnswers Ask(RecurrentForecastEngine engine, FixtureCase model, MLContext context, string rows)
    {
        var answers = new SortedDictionary<string, float[][]>(StringComparer.Ordinal);
        if (model.Name == FixtureCases.Hours)
        {
            var all = Hours(rows);
            Add("first", engine.PredictAll(context.Data.LoadFromEnumerable(all[^12..])));
            // The next hour of one shop, then what is known of the four that follow.
            engine.Observe(all[^12]);
            HourRow last = new() { Time = all[^1].Time.AddHours(1), Shop = all[^12].Shop, Region = all[^12].Region, Event = "none", Price = 2 };
            HourRow[] future = [.. all[^11..], last];
            Add("second", engine.PredictAll(context.Data.LoadFromEnumerable(future)));
            answers.Add("paths", Paths(engine.Sample(all[^12].Shop, Steps, seed: 1, context.Data.LoadFromEnumerable(future))));
        }
        else
        {
            var all = Pairs(rows);
            Add("first", engine.PredictAll());
            engine.Observe(all[^2]);
            Add("second", engine.PredictAll(horizon: 5));
            answers.Add("paths", Paths(engine.Sample("1", Steps, seed: 1)));
        }
        return new(FixtureFiles.Machine, answers);

        // By path: the targets of a step side by side.
        static float[][] Paths(SeriesSamples samples) => [.. Enumerable.Range(0, Steps).Select(path => Enumerable.Range(0, samples.Targets[0].Paths[0].Length)
            .SelectMany(step => samples.Targets.Select(target => (float)target.Paths[path][step])).ToArray())];

        void Add(string name, IReadOnlyDictionary<string, SeriesForecast> forecasts)
        {
            foreach (var (series, forecast) in forecasts)
                answers.Add($"{name} {series}", [All(forecast, one => one.Values), All(forecast, one => one.LowerBounds), All(forecast, one => one.UpperBounds),
                    All(forecast, one => one.StandardDeviations)]);
        }
    }

    // Step by step, all targets of a step side by side, as the answers of the older build were stored.
    private static float[] All(SeriesForecast forecast, Func<TargetForecast, IReadOnlyList<double>> numbers) =>
        [.. Enumerable.Range(0, numbers(forecast.Targets[0]).Count).SelectMany(step => forecast.Targets.Select(target => (float)numbers(target)[step]))];

    private static HourRow[] Hours(string rows) => FixtureFiles.FromJson<HourRow[]>(rows);

    private static PairRow[] Pairs(string rows) => FixtureFiles.FromJson<PairRow[]>(rows);
}
