#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// A web server that forecasts many series from live readings. One forecast engine, a singleton of the dependency injection, serves all requests.
// It is checkpointed every minute and at shutdown, and continues from the checkpoint at the next start.
// Run it by: dotnet run --file docs/samples/forecast_server.cs -- [--try]
//   curl localhost:5000/readings -d '{"sensor":"s1","time":"2026-01-11T00:00:00","value":21.5}' -H 'Content-Type: application/json'
//   curl localhost:5000/forecasts/s1
// With --try it sends itself a thousand requests and ends.

using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Recurrent;

var folder = Path.Combine(Path.GetTempPath(), "forecast_server");
Directory.CreateDirectory(folder);
string model = Path.Combine(folder, "model.zip"), checkpoint = Path.Combine(folder, "checkpoint.zip");
var mlContext = new MLContext(seed: 1);

if (args.Contains("--try")) File.Delete(checkpoint);
if (!File.Exists(model)) Train();

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
if (args.Contains("--try")) builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSingleton(mlContext);
builder.Services.AddSingleton(_ =>
{
    var loaded = mlContext.Model.LoadFile(File.Exists(checkpoint) ? checkpoint : model, out var _);
    var engine = loaded.CreateForecastEngine(mlContext);
    if (engine.Series.Count == 0) engine.Observe(mlContext.Data.LoadFromEnumerable(Reading.Past));
    return engine;
});
builder.Services.AddHostedService(services => new Checkpoints(services.GetRequiredService<RecurrentForecastEngine>(), mlContext, checkpoint));
var app = builder.Build();

app.MapPost("/readings", (Reading reading, RecurrentForecastEngine engine) =>
{
    try
    {
        engine.Observe(reading);
        return Results.Ok();
    }
    catch (ArgumentException error)
    {
        // Earlier than the last observation.
        return Results.BadRequest(error.Message);
    }
});
app.MapGet("/forecasts", (RecurrentForecastEngine engine) => engine.PredictAll());
app.MapGet("/forecasts/{sensor}", (string sensor, int? steps, RecurrentForecastEngine engine) => engine.Series.Contains(sensor)
    ? Results.Ok(engine.Predict(sensor, steps))
    : Results.NotFound());

if (!args.Contains("--try"))
{
    app.Run();
    return;
}

await app.StartAsync();
using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
var clock = Stopwatch.StartNew();
string[] sensors = [.. Reading.Past.Select(reading => reading.Sensor).Distinct()];
await Task.WhenAll(sensors.Select(async sensor =>
{
    for (var hour = 240; hour < 340; hour++)
    {
        using var response = await client.PostAsJsonAsync("/readings", Reading.At(sensor, hour));
        response.EnsureSuccessStatusCode();
        _ = await client.GetFromJsonAsync<SeriesForecast>($"/forecasts/{sensor}");
    }
}));
Console.WriteLine($"{sensors.Length * 100} readings and as many forecasts in {clock.ElapsedMilliseconds} ms");
var all = await client.GetFromJsonAsync<Dictionary<string, SeriesForecast>>("/forecasts");
var error = all!.Average(one => one.Value.Values.Select((value, step) => Math.Abs(value - Reading.At(one.Key, 340 + step).Value)).Average());
Console.WriteLine($"{all!["s1"].Times.Length} hours from {all["s1"].Times[0]:s} on of {all.Count} sensors: mean absolute error {error:0.000}");
await app.StopAsync();
using var resumed = mlContext.Model.LoadFile(checkpoint, out _).CreateForecastEngine(mlContext);
Console.WriteLine($"after the end: {resumed.Predict("s1").Values[0]:0.000}, before it: {all["s1"].Values[0]:0.000}");

void Train()
{
    var past = mlContext.Data.LoadFromEnumerable(Reading.Past);
    var trained = mlContext.Forecasting.ForecastByGru("Forecast", "Value", windowSize: 48, horizon: 12, timeColumnName: "Time", seriesColumnName: "Sensor",
        confidenceLowerBoundColumn: "Lower",
        confidenceUpperBoundColumn: "Upper", maximumNumberOfEpochs: 5).Fit(past);
    mlContext.Model.SaveAtomically(trained, past.Schema, model);
}

internal sealed class Checkpoints(RecurrentForecastEngine engine, MLContext mlContext, string path) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) engine.CheckPoint(mlContext, path);
        }
        catch (OperationCanceledException)
        {
        }
        engine.CheckPoint(mlContext, path);
    }
}

internal sealed class Reading
{
    public string Sensor { get; set; } = "";

    public DateTime Time { get; set; }

    public double Value { get; set; }

    public static Reading At(string sensor, int hour)
    {
        var phase = int.Parse(sensor[1..]);
        return new() { Sensor = sensor, Time = new DateTime(2026, 1, 1).AddHours(hour), Value = 20 + phase + 5 * Math.Sin((hour + phase) * Math.Tau / 24) };
    }

    public static IEnumerable<Reading> Past => from hour in Enumerable.Range(0, 240) from sensor in Enumerable.Range(0, 5) select At($"s{sensor}", hour);
}
