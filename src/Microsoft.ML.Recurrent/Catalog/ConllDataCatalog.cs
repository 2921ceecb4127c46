using Microsoft.ML.Recurrent.Files;

namespace Microsoft.ML;

/// <summary><see cref="DataOperationsCatalog"/> extensions that read files of tagged sentences.</summary>
public static class ConllDataCatalog
{
    /// <summary>
    /// Reads a CoNLL file: a line per token with its columns separated by tabs or blanks (the word first, the tag last), an empty line after each sentence.
    /// Each row of the result is a sentence with its words and its tags, both <c>Vector&lt;Text&gt;</c>. The file is read row by row, anew by each cursor, and
    /// never kept in memory.
    /// </summary>
    /// <remarks>
    /// <para>Document marks (<c>-DOCSTART-</c>), and the comments, ranges of words and empty nodes of CoNLL-U are left out. Where a line has tabs, blanks
    /// belong to its columns. For CoNLL-U, parts of speech are <c>wordColumn: 1, tagColumn: 3</c>.</para>
    /// <code>var sentences = mlContext.Data.LoadFromConll("train.bio");</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file, in UTF-8 (or with a byte order mark).</param>
    /// <param name="wordsColumnName">The column of words to create.</param>
    /// <param name="tagsColumnName">The column of tags to create.</param>
    /// <param name="wordColumn">The column of the words in the file, from 0; a negative number counts from the last, -1.</param>
    /// <param name="tagColumn">The column of the tags in the file, likewise.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">While rows are read: a line lacks a column; the message names file, line and column.</exception>
    public static IDataView LoadFromConll(this DataOperationsCatalog catalog, string path, string wordsColumnName = "Words", string tagsColumnName = "Tags",
        int wordColumn = 0, int tagColumn = -1)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(wordsColumnName);
        ArgumentException.ThrowIfNullOrEmpty(tagsColumnName);
        if (wordsColumnName == tagsColumnName)
            throw new ArgumentException($"Words and tags cannot both be '{wordsColumnName}': name two columns.", nameof(tagsColumnName));
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.", path);
        return ConllFile.Open(path, [(wordsColumnName, wordColumn), (tagsColumnName, tagColumn)]);
    }
}
