using System.Collections.Immutable;
using System.Reflection;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Experiments;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The options that an experiment varies, and the values that it tries. Each class of options declares them; dimensions can be added, replaced and left out.
/// </summary>
/// <remarks>
/// Trial 1 has the options as they are. A later one changes each option of the space with a probability of one third, and at least one: trials lie around the
/// options from which the search starts, which are good ones for most data. The numbers are those of a counter-based generator (Salmon et al. 2011), so trial N
/// of a seed is the same whatever ran before it.
/// </remarks>
public sealed class SearchSpace
{
    // Of a uniform number of 32 bits.
    private const uint Changes = uint.MaxValue / 3;

    private const int MaximumAttempts = 1000;

    private readonly RecurrentTrainerOptions _start;
    private readonly List<Trial> _trials = [];
    private int? _seed;

    private SearchSpace(RecurrentTrainerOptions start, ImmutableArray<SearchDimension> dimensions) => (_start, Dimensions) = (start, dimensions);

    /// <summary>What is varied, in the order of the paths.</summary>
    public ImmutableArray<SearchDimension> Dimensions { get; }

    /// <summary>The space that options declare.</summary>
    /// <param name="options">
    /// The options from which the search starts; they are copied. Ranges of sizes are factors of theirs. Options without effect are left out: those of layers
    /// beside layers of your own or an initial model, and the likelihood, unless it is <see cref="ForecastLikelihood.Point"/>.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static SearchSpace Create(RecurrentTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var start = options.Clone();
        var left = Left(start).ToHashSet();
        return new(start, [.. OptionPaths.List(start).Where(option => !left.Contains(option.Path) && IsFree(start, option.Path))
            .Select(option => Declared(option.Path, option.Property, option.Owner)).OfType<SearchDimension>()
            .OrderBy(dimension => dimension.Path, StringComparer.Ordinal)]);
    }

    /// <summary>The space without some options.</summary>
    /// <param name="paths">The paths of the options.</param>
    /// <exception cref="ArgumentException">An option is not in the space.</exception>
    public SearchSpace Without(params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var path in paths)
        {
            if (!Dimensions.Any(dimension => dimension.Path == path))
                throw new ArgumentException($"The search space has no '{path}', only {Names()}.", nameof(paths));
        }
        return new(_start, [.. Dimensions.Where(dimension => !paths.Contains(dimension.Path))]);
    }

    /// <summary>The space with a range of numbers for an option, instead of what it had.</summary>
    /// <param name="path">The path of the option, such as <c>Network.HiddenSize</c>.</param>
    /// <param name="minimum">The smallest number.</param>
    /// <param name="maximum">The largest number.</param>
    /// <param name="isLogarithmic">Whether the logarithm is drawn uniformly; the numbers are then greater than 0.</param>
    /// <exception cref="ArgumentException">There is no such option, or it is no number; a bound is refused by the option.</exception>
    public SearchSpace WithRange(string path, double minimum, double maximum, bool isLogarithmic = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!(double.IsFinite(minimum) && double.IsFinite(maximum) && minimum < maximum && (minimum > 0 || !isLogarithmic)))
        {
            throw new ArgumentException(
                $"The range of {path} goes from {minimum} to {maximum}: the first has to be less{(isLogarithmic ? ", and above 0" : "")}.",
                nameof(minimum));
        }
        var (owner, property) = OptionPaths.Find(_start, path);
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type != typeof(int) && type != typeof(float)) throw new ArgumentException($"The option {path} is no number but {type.Name}.", nameof(path));
        return With(new(path, property.PropertyType, OptionText.Write(property.GetValue(owner)), minimum, maximum, isLogarithmic));
    }

    /// <summary>The space with a list of values for an option, instead of what it had.</summary>
    /// <param name="path">The path of the option, such as <c>Network.Cell</c>.</param>
    /// <param name="values">The values; at least one that differs from that of the start.</param>
    /// <exception cref="ArgumentException">There is no such option, or a value is none of it.</exception>
    public SearchSpace WithChoices(string path, params object?[] values)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(values);
        var (owner, property) = OptionPaths.Find(_start, path);
        ImmutableArray<string> choices = [.. values.Select(OptionText.Write).Distinct()];
        foreach (var choice in choices) OptionPaths.Set(_start.Clone(), path, choice);
        var start = OptionText.Write(property.GetValue(owner));
        if (choices.All(choice => choice == start))
            throw new ArgumentException($"The values of {path} hold none besides that of the start, {start}.", nameof(values));
        return With(new(path, property.PropertyType, start, choices));
    }

    /// <summary>The space and its start, for a store: another one is another experiment.</summary>
    internal string Describe() => string.Join("\n", Dimensions.Select(dimension => dimension.ToString())
        .Concat(OptionPaths.List(_start).Where(option => IsText(option.Property.PropertyType))
            .Select(option => $"{option.Path} = {OptionText.Write(option.Property.GetValue(option.Owner))}")));

    /// <summary>Options with the parameters of a trial, and its seed.</summary>
    internal RecurrentTrainerOptions OptionsOf(Trial trial)
    {
        var options = _start.Clone();
        foreach (var (path, text) in trial.Parameters) OptionPaths.Set(options, path, text);
        options.Seed = trial.Seed;
        return options;
    }

    /// <summary>Trial <paramref name="number"/> of a seed; null where the space has no further one.</summary>
    internal Trial? Trial(int seed, int number)
    {
        lock (_trials)
        {
            if (_seed != seed) _trials.Clear();
            _seed = seed;
            while (_trials.Count < number)
            {
                if (Draw(seed, _trials.Count + 1) is not { } next) return null;
                _trials.Add(next);
            }
            return _trials[number - 1];
        }
    }

    // Configurations that the options refuse, and those of trials before, are drawn again.
    private Trial? Draw(int seed, int number)
    {
        if (number == 1) return new(1, seed, ImmutableSortedDictionary<string, string>.Empty);
        var key = Philox.Mix(unchecked((ulong)seed), (ulong)number);
        for (var attempt = 0; attempt < MaximumAttempts && Dimensions.Length > 0; attempt++)
        {
            var trial = new Trial(number, seed, Parameters(Philox.Mix(key, (ulong)attempt)));
            if (trial.Parameters.Count > 0 && !_trials.Any(other => other.Parameters.SequenceEqual(trial.Parameters)) && IsAllowed(trial)) return trial;
        }
        return null;
    }

    private ImmutableSortedDictionary<string, string> Parameters(ulong key)
    {
        var always = (int)(Philox.Block(key, (ulong)Dimensions.Length, 0).A % (uint)Dimensions.Length);
        var parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Dimensions.Length; i++)
        {
            var (choice, place, _, _) = Philox.Block(key, (ulong)i, 0);
            if (i != always && choice >= Changes) continue;
            var value = Dimensions[i].At(place / (uint.MaxValue + 1.0));
            if (value != Dimensions[i].Start) parameters[Dimensions[i].Path] = value;
        }
        return parameters.ToImmutable();
    }

    private bool IsAllowed(Trial trial)
    {
        try
        {
            OptionsOf(trial).Check();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private SearchSpace With(SearchDimension dimension) => new(_start,
        [.. Dimensions.Where(other => other.Path != dimension.Path).Append(dimension).OrderBy(other => other.Path, StringComparer.Ordinal)]);

    private string Names() => string.Join(", ", Dimensions.Select(dimension => dimension.Path));

    private static SearchDimension? Declared(string path, PropertyInfo property, object owner)
    {
        var start = property.GetValue(owner);
        switch (property.GetCustomAttribute<SearchAttribute>())
        {
            case SearchChoiceAttribute choice:
                return new(path, property.PropertyType, OptionText.Write(start), [.. choice.Values]);
            case SearchRangeAttribute { IsRelative: false } range:
                return new(path, property.PropertyType, OptionText.Write(start), range.Minimum, range.Maximum, range.IsLogarithmic);
            case SearchRangeAttribute range when start is int number && Math.Round(number * range.Maximum) is var most and > 1:
                return new(path, property.PropertyType, OptionText.Write(start), Math.Max(1, Math.Round(number * range.Minimum)), most, range.IsLogarithmic);
            case SearchRangeAttribute range when start is float number:
                return new(path, property.PropertyType, OptionText.Write(start), number * range.Minimum, number * range.Maximum, range.IsLogarithmic);
            default:
                return null;
        }
    }

    private static IEnumerable<string> Left(RecurrentTrainerOptions options) => Left("", options).Concat(OptionPaths.List(options)
        .Where(option => option.Path.Contains('.')).Select(option => (Path: option.Path[..(option.Path.LastIndexOf('.') + 1)], option.Owner)).Distinct()
        .SelectMany(group => Left(group.Path, group.Owner)));

    private static IEnumerable<string> Left(string path, object options) =>
        options.GetType().GetCustomAttribute<NotSearchedAttribute>()?.Paths.Select(below => path + below) ?? [];

    private static bool IsFree(RecurrentTrainerOptions options, string path)
    {
        // A trained model keeps its layers and what they read.
        if (options.Network.Initialization.Model is not null) return path.StartsWith("Optimizer.", StringComparison.Ordinal);
        if (options.Network.Custom is not null && path.StartsWith("Network.", StringComparison.Ordinal)) return false;
        return options is not RecurrentForecastingEstimator.Options { Likelihood.Name: not nameof(ForecastLikelihood.Point) }
            || path != nameof(RecurrentForecastingEstimator.Options.Likelihood);
    }

    private static bool IsText(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(ForecastLikelihood) || type == typeof(TimeSpan);
    }
}
