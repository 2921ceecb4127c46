using System.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Assertions of order that NaN fails: MSTest's own ones (<c>Assert.IsLessThan</c> and its like) ask <see cref="IComparable{T}"/>, for which NaN is less than
/// every number, so that they pass where a figure is NaN. The bound comes first, as there.
/// </summary>
internal static class NumberAssert
{
    /// <summary>value &lt; bound.</summary>
    public static void IsLessThan<T>(T bound, T value, string? message = null) where T : INumber<T> => Check(value < bound, value, "<", bound, message);

    /// <summary>value &lt;= bound.</summary>
    public static void IsLessThanOrEqualTo<T>(T bound, T value, string? message = null) where T : INumber<T> =>
        Check(value <= bound, value, "<=", bound, message);

    /// <summary>value &gt; bound.</summary>
    public static void IsGreaterThan<T>(T bound, T value, string? message = null) where T : INumber<T> => Check(value > bound, value, ">", bound, message);

    /// <summary>value &gt;= bound.</summary>
    public static void IsGreaterThanOrEqualTo<T>(T bound, T value, string? message = null) where T : INumber<T> =>
        Check(value >= bound, value, ">=", bound, message);

    private static void Check<T>(bool holds, T value, string relation, T bound, string? message)
    {
        if (!holds) Assert.Fail($"{value} {relation} {bound} does not hold.{(message is null ? "" : $" {message}")}");
    }
}
