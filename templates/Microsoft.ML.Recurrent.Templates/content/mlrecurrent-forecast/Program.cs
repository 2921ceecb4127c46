using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

// dotnet run                trains on the file below, tests on its last steps, saves the model and prints a forecast
// dotnet run -- OTHER.csv   does the same with another file that is written alike
const string DataFile = "DATA_FILE", TimeColumn = "TIME_COLUMN", LabelColumn = "LABEL_COLUMN", Separator = "SEPARATOR";
const int Horizon = 12321, WindowSize = 45654;

var mlContext = new MLContext(seed: 1);
var path = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, DataFile);
IDataView data = Load(path);

// The back-test below trains on the rows before the last steps, and forecasts those.
var estimator = mlContext.Forecasting.ForecastByRecurrentNetwork(new RecurrentForecastingEstimator.Options
{
    Input = new SeriesInputOptions { InputColumnName = LabelColumn, TimeColumnName = TimeColumn, WindowSize = WindowSize },
    Output = { ForecastColumnName = "Forecast", ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.8f },
    Horizon = Horizon,
    Network = { Cell = RecurrentCell.CELL_KIND, HiddenSize = 32 },
    Stopping = { MaximumNumberOfEpochs = 30 },
});
BackTestResult test = mlContext.Forecasting.BackTest(data, estimator, new()
{
    TargetColumnName = LabelColumn,
    TimeColumnName = TimeColumn,
    Horizon = Horizon,
    NumberOfOrigins = 3,
    LowerBoundColumnName = "Lower",
    UpperBoundColumnName = "Upper",
    ConfidenceLevel = 0.8f,
});
Console.WriteLine(test);

// The model that is used learns from all rows, and forecasts from the last one on.
ITransformer model = estimator.Fit(data);
using RecurrentForecastEngine engine = model.CreateForecastEngine(mlContext);
engine.Observe(data);
engine.CheckPoint(mlContext, "model.mlnet");
SeriesForecast forecast = engine.Predict();
for (var step = 0; step < forecast.Values.Length; step++)
{
    var time = forecast.Times.IsEmpty ? $"step {step + 1}" : forecast.Times[step].ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{time}  {forecast.Values[step]:G6}  ({forecast.LowerBounds[step]:G6} to {forecast.UpperBounds[step]:G6})"));
}

IDataView Load(string path)
{
    string[] names = [.. File.ReadLines(path).First().Split(Separator[0]).Select(name => name.Trim().Trim('"').Replace("\"\"", "\""))];
    return mlContext.Data.LoadFromTextFile(path, new TextLoader.Options
    {
        Columns = [new(TimeColumn, DataKind.DateTime, Find(TimeColumn)), new(LabelColumn, DataKind.Single, Find(LabelColumn))],
        Separators = [Separator[0]],
        HasHeader = true,
        AllowQuoting = true,
        MissingRealsAsNaNs = true,
    });

    int Find(string name) => Array.IndexOf(names, name) is >= 0 and var place ? place
        : throw new ArgumentException($"'{path}' has no column '{name}': it has {string.Join(", ", names)}.");
}
