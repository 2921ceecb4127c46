// What a user writes who has the package alone: PackageTests builds it in folders outside the repository,
// on several versions of what the package depends on, and runs it.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

return args switch
{
    ["train", var path] => Outside.Train(path),
    ["score", var path] => Outside.Score(path),
    ["members"] => Members.Check(),
    _ => 2,
};

internal static class Outside
{
    /// <summary>Trains on a sine, saves the model, prints the last row's forecast.</summary>
    public static int Train(string path)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Data(mlContext);
        ITransformer model = mlContext.Forecasting
            .ForecastByLstm("Forecast", "Value", windowSize: 16, horizon: 4, hiddenSize: 8, maximumNumberOfEpochs: 3).Fit(data);
        mlContext.Model.Save(model, data.Schema, path);
        Print(mlContext, model.Transform(data));
        return 0;
    }

    /// <summary>Loads the model, whose type this method does not name, and prints the same forecast.</summary>
    public static int Score(string path)
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(path, out _);
        Print(mlContext, model.Transform(Data(mlContext)));
        return 0;
    }

    private static IDataView Data(MLContext mlContext) =>
        mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new Row { Value = MathF.Sin(i * 0.3f) }));

    private static void Print(MLContext mlContext, IDataView scored)
    {
        float[] last = mlContext.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false).Last().Forecast;
        Console.WriteLine(string.Join(' ', last.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
    }

    private sealed class Row
    {
        public float Value { get; set; }
    }

    private sealed class Scored
    {
        public float[] Forecast { get; set; } = [];
    }
}
