using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML;

/// <summary><see cref="DataOperationsCatalog"/> extensions that build sequences from rows, as training data for the recurrent trainers.</summary>
public static class SequenceDataCatalog
{
    /// <summary>
    /// Groups rows into sequences: the rows with the same value of <paramref name="sequenceColumnName"/> become one row. Its
    /// <paramref name="outputColumnName"/> is a <c>Vector&lt;Single, *, k&gt;</c> with one step per row of the group and k numbers per step (all input columns,
    /// in the given order).
    /// </summary>
    /// <remarks>
    /// Groups need not be contiguous; they are ordered by their first row. Columns that are not inputs are kept (label, sequence name, ...) with the value of
    /// the first step, so a label must be the same in all rows of a sequence. The data are read when the first cursor is opened and kept in memory.
    /// <code>var sequences = mlContext.Data.GroupIntoSequences(rows, "Features", ["c1", "c2"], "series", "t");</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="input">The rows.</param>
    /// <param name="outputColumnName">The sequence column to create.</param>
    /// <param name="inputColumnNames">The columns of each step: <c>Single</c>, or <c>Vector&lt;Single&gt;</c> of known size.</param>
    /// <param name="sequenceColumnName">The column that identifies the row's sequence: Text, a key, an integer or Boolean.</param>
    /// <param name="timeColumnName">The column that orders the steps of a sequence (DateTime, DateTimeOffset, TimeSpan or a number); null keeps the order of
    /// the rows.</param>
    /// <param name="timeZone">The time zone of local times, by its IANA or Windows id: rows are ordered by instant, also where the clock goes back (see
    /// <see cref="ForecastFeatureOptions.TimeZone"/>). Null for times as they are.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or a name is empty.</exception>
    public static IDataView GroupIntoSequences(this DataOperationsCatalog catalog, IDataView input, string outputColumnName, string[] inputColumnNames,
        string sequenceColumnName,
        string? timeColumnName = null, string? timeZone = null)
    {
        CheckCommon(catalog, input, outputColumnName, inputColumnNames);
        ArgumentException.ThrowIfNullOrEmpty(sequenceColumnName);
        return SequencesDataView.Create(input, outputColumnName, inputColumnNames, sequenceColumnName, timeColumnName,
            TimeReader.Zone(input.Schema, timeColumnName, timeZone, nameof(timeZone)));
    }

    /// <summary>
    /// Cuts series into windows: each row of the result holds <paramref name="windowSize"/> consecutive rows of one series as <c>Vector&lt;Single, windowSize,
    /// k&gt;</c>, where k is the total size of the input columns.
    /// </summary>
    /// <remarks>
    /// <para>With a <paramref name="horizon"/>, the column <paramref name="labelColumnName"/> becomes <c>Vector&lt;Single, horizon&gt;</c>: its values in the
    /// <paramref name="horizon"/> rows after the window, the labels of a forecaster. Without a horizon, it keeps its value at the last row of the window, as
    /// all other columns do.</para>
    /// <para>Covariates may be part of the window, or become window columns under their own names, for the options <c>PastCovariateColumnNames</c> and
    /// <c>FutureCovariateColumnNames</c> of a forecaster; future covariates then include the values of the horizon. Static columns are kept, like all other
    /// columns.</para>
    /// <para>Series are ordered by their first row, and each is in time order; a series shorter than windowSize + horizon rows yields no window. The data are
    /// read when the first cursor is opened and kept in memory once, not once per window.</para>
    /// <code>
    /// var windows = mlContext.Data.CreateWindows(
    ///     rows, "Window", ["load", "temperature"], windowSize: 96, horizon: 24, labelColumnName: "load", timeColumnName: "date");
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="input">The rows.</param>
    /// <param name="outputColumnName">The window column to create.</param>
    /// <param name="inputColumnNames">The columns of each step: <c>Single</c>, or <c>Vector&lt;Single&gt;</c> of known size.</param>
    /// <param name="windowSize">Rows per window, at least 1.</param>
    /// <param name="horizon">Rows after the window whose values become the label; 0 for none.</param>
    /// <param name="stride">Rows between the starts of consecutive windows, at least 1.</param>
    /// <param name="labelColumnName">The label column, <c>Single</c> or a vector of known size; required with a horizon.</param>
    /// <param name="seriesColumnName">The column that identifies the row's series (Text, a key, an integer or Boolean); null if all rows are one
    /// series.</param>
    /// <param name="timeColumnName">The column that orders the rows of a series (DateTime, DateTimeOffset, TimeSpan or a number); null keeps the order of the
    /// rows.</param>
    /// <param name="pastCovariateColumnNames">Columns that become window columns under their own names: numbers as <c>Vector&lt;Single, windowSize&gt;</c> (or
    /// <c>&lt;Single, windowSize, k&gt;</c>), categories (Text, keys, integers, Booleans) as vectors of their values. Null for none.</param>
    /// <param name="futureCovariateColumnNames">Columns with known future values: their vectors also cover the horizon, windowSize + horizon steps. Null for
    /// none.</param>
    /// <param name="timeZone">The time zone of local times, by its IANA or Windows id: rows are ordered by instant, also where the clock goes back (see
    /// <see cref="ForecastFeatureOptions.TimeZone"/>). Null for times as they are.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or a number is out of range. When rows are read: no series is long enough
    /// for one window.</exception>
    public static IDataView CreateWindows(this DataOperationsCatalog catalog, IDataView input, string outputColumnName, string[] inputColumnNames,
        int windowSize, int horizon = 0,
        int stride = 1, string? labelColumnName = null, string? seriesColumnName = null, string? timeColumnName = null,
        string[]? pastCovariateColumnNames = null, string[]? futureCovariateColumnNames = null, string? timeZone = null)
    {
        CheckCommon(catalog, input, outputColumnName, inputColumnNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        if (horizon > 0 && labelColumnName is null)
            throw new ArgumentException("A horizon needs a label: name the column to forecast.", nameof(labelColumnName));
        if (horizon == 0 && futureCovariateColumnNames is { Length: > 0 })
            throw new ArgumentException("Future covariates need a horizon: set it to at least 1.", nameof(futureCovariateColumnNames));
        if (labelColumnName == outputColumnName)
            throw new ArgumentException("The window column and the label column need different names.", nameof(outputColumnName));
        string[] made = [outputColumnName, .. labelColumnName is null ? [] : new[] { labelColumnName }, .. pastCovariateColumnNames ?? [],
            .. futureCovariateColumnNames ?? []];
        if (OptionChecks.Repeated(made) is { } twice)
            throw new ArgumentException($"Two columns would be named '{twice}': the window, the label and the covariates need different names.",
                nameof(pastCovariateColumnNames));
        return WindowsDataView.Create(input,
            new(outputColumnName, inputColumnNames, windowSize, horizon, stride, labelColumnName, seriesColumnName, timeColumnName)
            {
                PastCovariates = pastCovariateColumnNames ?? [],
                FutureCovariates = futureCovariateColumnNames ?? [],
                Zone = TimeReader.Zone(input.Schema, timeColumnName, timeZone, nameof(timeZone)),
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
