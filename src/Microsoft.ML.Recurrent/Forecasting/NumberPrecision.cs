using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Finds the columns of series whose changes are too small beside their values for a Single, as of a meter that stands at 123,456,789. A level near them is
/// subtracted in Double when a window is read: the mean of the window, or, where a network sees the level itself (without window normalization, for future
/// covariates and statics, for the levels of series), a fixed one. All other columns stay Single, as they are faster.
/// </summary>
internal sealed class NumberPrecision
{
    // Rows from which changes and levels are taken.
    private const int Sampled = 1 << 16;

    private readonly RecurrentForecastingEstimator.Options _options;
    private readonly WindowNormalization _normalization;
    private readonly bool _isInDataUnit;
    private readonly ModelManifest? _initial;
    private readonly Dictionary<string, ImmutableArray<float>> _levels = [];
    private readonly List<string> _warnings = [];

    /// <param name="options">The options of the forecaster.</param>
    public NumberPrecision(RecurrentForecastingEstimator.Options options)
    {
        _options = options;
        var initial = options.Network.Initialization.Model;
        _initial = initial?.Manifest;
        _normalization = options.NormalizesSeries ? options.SeriesNormalization
            : initial?.Description.WindowNormalization ?? options.Normalization.Window ?? WindowNormalization.LastValue;
        _isInDataUnit = options.Likelihood.Create(options.Output).IsInDataUnit;
    }

    /// <summary>What is said of columns whose values cannot be told apart.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Looks at training rows.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="layout">Their columns.</param>
    public void Add(SeriesTable table, SeriesLayout layout)
    {
        for (var i = 0; i < layout.Inputs.Length; i++)
        {
            var (input, offset) = (layout.Inputs[i], layout.Offsets[i]);
            if (layout.HasRest(input)) Add(input, table.Rows, number => Numbers(offset + number, input.IsStatic));
        }

        IEnumerable<(double Value, double Before)> Numbers(int number, bool isStatic)
        {
            var before = double.NaN;
            for (var series = 0; series < table.Series; series++)
            {
                if (!isStatic) before = double.NaN;
                for (var row = table.Starts[series]; row < table.Starts[series + 1]; row++)
                {
                    var value = layout.Number(table.Values(row, 1), number);
                    yield return (value, before);
                    before = value;
                }
            }
        }
    }

    /// <summary>Looks at training rows that hold windows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="layout">Their columns.</param>
    public void Add(WindowRows rows, WindowLayout layout)
    {
        for (var i = 0; rows.IsWide && i < layout.All.Length; i++)
        {
            var column = i;
            if (layout.All[i].Input.Categories is null) Add(layout.All[i].Input, rows.Count, number => rows.Numbers(column, number));
        }
    }

    /// <summary>Tells the columns what to subtract.</summary>
    public SeriesInput Apply(SeriesInput input) =>
        input.Role is not SeriesRole.Rest && input.Calendar is CalendarFeatures.None && _levels.TryGetValue(input.Name, out var levels)
            ? input with { Levels = levels, Origins = Origins(input, levels) }
            : input;

    private ImmutableArray<float> Origins(SeriesInput input, ImmutableArray<float> levels) =>
        Initial(input.Name) is { IsEmpty: false } known ? known
            : input.Role is SeriesRole.Target or SeriesRole.Past && _normalization is not WindowNormalization.None
                ? [.. Enumerable.Repeat(float.NaN, input.Size)]
                : levels;

    private ImmutableArray<float> Initial(string column) =>
        _initial?.Inputs.FirstOrDefault(input => input.Column == column && input.Calendar is CalendarFeatures.None)?.Origins ?? [];

    private void Add(SeriesInput input, int rows, Func<int, IEnumerable<(double Value, double Before)>> numbers)
    {
        var hidden = false;
        var levels = ImmutableArray.CreateBuilder<float>(input.Size);
        for (var number = 0; number < input.Size; number++)
        {
            var (level, hides) = Measure(numbers(number), 1 + rows / Sampled);
            levels.Add(level);
            hidden |= hides;
        }
        var initial = Initial(input.Name);
        if (!hidden && initial.IsEmpty) return;
        if (Obstacle(input) is { } reason) Report(input, numbers, new float[input.Size], reason);
        else
        {
            // Levels of an initial model are those that its statistics refer to.
            var own = initial.Length == input.Size && !initial.Any(float.IsNaN) ? initial : levels.MoveToImmutable();
            _levels[input.Name] = own;
            if (Origins(input, own).Any(float.IsNaN)) return;
            Report(input, numbers, [.. own],
                "because they are spread too widely for what they differ by: leave out what is constant in them, or take differences");
        }
    }

    // Why the numbers of a column have to be Singles.
    private string? Obstacle(SeriesInput input)
    {
        const string remedy = ": subtract a constant from the column before training";
        if (_initial is not null && Initial(input.Name).IsEmpty) return "because the initial model was trained on Singles" + remedy;
        var isTarget = input.Role is SeriesRole.Target;
        if ((isTarget || input.Role is SeriesRole.Past) && _normalization is WindowNormalization.Mean)
            return "because Normalization.Window = Mean divides by the level and does not subtract it: choose LastValue or Standard";
        if (isTarget && _options.Normalization.TargetTransform is not TargetTransform.None)
            return "because Normalization.TargetTransform takes the logarithm of the level" + remedy + ", or leave the transform out";
        return isTarget && _isInDataUnit
            ? $"because the likelihood {_options.Likelihood} is one of whole counts" + remedy + ", or choose another likelihood"
            : null;
    }

    private static (float Level, bool Hides) Measure(IEnumerable<(double Value, double Before)> numbers, int every)
    {
        List<double> values = [], changes = [];
        var row = 0;
        foreach (var (value, before) in numbers)
        {
            if (row++ % every != 0 || !double.IsFinite(value)) continue;
            values.Add(value);
            if (Math.Abs(value - before) is > 0 and < double.PositiveInfinity and var change) changes.Add(change);
        }
        return Rounding.Measure(values, changes);
    }

    private void Report(SeriesInput input, Func<int, IEnumerable<(double Value, double Before)>> numbers, float[] levels, string reason)
    {
        for (var number = 0; number < input.Size; number++)
        {
            if (Rounding.Describe(input.Name, numbers(number).Select(pair => pair.Value), levels[number], reason) is { } warning) _warnings.Add(warning);
        }
    }
}
