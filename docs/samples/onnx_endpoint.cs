#:sdk Microsoft.NET.Sdk.Web
#:package Microsoft.ML.OnnxRuntime

// A web server that scores an exported forecaster with ONNX Runtime alone, compiled ahead of time to one native program: it holds no ML.NET, and the
// machine that runs it needs no .NET.
//   dotnet publish docs/samples/onnx_endpoint.cs -o endpoint
//   endpoint/onnx_endpoint --model forecaster.onnx
//   curl localhost:5000/forecast -d '{"values":[0.1,0.2, ...]}' -H 'Content-Type: application/json'

using System.Text.Json.Serialization;
using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, EndpointJson.Default));
var model = builder.Configuration["model"] ?? throw new ArgumentException("Name the exported model: --model forecaster.onnx");

OrtEnv.Instance().DisableTelemetryEvents();
using var options = new SessionOptions { IntraOpNumThreads = 1 }; // requests bring the parallelism
using var session = new InferenceSession(model, options);
using var run = new RunOptions();
(var input, var shape) = session.InputMetadata.Single();
long[] dimensions = [1, shape.Dimensions[1], shape.Dimensions[2]]; // [batch, time, features]
var numbers = dimensions[1] * dimensions[2];

var app = builder.Build();
// The body is an object. A float[] as the parameter would be empty, with status 200: generated endpoints read no arrays of numbers from the body.
app.MapPost("/forecast", (Window window) =>
{
    if (window.Values?.Length != numbers) return Results.BadRequest($"Send {{\"values\": [...]}} with {numbers} numbers.");
    using var values = OrtValue.CreateTensorValueFromMemory(window.Values, dimensions);
    using var outputs = session.Run(run, [input], [values], session.OutputNames);
    return Results.Ok(new Answer(outputs[0].GetTensorDataAsSpan<float>().ToArray()));
});
app.Run();

internal sealed record Window(float[]? Values);

internal sealed record Answer(float[] Forecast);

[JsonSerializable(typeof(Window))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(string))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class EndpointJson : JsonSerializerContext;
