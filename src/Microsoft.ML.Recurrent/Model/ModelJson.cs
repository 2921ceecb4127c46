using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// How <see cref="ModelMetadata"/> is written as JSON. By reflection: what is generated at build time gives properties that a file does not name their type's
/// default instead of their own, and older files would change their meaning with every property that is added.
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
