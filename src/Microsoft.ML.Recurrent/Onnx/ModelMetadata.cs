using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>What a model file holds beside its graph, as JSON texts in the ONNX metadata. A foreign graph that is scored as it is has no network's description.</summary>
internal sealed record ModelMetadata(ModelManifest Manifest, NetworkDescription? Network, TrainingHistory History);

/// <summary>How those records are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(NetworkDescription))]
[JsonSerializable(typeof(TrainingHistory))]
internal sealed partial class ModelJson : JsonSerializerContext;
