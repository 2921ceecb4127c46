using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>What a model file holds beside its graph, as JSON texts in the ONNX metadata. A foreign graph that is scored as it is has no network's description.</summary>
internal sealed record ModelMetadata(ModelManifest Manifest, NetworkDescription? Network, TrainingHistory History);

/// <summary>
/// How those records are written as JSON. By reflection: what is generated at build time gives properties that a file does not name their type's default instead of their own, and older files
/// would change their meaning with every property that is added.
/// </summary>
internal static class ModelJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <exception cref="JsonException">The text is none of such a record.</exception>
    public static T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options);
}
