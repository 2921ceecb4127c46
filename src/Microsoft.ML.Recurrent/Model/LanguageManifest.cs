namespace Microsoft.ML.Recurrent.Model;

/// <summary>What a language model has to know again.</summary>
/// <param name="EndOfSentence">The id of the marker after each row; null where rows are simply joined.</param>
/// <param name="EndOfSentenceText">What that marker is called.</param>
/// <param name="CarriesState">Whether it was trained on rows that go on with each other.</param>
/// <param name="KnowsMissing">Whether missing keys came in training: then they are a word like others, else they are not foretold.</param>
/// <param name="HasPerplexity">Whether it writes rows' perplexities.</param>
/// <param name="HasNextToken">Whether it writes the probabilities of the token that follows a row.</param>
internal sealed record LanguageManifest(int? EndOfSentence, string? EndOfSentenceText, bool CarriesState, bool KnowsMissing, bool HasPerplexity,
    bool HasNextToken);
