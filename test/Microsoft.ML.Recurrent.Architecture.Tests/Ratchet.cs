using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests;

/// <summary>Holds a number at or below its limit (<see cref="Limits"/>): it may fall, and the limit with it, but not rise.</summary>
internal static class Ratchet
{
    /// <summary>Writes what was counted to artifacts/architecture, and fails where it is more than the limit.</summary>
    /// <param name="what">What was counted, in the plural.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="limit">How many there may be.</param>
    /// <param name="target">How many there should be in the end; null where the limit is all that is asked.</param>
    /// <param name="report">The report's file.</param>
    /// <param name="lines">The report's lines.</param>
    public static void Check(string what, int count, int limit, int? target, string report, IEnumerable<string> lines)
    {
        var path = Report.Write(report, [$"{count} {what}; limit {limit}{(target is { } number ? $", target {number}" : "")}.", "", .. lines]);
        NumberAssert.IsLessThanOrEqualTo(limit, count,
            $"There are {count} {what}, and {limit} were allowed. {path} lists them. Take the new ones out; Limits.cs is lowered, never raised.");
    }
}
