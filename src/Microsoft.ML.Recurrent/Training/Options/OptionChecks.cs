using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Checks the options of one group. Errors name an option by the path that a user writes, such as <c>Network.HiddenSize</c>, which is also
/// <see cref="ArgumentException.ParamName"/>.
/// </summary>
/// <param name="group">The path of the group; null for options at the top level.</param>
internal readonly struct OptionChecks(string? group)
{
    /// <summary>The value of a setter that refuses null.</summary>
    public static T NotNull<T>(T? value) => value ?? throw new ArgumentNullException(nameof(value));

    /// <summary>The first name that is there more than once; null if all differ.</summary>
    public static string? Repeated(IEnumerable<string> names) => names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;

    public string Path(string name) => group is null ? name : $"{group}.{name}";

    public ArgumentOutOfRangeException OutOfRange(string name, object? value, string rule) => new(Path(name), value, $"The option {Path(name)} {rule}.");

    /// <summary>An error whose message begins with the option.</summary>
    public ArgumentException Refused(string name, string reason) => new($"The option {Path(name)} {reason}", Path(name));

    public void AtLeastOne(int? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < 1) throw OutOfRange(name, value, "must be at least 1");
    }

    /// <summary>From the least to the most, both allowed.</summary>
    public void InRange(int value, int least, int most, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < least || value > most) throw OutOfRange(name, value, $"must lie from {least} to {most}");
    }

    /// <summary>From 0 up to, but not including, 1.</summary>
    public void Fraction(float? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is not (null or (>= 0 and < 1))) throw OutOfRange(name, value, "must lie from 0 up to, but not including, 1");
    }

    /// <summary>Greater than 0; infinity is allowed.</summary>
    public void Positive(float value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value > 0)) throw OutOfRange(name, value, "must be greater than 0");
    }

    public void NotNegative(float value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0 && float.IsFinite(value))) throw OutOfRange(name, value, "must be at least 0");
    }

    public void Defined<T>(T? value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum
    {
        if (value is { } given && !Enum.IsDefined(given)) throw OutOfRange(name, value, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>A column that has to be named.</summary>
    public void Column(string? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (string.IsNullOrEmpty(value)) throw Refused(name, "must name a column.");
    }

    /// <summary>A column that may be left out.</summary>
    public void ColumnOrNull(string? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is not null) Column(value, name);
    }

    public void Columns(string[]? values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        if (values is null || values.Any(string.IsNullOrEmpty)) throw Refused(name, "must name columns; it holds an empty name, or is null.");
    }
}
