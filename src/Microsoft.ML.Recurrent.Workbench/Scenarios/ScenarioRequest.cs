using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>What a plan is made from: tables, and the values of options.</summary>
public sealed record ScenarioRequest
{
    /// <summary>The fraction of the rows that is held out for the final figure where no test table is given.</summary>
    public const double DefaultTestFraction = 0.1;

    /// <summary>The fraction of the other rows by which trials are compared where no validation table is given.</summary>
    public const double DefaultValidationFraction = 0.1;

    /// <summary>The training rows.</summary>
    public required ScenarioTable Training { get; init; }

    /// <summary>Rows by which trials are compared. Default: null, a part of the training rows.</summary>
    public ScenarioTable? Validation { get; init; }

    /// <summary>Rows that no trial sees, for the final figure. Default: null, a part of the training rows.</summary>
    public ScenarioTable? Test { get; init; }

    /// <summary>The values of the scenario's options by their names, <c>--label-col</c>.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Columns that are not used.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; init; } = [];

    /// <summary>The fraction of the rows that is held out for the final figure, from 0 (none) to less than 1.</summary>
    public double TestFraction { get; init; } = DefaultTestFraction;

    /// <summary>The fraction of the other rows by which trials are compared, more than 0 and less than 1.</summary>
    public double ValidationFraction { get; init; } = DefaultValidationFraction;

    /// <summary>The seed of random parts.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Whether a model that is trained is to predict the training rows: nothing is held out, and the label may be missing. Default: false.
    /// </summary>
    public bool IsForPrediction { get; init; }

    /// <summary>The value of an option; null if it is not given.</summary>
    public string? Text(string option) => Values.TryGetValue(option, out var value) && value.Length > 0 ? value : null;

    /// <summary>The columns that an option names; none if it is not given.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public ImmutableArray<string> Columns(string option)
    {
        if (Text(option) is not { } names) return [];
        if (IsForPrediction && Training.View.Schema.GetColumnOrNull(names) is null && option is Scenario.LabelOption or Scenario.SentenceOption) return [names];
        try
        {
            return Training.Find(names);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"{option}: {Sentence(error)}", error);
        }
    }

    /// <summary>The column that an option names; null if it is not given.</summary>
    /// <exception cref="ArgumentException">There is no such column, or several are named.</exception>
    public string? Column(string option) => Columns(option) switch
    {
        [] => null,
        [var one] => one,
        var several => throw new ArgumentException($"{option} takes one column, not {several.Length} ({string.Join(", ", several)})."),
    };

    /// <summary>The whole number of an option; null if it is not given.</summary>
    /// <param name="option">The option.</param>
    /// <param name="least">The least value.</param>
    /// <exception cref="ArgumentException">It is no such number.</exception>
    public int? Count(string option, int least = 1) => Text(option) is not { } text ? null
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least ? value
        : throw new ArgumentException($"{option} is '{text}': it must be a whole number of at least {least}.");

    /// <summary>The fraction of an option, more than 0 and less than 1; null if it is not given.</summary>
    /// <param name="option">The option.</param>
    /// <exception cref="ArgumentException">It is no such number.</exception>
    public double? Fraction(string option) => Text(option) is not { } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 1 ? value
        : throw new ArgumentException($"{option} is '{text}': it must be a number between 0 and 1, as 0.9.");

    /// <summary>Refuses columns that a pipeline reads after it has made others of their names.</summary>
    /// <param name="made">The names of the columns that it makes.</param>
    /// <param name="read">The columns that it reads.</param>
    internal void Refuse(string[] made, params IEnumerable<string?> read)
    {
        if (Training.Profile is null || read.FirstOrDefault(made.Contains) is not { } name) return;
        throw new ArgumentException($"The column '{name}' of '{Training.Path}' has the name of a column that the model makes: give it another in the file.");
    }

    // ML.NET's exceptions add the parameter in a line of its own.
    private static string Sentence(ArgumentException error) => error.Message.Split(" (Parameter", 2)[0];
}
