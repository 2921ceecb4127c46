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

    // Fewer distinct values are reported; a few of many random numbers always coincide.
    private const double Kept = 0.9;

    private readonly RecurrentForecastingEstimator.Options _options;
    private readonly WindowNormalization _normalization;
    private readonly bool _isInDataUnit;
    private readonly ModelManifest? _initial;
    private readonly Dictionary<string, ImmutableArray<float>> _levels = [];
    private readonly List<string> _warnings = [];
    private readonly SeriesLayout _layout;

    /// <param name="options">The options of the forecaster.</param>
    /// <param name="layout">The columns.</param>
    public NumberPrecision(RecurrentForecastingEstimator.Options options, SeriesLayout layout)
    {
        (_options, _layout) = (options, layout);
        var initial = options.Network.Initialization.Model;
        _initial = initial?.Manifest;
        _normalization = options.NormalizesSeries ? options.SeriesNormalization
            : initial?.Description.WindowNormalization ?? options.Normalization.Window ?? WindowNormalization.LastValue;
        _isInDataUnit = options.Likelihood.Create(options.Output).IsInDataUnit;
    }

    /// <summary>What is said of columns whose values cannot be told apart.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Looks at training rows.</summary>
    public void Add(SeriesTable table)
    {
        for (var i = 0; i < _layout.Inputs.Length; i++)
        {
            var input = _layout.Inputs[i];
            if (_layout.HasRest(input)) Add(table, input, _layout.Offsets[i]);
        }
    }

    /// <summary>Tells the columns what to subtract.</summary>
    public SeriesLayout Apply(SeriesLayout layout) => layout.With(input =>
        input.Role is not SeriesRole.Rest && _levels.TryGetValue(input.Name, out var levels) ? input with { Levels = levels, Origins = Origins(input, levels) } : input);

    private ImmutableArray<float> Origins(SeriesInput input, ImmutableArray<float> levels) =>
        Initial(input.Name) is { IsEmpty: false } known ? known
            : input.Role is SeriesRole.Target or SeriesRole.Past && _normalization is not WindowNormalization.None
                ? [.. Enumerable.Repeat(float.NaN, input.Size)]
                : levels;

    private ImmutableArray<float> Initial(string column) =>
        _initial?.Inputs.FirstOrDefault(input => input.Column == column && input.Calendar is CalendarFeatures.None)?.Origins ?? [];

    private void Add(SeriesTable table, SeriesInput input, int offset)
    {
        var hidden = false;
        var levels = ImmutableArray.CreateBuilder<float>(input.Size);
        for (var number = offset; number < offset + input.Size; number++)
        {
            var (level, hides) = Measure(table, number, isStatic: input.IsStatic);
            levels.Add(level);
            hidden |= hides;
        }
        var initial = Initial(input.Name);
        if (!hidden && initial.IsEmpty) return;
        if (Obstacle(input) is { } reason) Report(table, input.Name, offset, input.Size, number => number, reason);
        else
        {
            // Levels of an initial model are those that its statistics refer to.
            var own = initial.Length == input.Size && !initial.Any(float.IsNaN) ? initial : levels.MoveToImmutable();
            _levels[input.Name] = own;
            if (Origins(input, own).Any(float.IsNaN)) return;
            Report(table, input.Name, offset, input.Size, number => number - own[0],
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
        return isTarget && _isInDataUnit ? $"because the likelihood {_options.Likelihood} is one of whole counts" + remedy + ", or choose another likelihood" : null;
    }

    private (float Level, bool Hides) Measure(SeriesTable table, int number, bool isStatic)
    {
        List<double> values = [], changes = [];
        var every = 1 + table.Rows / Sampled;
        for (var series = 0; series < table.Series; series++)
        {
            for (var row = table.Starts[series]; row < table.Starts[series + 1]; row++)
            {
                if (row % every != 0 || Value(row) is var value && !double.IsFinite(value)) continue;
                values.Add(value);
                if (row == 0 || row == table.Starts[series] && !isStatic) continue;
                if (Math.Abs(value - Value(row - 1)) is var change && double.IsFinite(change) && change > 0) changes.Add(change);
            }
        }
        return Rounding.Measure(values, changes);

        double Value(int row) => _layout.Number(table.Values(row, 1), number);
    }

    private void Report(SeriesTable table, string name, int offset, int size, Func<double, double> seen, string reason)
    {
        for (var number = offset; number < offset + size; number++)
        {
            HashSet<double> exact = [];
            HashSet<float> rounded = [];
            for (var row = 0; row < table.Rows; row++)
            {
                var value = _layout.Number(table.Values(row, 1), number);
                if (!double.IsFinite(value)) continue;
                exact.Add(value);
                rounded.Add((float)seen(value));
            }
            if (rounded.Count < Kept * exact.Count)
                _warnings.Add($"The column '{name}' has {exact.Count} distinct values, of which {rounded.Count} can be told apart, {reason}.");
        }
    }
}
