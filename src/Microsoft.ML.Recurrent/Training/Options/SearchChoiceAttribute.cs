namespace Microsoft.ML.Recurrent;

/// <summary>An experiment tries these values for this option.</summary>
/// <param name="values">The values, by their texts: "null", "true", "Gru", "0.5", "Point(Huber)".</param>
internal sealed class SearchChoiceAttribute(params string[] values) : SearchAttribute
{
    public IReadOnlyList<string> Values => values;
}
