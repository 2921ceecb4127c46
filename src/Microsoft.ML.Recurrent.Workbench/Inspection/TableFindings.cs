using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>What may be wrong with a table, one sentence each.</summary>
internal static class TableFindings
{
    public static IEnumerable<string> OfColumns(TableSource source, TableProfile profile)
    {
        if (source.IsHeaderDoubtful)
            yield return "The first line was taken for the names of the columns, but looks like all others: --has-header true or false settles it.";
        if (source.LeftOut.Count > 0) yield return $"Columns that hold no single values are left out: {string.Join(", ", source.LeftOut)}.";
        if (profile.Rows == 0) yield return "The table has no rows.";
        foreach (var column in profile.Columns)
        {
            if (column.Kind is ColumnKind.Empty && profile.Rows > 0) yield return $"The column '{column.Name}' has no value in any row.";
            else if (column.IsConstant && profile.Rows > 1 && column.Missing == 0) yield return $"The column '{column.Name}' is constant.";
            else if (column.Missing > 0)
                yield return Say($"{column.Missing} of {profile.Rows} rows have no value of '{column.Name}' ({(double)column.Missing / profile.Rows:0.0%}): ")
                    + "empty cells are missing values.";
            if (column.Exception is { } exception)
                yield return $"The column '{column.Name}' is read as texts: most of its values are of another kind, but line {exception.Line} has "
                    + $"'{exception.Text}'.";
            if (column.OtherTimeFormat is { } other)
                yield return $"The dates of '{column.Name}' are read as {column.TimeFormat!.Pattern}, but no row excludes {other.Pattern}.";
        }
    }

    public static IEnumerable<string> OfSeries(IReadOnlyList<SeriesProfile> series, string timeColumn)
    {
        var (unordered, duplicates) = (series.Sum(static one => (long)one.Unordered), series.Sum(static one => (long)one.Duplicates));
        if (duplicates > 0) yield return Say($"In '{timeColumn}', {duplicates} times come twice within a series.");
        if (unordered > 0) yield return Say($"In '{timeColumn}', {unordered} rows are earlier than the row above.");
        if (series.MaxBy(static one => one.MissingTimes) is not { MissingTimes: > 0 } worst) yield break;
        var longest = worst.LongestGap!.Value;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"Times are missing in {series.Count(static one => one.Gaps > 0)} of {series.Count} series: {series.Sum(static one => one.MissingTimes)} "
                + $"in {series.Sum(static one => one.Gaps)} gaps; the longest has {longest.Times}, after {longest.After:yyyy-MM-dd HH:mm:ss}")
            + (worst.Name.Length > 0 ? $", in '{worst.Name}'." : ".");
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
