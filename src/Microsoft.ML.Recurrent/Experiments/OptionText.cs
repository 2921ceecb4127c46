using System.Globalization;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>
/// Values of options as texts and back, so that a trial is printed, stored and repeated from the same words: "null", "true", "Gru", "0.0042", "Point(Huber)".
/// </summary>
internal static class OptionText
{
    public const string Null = "null";

    public static string Write(object? value) => value switch
    {
        null => Null,
        bool yes => yes ? "true" : "false",
        ForecastLikelihood { Loss: { } loss } likelihood => $"{likelihood}({loss})",
        ForecastLikelihood { Levels: { Count: > 0 } levels } likelihood => $"{likelihood}({string.Join(", ", levels.Select(level => Write(level)))})",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>A number of a range: a whole one, or one of three digits, which a person can copy.</summary>
    public static string OfNumber(double number, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(int) ? ((int)Math.Round(number)).ToString(CultureInfo.InvariantCulture)
            : Write((float)double.Parse(number.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    }

    /// <summary>The value of a text.</summary>
    /// <exception cref="FormatException">The text is no value of the type.</exception>
    public static object? Parse(string text, Type type)
    {
        var own = Nullable.GetUnderlyingType(type);
        if (text == Null && (own is not null || !type.IsValueType)) return null;
        type = own ?? type;
        try
        {
            return type.IsEnum ? Enum.Parse(type, text)
                : type == typeof(ForecastLikelihood) ? Likelihood(text)
                : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new FormatException($"'{text}' is no value of {type.Name}.", error);
        }
    }

    private static ForecastLikelihood Likelihood(string text)
    {
        var (name, inner) = text.EndsWith(')') && text.IndexOf('(') is >= 0 and var start ? (text[..start], text[(start + 1)..^1]) : (text, null);
        if (name == nameof(ForecastLikelihood.Point)) return ForecastLikelihood.Point(inner is null ? null : Enum.Parse<RegressionLoss>(inner));
        if (name == nameof(ForecastLikelihood.Quantiles))
            return ForecastLikelihood.Quantiles([.. (inner ?? "").Split(", ", StringSplitOptions.RemoveEmptyEntries)
                .Select(level => double.Parse(level, CultureInfo.InvariantCulture))]);
        return ForecastLikelihood.All.FirstOrDefault(known => known.Name == name && inner is null)
            ?? throw new FormatException($"There is no likelihood '{text}'.");
    }
}
