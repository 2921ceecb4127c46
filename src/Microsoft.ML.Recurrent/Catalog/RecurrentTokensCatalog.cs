using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Tokens;

namespace Microsoft.ML;

/// <summary>Text for the recurrent trainers, in <c>mlContext.Transforms.Text</c>: tokens, vocabularies and word vectors.</summary>
public static class RecurrentTokensCatalog
{
    /// <summary>Splits text into tokens: a vector of text, or of keys for a tokenizer with a vocabulary of its own.</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Text.TokenizeForRecurrent("Words", "Text", lowerCase: true, maximumLength: 200)
    ///     .Append(mlContext.Transforms.Text.BuildVocabulary("Tokens", "Words", minimumCount: 2));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: <c>Vector&lt;Text, *&gt;</c>, or <c>Vector&lt;Key, *&gt;</c> with the pieces as key values. An empty
    /// text gives an empty vector.</param>
    /// <param name="inputColumnName">The text; null for the output column's name.</param>
    /// <param name="tokenizer">The tokenizer; null for <see cref="TextTokenizer.Words"/>.</param>
    /// <param name="lowerCase">Whether text is lower-cased first, by the rules of the invariant culture.</param>
    /// <param name="maximumLength">The most tokens of a row, at least 1; null for no limit.</param>
    /// <param name="truncationSide">The side from which longer rows are cut.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static TextTokenizingEstimator TokenizeForRecurrent(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string? inputColumnName = null, TextTokenizer? tokenizer = null, bool lowerCase = false, int? maximumLength = null,
        TruncationSide truncationSide = TruncationSide.Right)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        if (maximumLength is < 1) throw new ArgumentOutOfRangeException(nameof(maximumLength), maximumLength, "A row must be allowed at least 1 token.");
        if (!Enum.IsDefined(truncationSide)) throw new ArgumentOutOfRangeException(nameof(truncationSide), truncationSide, "Choose Right or Left.");
        return new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName ?? outputColumnName, tokenizer ?? TextTokenizer.Words,
            new(lowerCase, maximumLength, truncationSide));
    }

    /// <summary>Maps tokens to the keys of a vocabulary, which is learned from the data: the most frequent tokens, the most frequent first.</summary>
    /// <remarks>
    /// <para>Tokens that the vocabulary lacks get the key of <paramref name="unknownToken"/>, or the missing key (0), for which the trainers learn a vector
    /// too. The trainers take the result as <c>FeatureColumnName</c>, and exported graphs the same keys as ids. Empty tokens are not counted and are
    /// unknown.</para>
    /// <para>ML.NET's MapValueToKey keeps the tokens that come first in the data if <c>maximumNumberOfKeys</c> is less than their number.</para>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: <c>Vector&lt;Key&gt;</c> (a key for one text per row), with the tokens as key values.</param>
    /// <param name="inputColumnName">The tokens, text; null for the output column's name.</param>
    /// <param name="minimumCount">How often a token must occur in the training data, at least 1.</param>
    /// <param name="maximumSize">The most keys, those of the reserved tokens included; the rarest tokens are left out, among equally frequent ones the last by
    /// ordinal order. Null for no limit.</param>
    /// <param name="unknownToken">A token with a reserved key that unknown tokens get, such as <c>&lt;unk&gt;</c>; null for the missing key.</param>
    /// <param name="paddingToken">A token with a reserved key (1), such as <c>&lt;pad&gt;</c>, for other tools that pad rows by an id; trainers and scorers of
    /// this library know the length of each row and need none. Null for none.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static VocabularyEstimator BuildVocabulary(this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null,
        int minimumCount = 1, int? maximumSize = null, string? unknownToken = null, string? paddingToken = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumCount, 1);
        if (unknownToken is not null) ArgumentException.ThrowIfNullOrWhiteSpace(unknownToken);
        if (paddingToken is not null) ArgumentException.ThrowIfNullOrWhiteSpace(paddingToken);
        if (paddingToken is not null && paddingToken == unknownToken)
            throw new ArgumentException("The padding token and the unknown token need keys of their own: name different tokens.", nameof(paddingToken));
        var reserved = (unknownToken is null ? 0 : 1) + (paddingToken is null ? 0 : 1);
        if (maximumSize <= reserved)
            throw new ArgumentOutOfRangeException(nameof(maximumSize), maximumSize,
                $"The vocabulary needs at least one key beside its {reserved} reserved ones.");
        return new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName ?? outputColumnName,
            new(minimumCount, maximumSize, unknownToken, paddingToken));
    }

    /// <summary>
    /// Makes a feature of each word: its shape (capitals, digits, punctuation), its first or last characters, or the word with masked digits. As further
    /// columns of tokens beside the words (<see cref="FeatureOptions.AdditionalColumnNames"/>) they tell a trainer what an unknown word may be.
    /// </summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Text.ExtractWordFeature("Endings", "Words", WordFeature.Suffix)
    ///     .Append(mlContext.Transforms.Text.BuildVocabulary("EndingKeys", "Endings"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: text, <c>Vector&lt;Text&gt;</c> where the words are that, as long.</param>
    /// <param name="inputColumnName">The words, text; null for the output column's name.</param>
    /// <param name="feature">The feature.</param>
    /// <param name="length">Characters of a prefix or suffix; of a shape, the longest run of one kind of character; without effect on masked digits. At least
    /// 1; null for 3, and of a shape 2.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static WordFeatureEstimator ExtractWordFeature(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string? inputColumnName = null, WordFeature feature = WordFeature.Shape, int? length = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        if (!Enum.IsDefined(feature)) throw new ArgumentOutOfRangeException(nameof(feature), feature, "Choose Shape, Prefix, Suffix or MaskedDigits.");
        if (length is < 1) throw new ArgumentOutOfRangeException(nameof(length), length, "A feature must be allowed at least 1 character.");
        return new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName ?? outputColumnName, feature,
            length ?? (feature is WordFeature.Shape ? 2 : 3));
    }

    /// <summary>Opens a file of pre-trained word vectors, from which the embedding of a trainer can start.</summary>
    /// <remarks><code>
    /// var trainer = mlContext.MulticlassClassification.Trainers.RecurrentNetwork(new()
    /// {
    ///     FeatureColumnName = "Tokens",
    ///     Network = { Initialization = { WordVectors = mlContext.Transforms.Text.LoadWordVectors("glove.6B.100d.txt"), FrozenLayers = ["embedding_1"] } },
    /// });
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file, UTF-8, gzip or plain: a word and its numbers a line, as GloVe, word2vec (text) and fastText (<c>.vec</c>) write them. It is
    /// read line by line in Fit; only the vectors of the column's tokens are kept.</param>
    /// <param name="ignoreCase">Whether a token that the file lacks takes the vector of its lower-case form.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="FormatException">The first line is neither a header nor a vector. In Fit: a line is malformed; the message has its number.</exception>
    public static WordVectors LoadWordVectors(this TransformsCatalog.TextTransforms catalog, string path, bool ignoreCase = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return WordVectors.Open(path, ignoreCase);
    }
}
