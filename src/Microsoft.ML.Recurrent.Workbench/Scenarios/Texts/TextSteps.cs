namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>Steps of pipelines of texts.</summary>
internal static class TextSteps
{
    /// <summary>Divides a text into words, letters or what blanks separate.</summary>
    public static PipelineStep Tokenize(string output, string input, string tokenizer, bool lowerCase = false) => new(
        $"mlContext.Transforms.Text.TokenizeForRecurrent({CodeText.Literal(output)}, {CodeText.Literal(input)}, "
            + $"TextTokenizer.{tokenizer}{(lowerCase ? ", lowerCase: true" : "")})",
        mlContext => mlContext.Transforms.Text.TokenizeForRecurrent(output, input, tokenizer switch
        {
            nameof(TextTokenizer.Characters) => TextTokenizer.Characters,
            nameof(TextTokenizer.Blanks) => TextTokenizer.Blanks,
            nameof(TextTokenizer.WhiteSpace) => TextTokenizer.WhiteSpace,
            nameof(TextTokenizer.Words) => TextTokenizer.Words,
            _ => throw new ArgumentOutOfRangeException(nameof(tokenizer), tokenizer, "No such tokenizer."),
        }, lowerCase));

    /// <summary>Makes keys of tokens.</summary>
    public static PipelineStep Vocabulary(string output, string input, int minimumCount = 1) => new(
        $"mlContext.Transforms.Text.BuildVocabulary({CodeText.Literal(output)}, {CodeText.Literal(input)}"
            + $"{(minimumCount > 1 ? TextColumns.Say($", minimumCount: {minimumCount}") : "")})",
        mlContext => mlContext.Transforms.Text.BuildVocabulary(output, input, minimumCount));

    /// <summary>Makes a feature of each word.</summary>
    public static PipelineStep Feature(string output, string input, WordFeature feature, int? length = null) => new(
        $"mlContext.Transforms.Text.ExtractWordFeature({CodeText.Literal(output)}, {CodeText.Literal(input)}, "
            + $"WordFeature.{feature}{(length is { } count ? TextColumns.Say($", length: {count}") : "")})",
        mlContext => mlContext.Transforms.Text.ExtractWordFeature(output, input, feature, length));

    /// <summary>Makes keys of values.</summary>
    public static PipelineStep Key(string output, string input) => new(
        $"mlContext.Transforms.Conversion.MapValueToKey({CodeText.Literal(output)}, {CodeText.Literal(input)})",
        mlContext => mlContext.Transforms.Conversion.MapValueToKey(output, input));

    /// <summary>Makes values of keys.</summary>
    public static PipelineStep Value(string output) => new($"mlContext.Transforms.Conversion.MapKeyToValue({CodeText.Literal(output)})",
        mlContext => mlContext.Transforms.Conversion.MapKeyToValue(output));
}
