#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// A web server that scores: whole sequences with a pool of prediction engines, growing sequences with a stream of single steps. Both are singletons of the dependency
// injection, and serve any number of concurrent requests on one ONNX Runtime session each.
// Run it by: dotnet run --file docs/samples/prediction_server.cs -- [--try]
//   curl localhost:5000/predict -d '{"steps":[0.1,0.2,0.3]}' -H 'Content-Type: application/json'
//   curl localhost:5000/devices/pump1/steps -d '[0.1]' -H 'Content-Type: application/json'
// With --try it sends itself a thousand requests and ends.

using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

var mlContext = new MLContext(seed: 1);
var random = new Random(1);
var examples = Enumerable.Range(0, 500).Select(_ => Walk.Draw(random)).ToArray();
// In production: mlContext.Model.Load("model.zip", out _).
var model = mlContext.Regression.Trainers.Gru("Sum", "Steps", hiddenSize: 16, maximumNumberOfEpochs: 20).Fit(mlContext.Data.LoadFromEnumerable(examples));
// Requests run in parallel: a run of one row needs one thread.
model.Scoring = new() { NumberOfThreads = 1 };

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
if (args.Contains("--try")) builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSingleton(_ => mlContext.Model.CreatePredictionPool<Walk, Answer>(model));
builder.Services.AddSingleton(_ => new SequenceStream<string>(model.Model, model.Scoring));
var app = builder.Build();

app.MapPost("/predict", (Request request, PredictionPool<Walk, Answer> pool) => pool.Predict(new() { Steps = request.Steps }).Score);
app.MapPost("/devices/{device}/steps", (string device, float[] step, SequenceStream<string> stream) =>
{
    if (step.Length != stream.InputSize) return Results.BadRequest($"A step has {stream.InputSize} numbers.");
    var answer = new float[stream.OutputSize];
    stream.Step([device], step, answer);
    return Results.Ok(answer[0]);
});
app.MapDelete("/devices/{device}", (string device, SequenceStream<string> stream) => stream.Forget(device));

if (!args.Contains("--try"))
{
    app.Run();
    return;
}

await app.StartAsync();
using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
var clock = Stopwatch.StartNew();
var errors = await Task.WhenAll(examples.Concat(examples).Select(async example =>
{
    using var response = await client.PostAsJsonAsync("/predict", new Request(example.Steps));
    return Math.Abs(await response.Content.ReadFromJsonAsync<float>() - example.Sum);
}));
Console.WriteLine($"{errors.Length} requests in {clock.ElapsedMilliseconds} ms, mean absolute error {errors.Average():0.000}");
float last = 0;
foreach (var step in examples[0].Steps)
{
    using var response = await client.PostAsJsonAsync("/devices/pump1/steps", new[] { step });
    last = await response.Content.ReadFromJsonAsync<float>();
}
Console.WriteLine($"step by step {last:0.000}, at once {app.Services.GetRequiredService<PredictionPool<Walk, Answer>>().Predict(examples[0]).Score:0.000}, true {examples[0].Sum:0.000}");
await app.StopAsync();

internal sealed record Request(float[] Steps);

internal sealed class Walk
{
    // Any number of steps of one number.
    public float[] Steps { get; set; } = [];

    public float Sum { get; set; }

    public static Walk Draw(Random random)
    {
        float[] steps = [.. Enumerable.Range(0, random.Next(3, 16)).Select(_ => random.NextSingle() - 0.5f)];
        return new() { Steps = steps, Sum = steps.Sum() };
    }
}

internal sealed class Answer
{
    public float Score { get; set; }
}
