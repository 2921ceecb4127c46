using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Experiments;

namespace Microsoft.ML.Recurrent;

/// <summary>One option that an experiment varies: a range of numbers, or a list of values.</summary>
public sealed class SearchDimension
{
    private readonly Type _type;

    internal SearchDimension(string path, Type type, string start, double minimum, double maximum, bool isLogarithmic) =>
        (Path, _type, Start, Minimum, Maximum, IsLogarithmic) = (path, type, start, minimum, maximum, isLogarithmic);

    internal SearchDimension(string path, Type type, string start, ImmutableArray<string> choices) =>
        (Path, _type, Start, Choices) = (path, type, start, choices);

    /// <summary>The path of the option, such as <c>Network.HiddenSize</c>.</summary>
    public string Path { get; }

    /// <summary>The value from which the search starts, as text: that of the options of the experiment.</summary>
    public string Start { get; }

    /// <summary>The smallest number of a range; 0 for a list of values.</summary>
    public double Minimum { get; }

    /// <summary>The largest number of a range; 0 for a list of values.</summary>
    public double Maximum { get; }

    /// <summary>Whether the logarithm of the number is drawn uniformly.</summary>
    public bool IsLogarithmic { get; }

    /// <summary>The values, as texts; empty for a range.</summary>
    public ImmutableArray<string> Choices { get; } = [];

    /// <summary>The path and what is tried.</summary>
    public override string ToString() => Choices.Length > 0 ? $"{Path}: {string.Join(", ", Choices)}"
        : string.Create(CultureInfo.InvariantCulture, $"{Path}: {Minimum:G4} to {Maximum:G4}{(IsLogarithmic ? ", logarithmic" : "")}");

    /// <summary>The value at a place from 0 up to, but not including, 1, as text.</summary>
    internal string At(double place)
    {
        if (Choices.Length > 0)
        {
            // The value of the start is what a trial has that does not change this option.
            string[] others = [.. Choices.Where(choice => choice != Start)];
            return others.Length == 0 ? Start : others[(int)(place * others.Length)];
        }
        var number = IsLogarithmic ? Minimum * Math.Pow(Maximum / Minimum, place) : Minimum + place * (Maximum - Minimum);
        return OptionText.OfNumber(number, _type);
    }
}
