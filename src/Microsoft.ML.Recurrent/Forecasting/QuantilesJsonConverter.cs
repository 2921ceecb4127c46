using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Quantiles by level as JSON, NaN as text: the attribute for numbers does not reach the arrays in a dictionary.</summary>
internal sealed class QuantilesJsonConverter : JsonConverter<IReadOnlyDictionary<double, ImmutableArray<double>>>
{
    private static readonly JsonSerializerOptions Numbers = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public override IReadOnlyDictionary<double, ImmutableArray<double>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<Dictionary<double, ImmutableArray<double>>>(ref reader, Numbers)!.ToImmutableSortedDictionary();

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<double, ImmutableArray<double>> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, Numbers);
}
