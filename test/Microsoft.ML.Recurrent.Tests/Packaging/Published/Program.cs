// What a user deploys: PublishingTests publishes it outside the repository in several ways, and runs it.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Deployed.Records;

return args switch
{
    ["train", var folder] => Trials.Train(folder),
    ["score", var folder] => Trials.Score(folder),
    _ => 2,
};

internal static class Trials
{
    /// <summary>Trains a forecaster on a sine and a classifier of walks, saves both, and prints the last row's forecast and two walks' classes.</summary>
    public static int Train(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView values = Values(mlContext), walks = mlContext.Data.LoadFromEnumerable(Walks());
        var forecaster = mlContext.Forecasting
            .ForecastByLstm("Forecast", "Value", windowSize: 16, horizon: 4, hiddenSize: 8, maximumNumberOfEpochs: 3).Fit(values);
        mlContext.Model.Save(forecaster, values.Schema, Path.Combine(folder, "forecaster.zip"));
        ITransformer classifier = mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Walk.Direction))
            .Append(mlContext.MulticlassClassification.Trainers.Gru("Label", nameof(Walk.Steps), hiddenSize: 8, maximumNumberOfEpochs: 3))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(walks);
        mlContext.Model.Save(classifier, walks.Schema, Path.Combine(folder, "classifier.zip"));
        forecaster.Model.ExportToOnnx(Path.Combine(folder, "forecaster.onnx"));
        // ML.NET's evaluators find the columns by their annotations.
        if (mlContext.MulticlassClassification.Evaluate(classifier.Transform(walks)).MacroAccuracy < 0.9) return 3;
        Print(mlContext, forecaster, classifier);
        return 0;
    }

    /// <summary>Loads both, whose types this method does not name, and prints the same.</summary>
    public static int Score(string folder)
    {
        var mlContext = new MLContext();
        ITransformer forecaster = mlContext.Model.Load(Path.Combine(folder, "forecaster.zip"), out _);
        ITransformer classifier = mlContext.Model.Load(Path.Combine(folder, "classifier.zip"), out _);
        Print(mlContext, forecaster, classifier);
        return 0;
    }

    private static IDataView Values(MLContext mlContext) =>
        mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new Row { Value = MathF.Sin(i * 0.3f) }));

    private static IEnumerable<Walk> Walks()
    {
        for (int i = 0; i < 60; i++)
        {
            float slope = i % 2 == 0 ? 0.1f : -0.1f;
            float[] steps = [.. Enumerable.Range(0, 8).Select(step => slope * step + MathF.Sin(i + step) * 0.1f)];
            yield return new() { Steps = steps, Direction = i % 2 == 0 ? "up" : "down" };
        }
    }

    private static void Print(MLContext mlContext, ITransformer forecaster, ITransformer classifier)
    {
        Print(mlContext.Data.CreateEnumerable<Scored>(forecaster.Transform(Values(mlContext)), reuseRowObject: false).Last().Forecast);
        using PredictionEngine<Walk, Answer> engine = mlContext.Model.CreatePredictionEngine<Walk, Answer>(classifier);
        foreach (Walk walk in Walks().Take(2))
        {
            Answer answer = engine.Predict(walk);
            Console.Write(answer.PredictedLabel + " ");
            Print(answer.Score);
        }
    }

    private static void Print(float[] values) => Console.WriteLine(string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));

    private sealed class Row
    {
        public float Value { get; set; }
    }

    private sealed class Scored
    {
        public float[] Forecast { get; set; } = [];
    }
}
