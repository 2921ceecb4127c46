using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Files;

namespace Microsoft.ML;

/// <summary>
/// <see cref="DataOperationsCatalog"/> extensions that read the field's file formats row by row, never a whole file. Errors name file and line
/// (<see cref="FormatException"/>). CSV and TSV are read by ML.NET's own LoadFromTextFile.
/// </summary>
public static class SequenceFileCatalog
{
    /// <summary>Reads the <c>.ts</c> format of the UEA and UCR time series archives.</summary>
    /// <remarks>Tags may be in any case and order, and absent: the number of dimensions is then that of the first series.</remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <returns>A series per row: <c>Features</c>, <c>Vector&lt;Single, T, k&gt;</c> with @equalLength, else <c>Vector&lt;Single, *, k&gt;</c>, missing values
    /// as NaN; <c>Label</c>, Text with @classLabel, Single with @targetLabel; with @timeStamps <c>Time</c>, a vector of DateTime or Double.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="FormatException">The header is malformed; when rows are read, a line is.</exception>
    public static IDataView LoadFromTsFile(this DataOperationsCatalog catalog, string path) => Checked(catalog, TsFile.Open, path);

    /// <summary>Reads series in Weka's ARFF, as the UEA archive writes them: a relational attribute, or numeric attributes that are the steps.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file. Its last attribute is the class or the target.</param>
    /// <returns>A series per row: <c>Features</c>, <c>Vector&lt;Single, T, k&gt;</c>; <c>Label</c>, Text, or Single for a numeric target.</returns>
    /// <inheritdoc cref="LoadFromTsFile" path="/exception"/>
    public static IDataView LoadFromArffFile(this DataOperationsCatalog catalog, string path) => Checked(catalog, ArffFile.Open, path);

    /// <summary>Reads the <c>.tsv</c> format of the UCR archive: the class, then the steps. NaN at the end of a series is padding, and cut.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <returns>A series per row: <c>Features</c>, <c>Vector&lt;Single, *&gt;</c>; <c>Label</c>, Text.</returns>
    /// <inheritdoc cref="LoadFromTsFile" path="/exception"/>
    public static IDataView LoadFromUcrTsvFile(this DataOperationsCatalog catalog, string path) => Checked(catalog, UcrTsvFile.Open, path);

    /// <summary>Reads the <c>.tsf</c> format of the Monash forecasting archive.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <returns>A step per row, series by series: the attributes of the series under their own names (Text, Single or DateTime), except the start;
    /// <c>Time</c>, the DateTime of the step by @frequency, or its number (Single) without a start time; <c>Value</c>, Single, NaN for <c>?</c>.</returns>
    /// <inheritdoc cref="LoadFromTsFile" path="/exception"/>
    public static IDataView LoadFromTsfFile(this DataOperationsCatalog catalog, string path) => Checked(catalog, TsfFile.Open, path);

    /// <summary>Reads the JSON lines of GluonTS: an object per series with <c>start</c>, <c>target</c>, and features if it has some.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <param name="frequency">The time between two steps, which is not in the file (GluonTS has it in <c>metadata.json</c>).</param>
    /// <returns>A step per row, series by series: <c>Series</c>, Text (item_id, or the number of the line); <c>Time</c>, DateTime; <c>Value</c>, Single;
    /// <c>StaticCategory1</c>, ..., Int32 (feat_static_cat); <c>StaticNumbers</c> and <c>DynamicNumbers</c>, <c>Vector&lt;Single, n&gt;</c> (feat_static_real,
    /// feat_dynamic_real). Steps for which only dynamic features are known have the value NaN.</returns>
    /// <inheritdoc cref="LoadFromTsFile" path="/exception"/>
    public static IDataView LoadFromGluonTsFile(this DataOperationsCatalog catalog, string path, TimeFrequency frequency)
    {
        ArgumentNullException.ThrowIfNull(frequency);
        return Checked(catalog, file => GluonTsFile.Open(file, frequency), path);
    }

    /// <summary>Reads words with one tag each from columns, as in the files of the CoNLL shared tasks: a word per line, an empty line after each
    /// sentence.</summary>
    /// <remarks>
    /// <para>Document marks (<c>-DOCSTART-</c>), and the comments, ranges of words and empty nodes of CoNLL-U are left out.</para>
    /// <code>var sentences = mlContext.Data.LoadFromConllFile("train.bio");</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <param name="wordIndex">The column of the word, from 0; a negative number counts from the last column, -1.</param>
    /// <param name="tagIndex">The column of the tag, likewise.</param>
    /// <param name="separator">The character between columns; null for tabs in lines that have one, and any white space in others.</param>
    /// <returns>A sentence per row: <c>Words</c> and <c>Tags</c>, <c>Vector&lt;Text, *&gt;</c> of equal length.</returns>
    /// <exception cref="ArgumentException">Both columns are the same.</exception>
    /// <inheritdoc cref="LoadFromTsFile" path="/exception"/>
    public static IDataView LoadFromConllFile(this DataOperationsCatalog catalog, string path, int wordIndex = 0, int tagIndex = -1, char? separator = null)
    {
        if (wordIndex == tagIndex)
            throw new ArgumentException($"Words and tags cannot both be in column {wordIndex}: give two columns.", nameof(tagIndex));
        return Checked(catalog, file => ConllFile.Open(file, wordIndex, tagIndex, separator), path);
    }

    /// <summary>Reads all columns of CoNLL-U, the format of Universal Dependencies.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <returns>A sentence per row: <c>Words</c>, <c>Lemmas</c>, <c>UniversalTags</c>, <c>Tags</c> (of the language), <c>Features</c> and <c>Relations</c>,
    /// <c>Vector&lt;Text, *&gt;</c>; <c>Heads</c>, <c>Vector&lt;Int32, *&gt;</c> (0 for the root, -1 for none); <c>Sentence</c>, its id. Tokens of several
    /// words are their words; words that the sentence lacks are left out.</returns>
    /// <inheritdoc cref="LoadFromTsFile" path="/exception"/>
    public static IDataView LoadFromConllUFile(this DataOperationsCatalog catalog, string path) => Checked(catalog, ConllUFile.Open, path);

    /// <summary>Reads one text per line; empty lines are left out.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file, UTF-8.</param>
    /// <returns>A row per line: <c>Text</c>.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public static IDataView LoadFromTextLines(this DataOperationsCatalog catalog, string path) => Checked(catalog, TextFiles.OpenLines, path);

    /// <summary>Reads folders of texts: each subfolder is a class, and each file in it a text.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The folder of the subfolders.</param>
    /// <param name="searchPattern">The files to read.</param>
    /// <returns>A row per file, in ordinal order: <c>Text</c>, <c>Label</c> (the subfolder) and <c>File</c> (relative to <paramref name="path"/>),
    /// Text.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="ArgumentException">No subfolder has such a file.</exception>
    public static IDataView LoadFromTextFolders(this DataOperationsCatalog catalog, string path, string searchPattern = "*.txt") =>
        Checked(catalog, folder => TextFiles.OpenFolders(folder, searchPattern), path);

    private static IDataView Checked(DataOperationsCatalog catalog, Func<string, IDataView> open, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return open(path);
    }
}
