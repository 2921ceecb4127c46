using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Brings together what is known ahead of a forecast: the calendar, which follows from the time, and the columns, which rows tell.</summary>
internal sealed class FutureFeatureBuilder
{
    private readonly SeriesLayout _layout;
    private readonly TimeFrequency? _frequency;

    public FutureFeatureBuilder(ModelManifest manifest, SeriesLayout layout)
    {
        (_layout, _frequency) = (layout.OnlyFuture(), manifest.Forecast!.Frequency);
        Columns = layout.OnlyFutureColumns();
    }

    /// <summary>Numbers a step.</summary>
    public int Width => _layout.Width;

    /// <summary>The columns among it.</summary>
    public SeriesLayout Columns { get; }

    /// <summary>Writes some steps.</summary>
    /// <param name="last">The time of the last observation.</param>
    /// <param name="columns">The columns' numbers, step by step.</param>
    /// <param name="count">Steps.</param>
    /// <param name="destination">Takes all numbers, step by step.</param>
    public void Write(long last, ReadOnlySpan<float> columns, int count, Span<float> destination)
    {
        for (var step = 0; step < count; step++)
        {
            for (var i = 0; i < _layout.Inputs.Length; i++)
            {
                var input = _layout.Inputs[i];
                var to = destination.Slice(step * Width + _layout.Offsets[i], input.Size);
                if (input.Calendar is not CalendarFeatures.None)
                {
                    Calendar.Write(_frequency!.Add(new DateTime(last), step + 1), input.Calendar, to);
                    continue;
                }
                columns[..input.Size].CopyTo(to);
                columns = columns[input.Size..];
            }
        }
    }
}
