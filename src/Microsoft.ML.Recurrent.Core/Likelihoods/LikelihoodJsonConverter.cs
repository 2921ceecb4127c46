using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>Writes a likelihood by name, and null as "None".</summary>
internal sealed class LikelihoodJsonConverter : JsonConverter<Likelihood?>
{
    private const string None = "None";

    public override bool HandleNull => true;

    public override Likelihood? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.String) throw new JsonException("A likelihood must be given by its name, a string.");
        var name = reader.GetString()!;
        try
        {
            return name == None ? null : LikelihoodFactory.Create(name);
        }
        catch (ArgumentException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, Likelihood? value, JsonSerializerOptions options) => writer.WriteStringValue(value?.Name ?? None);
}
