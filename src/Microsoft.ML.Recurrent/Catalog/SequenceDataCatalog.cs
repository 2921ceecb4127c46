using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML;

/// <summary>Sequences from rows: <see cref="DataOperationsCatalog"/> extensions that make training data for the recurrent trainers.</summary>
public static class SequenceDataCatalog
{
    /// <summary>
    /// Groups rows into sequences: the rows that share a value of <paramref name="sequenceColumnName"/> become one row, whose
    /// <paramref name="outputColumnName"/> is a <c>Vector&lt;Single, *, k&gt;</c>: as many steps as the group has rows, k numbers a step (those of all input
    /// columns, in the given order).
    /// </summary>
    /// <remarks>
    /// Groups need not be contiguous; they come in the order in which their first row is met. All columns that are not inputs are kept (label, sequence name,
    /// ...) and hold the value of the sequence's first step, so a label has to be the same in all rows of a sequence. Data are read when the first cursor is
    /// opened, and their numbers are kept in memory.
    /// <code>var sequences = mlContext.Data.GroupIntoSequences(rows, "Features", ["c1", "c2"], "series", "t");</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="input">The rows.</param>
    /// <param name="outputColumnName">The sequence column that is made.</param>
    /// <param name="inputColumnNames">What a step holds: <c>Single</c> columns or <c>Vector&lt;Single&gt;</c> columns of known size.</param>
    /// <param name="sequenceColumnName">Which sequence a row belongs to: Text, a key, a whole number or Boolean.</param>
    /// <param name="timeColumnName">Orders the steps of a sequence (DateTime, DateTimeOffset, TimeSpan or a number); null keeps the rows' order.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or a name is empty.</exception>
    public static IDataView GroupIntoSequences(this DataOperationsCatalog catalog, IDataView input, string outputColumnName, string[] inputColumnNames,
        string sequenceColumnName,
        string? timeColumnName = null)
    {
        CheckCommon(catalog, input, outputColumnName, inputColumnNames);
        ArgumentException.ThrowIfNullOrEmpty(sequenceColumnName);
        return SequencesDataView.Create(input, outputColumnName, inputColumnNames, sequenceColumnName, timeColumnName);
    }

    /// <summary>
    /// Cuts series into windows: each row of the result holds <paramref name="windowSize"/> consecutive rows of one series as <c>Vector&lt;Single, windowSize,
    /// k&gt;</c>, k being the numbers of all input columns.
    /// </summary>
    /// <remarks>
    /// <para>With a <paramref name="horizon"/>, the column <paramref name="labelColumnName"/> becomes <c>Vector&lt;Single, horizon&gt;</c>: its values in the
    /// <paramref name="horizon"/> rows that follow the window (what a forecaster learns). Without one it keeps the value at the window's last row, as all other
    /// columns do.</para>
    /// <para>Covariates may stand beside the targets in the window, or become columns of their own under their own names, as a forecaster's options
    /// <c>PastCovariateColumnNames</c> and <c>FutureCovariateColumnNames</c> take them; what is known ahead then holds the horizon's values too. Static columns
    /// need not be named: like all other columns they are kept.</para>
    /// <para>Series come in the order in which their first row is met, each in time order; a series shorter than windowSize + horizon rows gives no window.
    /// Data are read when the first cursor is opened; their numbers are kept in memory once, not once a window.</para>
    /// <code>
    /// var windows = mlContext.Data.CreateWindows(
    ///     rows, "Window", ["load", "temperature"], windowSize: 96, horizon: 24, labelColumnName: "load", timeColumnName: "date");
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="input">The rows.</param>
    /// <param name="outputColumnName">The window column that is made.</param>
    /// <param name="inputColumnNames">What a step holds: <c>Single</c> columns or <c>Vector&lt;Single&gt;</c> columns of known size.</param>
    /// <param name="windowSize">Rows a window, at least 1.</param>
    /// <param name="horizon">Rows after the window whose label is learned; 0 for none.</param>
    /// <param name="stride">Rows from one window's start to the next one's, at least 1.</param>
    /// <param name="labelColumnName">The label's column; needed where there is a horizon (then <c>Single</c> or a vector of known size).</param>
    /// <param name="seriesColumnName">Which series a row belongs to (Text, a key, a whole number or Boolean); null where all rows are one series.</param>
    /// <param name="timeColumnName">Orders the rows of a series (DateTime, DateTimeOffset, TimeSpan or a number); null keeps the rows' order.</param>
    /// <param name="pastCovariateColumnNames">
    /// Columns that become windows of their own, under their own names: numbers as <c>Vector&lt;Single, windowSize&gt;</c> (or <c>&lt;Single, windowSize,
    /// k&gt;</c>), categories (Text, keys, whole numbers, Booleans) as vectors of their values. Null for none.
    /// </param>
    /// <param name="futureCovariateColumnNames">The same for columns that are known ahead: their vectors go on through the horizon, windowSize + horizon steps.
    /// Null for none.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or a number is out of range; when rows are read: no series is long enough
    /// for one window.</exception>
    public static IDataView CreateWindows(this DataOperationsCatalog catalog, IDataView input, string outputColumnName, string[] inputColumnNames,
        int windowSize, int horizon = 0,
        int stride = 1, string? labelColumnName = null, string? seriesColumnName = null, string? timeColumnName = null,
        string[]? pastCovariateColumnNames = null, string[]? futureCovariateColumnNames = null)
    {
        CheckCommon(catalog, input, outputColumnName, inputColumnNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        if (horizon > 0 && labelColumnName is null)
            throw new ArgumentException("With a horizon, name the column whose future is the label.", nameof(labelColumnName));
        if (horizon == 0 && futureCovariateColumnNames is { Length: > 0 })
            throw new ArgumentException("What is known ahead needs steps ahead: set the horizon.", nameof(futureCovariateColumnNames));
        if (labelColumnName == outputColumnName)
            throw new ArgumentException("The window's column and the label's need different names.", nameof(outputColumnName));
        string[] made = [outputColumnName, .. labelColumnName is null ? [] : new[] { labelColumnName }, .. pastCovariateColumnNames ?? [],
            .. futureCovariateColumnNames ?? []];
        if (made.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two columns would be called '{twice.Key}': the window's, the label's and those of covariates need different names.",
                nameof(pastCovariateColumnNames));
        return WindowsDataView.Create(input,
            new(outputColumnName, inputColumnNames, windowSize, horizon, stride, labelColumnName, seriesColumnName, timeColumnName)
        {
            PastCovariates = pastCovariateColumnNames ?? [],
            FutureCovariates = futureCovariateColumnNames ?? [],
        });
    }

    private static void CheckCommon(DataOperationsCatalog catalog, IDataView input, string outputColumnName, string[] inputColumnNames)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(inputColumnNames);
        if (inputColumnNames.Length == 0) throw new ArgumentException("Name at least one input column.", nameof(inputColumnNames));
    }
}
