namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>The subword tokenizers that can be created from files, and saved.</summary>
internal enum SubwordKind
{
    Bpe,
    WordPiece,
    Bert,
    SentencePiece,

    /// <summary>A unigram model in the JSON format of Hugging Face.</summary>
    TokenizerJson,
}
