namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The origins of the inputs of training windows whose numbers are more than Singles, as the graph finds them: fixed ones, those of the series, or the mean of
/// the window. What a network sees of such numbers is their distance from the origin, so that levels are subtracted in Double. Not thread-safe.
/// </summary>
internal sealed class WindowOrigins
{
    private readonly SeriesLayout _layout;
    private readonly (InputColumn Input, int Offset)[] _inputs;
    private readonly double[] _values;

    /// <param name="inputs">The inputs of the graph.</param>
    /// <param name="layout">The layout of a row of the window.</param>
    public WindowOrigins(IEnumerable<InputColumn> inputs, SeriesLayout layout)
    {
        _layout = layout;
        _inputs = [.. inputs.Where(input => !input.Origins.IsEmpty).Select(input => (input, layout.OffsetOf(input)))];
        _values = new double[_inputs.Sum(input => input.Input.Features)];
    }

    /// <summary>The origins of one window, input by input; empty if there are none.</summary>
    /// <param name="window">Its rows.</param>
    public ReadOnlySpan<double> Find(ReadOnlySpan<float> window)
    {
        var place = 0;
        foreach (var (input, offset) in _inputs)
        {
            var series = input.Origins.Length == input.Features ? 0 : (int)window[^1] * input.Features;
            for (var number = 0; number < input.Features; number++)
            {
                var origin = input.Origins[series + number];
                _values[place++] = float.IsNaN(origin) ? Mean(window, offset + number) : origin;
            }
        }
        return _values;
    }

    private double Mean(ReadOnlySpan<float> window, int number)
    {
        double sum = 0;
        var count = 0;
        for (; !window.IsEmpty; window = window[_layout.Width..])
        {
            var value = _layout.Number(window, number);
            if (!double.IsFinite(value)) continue;
            sum += value;
            count++;
        }
        return count > 0 ? sum / count : 0;
    }
}
