namespace Microsoft.ML.Recurrent.Model;

/// <summary>The saved state of a language model.</summary>
/// <param name="EndOfSentence">The id of the marker after each row; null if rows are joined without one.</param>
/// <param name="EndOfSentenceText">The text of the marker.</param>
/// <param name="CarriesState">Whether it was trained on rows that form one continuous text.</param>
/// <param name="KnowsMissing">Whether training contained missing keys: then they are a word like others, otherwise they are not predicted.</param>
/// <param name="HasPerplexity">Whether it outputs the perplexity of each row.</param>
/// <param name="HasNextToken">Whether it outputs the probabilities of the token after a row.</param>
internal sealed record LanguageManifest(int? EndOfSentence, string? EndOfSentenceText, bool CarriesState, bool KnowsMissing, bool HasPerplexity,
    bool HasNextToken);
