using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>What rows of series must hold before a forecaster is trained on them.</summary>
internal static class SeriesChecks
{
    /// <summary>Checks that numbers are there and, for a transform, have logarithms.</summary>
    public static void Check(Options options, SeriesTable table, SeriesLayout layout, bool masks)
    {
        CheckWhole(table, layout, masks);
        CheckLogarithms(table, layout, options.Normalization.TargetTransform);
    }

    /// <summary>
    /// Checks that few times come twice: several series read as one would be forecast as one without any other sign. A repeated hour at the end of daylight
    /// saving time, or a duplicate row, is accepted.
    /// </summary>
    public static void CheckTimes(Options options, DoubledTimes doubled, SeriesTable table)
    {
        var twice = doubled.Count;
        if (options.MissingValues.DuplicateTimes is DuplicateTimes.Refuse && twice > 0)
            throw ColumnErrors.Value("time", options.Series.TimeColumnName!, doubled.FirstRow,
                "is the time of an earlier row of the series, which MissingValues.DuplicateTimes = Refuse does not allow: keep one row per time.");
        if (twice * 10L <= table.Rows) return;
        var key = options.Input.SeriesKey;
        throw new ArgumentException(
            $"{twice} of {table.Rows} rows have the same time in the column '{options.Series.TimeColumnName}' as another "
                + $"row{(key.Length == 0 ? "" : $" of the same series ('{string.Join("', '", key)}')")}, but a series has one row per time step. If they "
                + $"are several series, name "
                + (key.Length == 0
                    ? "the column that distinguishes them in the option Input.SeriesColumnNames"
                    : "all columns that distinguish them in the option Input.SeriesColumnNames")
                + "; otherwise keep one row per time, or omit the option Input.TimeColumnName to use the order of the rows.", "data");
    }

    private static void CheckWhole(SeriesTable table, SeriesLayout layout, bool allowsMissing)
    {
        for (var row = 0; row < table.Rows; row++)
        {
            var values = table.Values(row, 1);
            for (var i = 0; i < values.Length; i++)
            {
                if (float.IsFinite(values[i]) || allowsMissing && float.IsNaN(values[i])) continue;
                throw ColumnErrors.Value("input", layout.NameAt(i), table.SourceRows[row], float.IsNaN(values[i])
                    ? "holds NaN: mask missing values (the option MissingValues.Handling), or replace it "
                        + "(mlContext.Transforms.ReplaceMissingValues, or "
                        + "interpolate) before training; dropping the row would break the regular steps of the series."
                    : $"holds {values[i]}: replace it before training; dropping the row would break the regular steps of the series.");
            }
        }
    }

    private static void CheckLogarithms(SeriesTable table, SeriesLayout layout, TargetTransform transform)
    {
        for (var row = 0; transform is not TargetTransform.None && row < table.Rows; row++)
        {
            foreach (var value in table.Values(row, 1)[..layout.Targets])
            {
                if (float.IsNaN(value) || !float.IsNaN(LoggedInputs.Log(value, transform))) continue;
                throw ColumnErrors.Value("input", layout.Inputs[0].Name, table.SourceRows[row],
                    $"holds {value}, which has no logarithm: {(transform is TargetTransform.Log ? "Log1p takes zeros, or " : "")}omit the option "
                        + $"Normalization.TargetTransform.");
            }
        }
    }

    /// <summary>The error where no series has a window.</summary>
    public static ArgumentException TooShort(Options options, SeriesTable table, string parameterName, string reason = "")
    {
        var longest = 0;
        for (var series = 0; series < table.Series; series++) longest = Math.Max(longest, table.Starts[series + 1] - table.Starts[series]);
        var rows = (options.MissingValues.MinimumHistory ?? options.Input.WindowSize) + options.Horizon;
        if (longest >= rows)
        {
            return new($"{reason}The column '{options.Input.InputColumnName}' holds no number (only NaN) within any window and horizon " +
                "of the training data: fill it, or remove the rows.", parameterName);
        }
        var (name, remedy) = options.MissingValues.MinimumHistory is not null ? ("MissingValues.MinimumHistory", "")
            : ("Input.WindowSize", " Set them lower; MissingValues.MinimumHistory allows series shorter than a window.");
        return new($"{reason}No series is long enough for one window: {name} {rows - options.Horizon} and Horizon {options.Horizon} need {rows} rows, the " +
            $"longest series has {longest}.{remedy}", parameterName);
    }
}
