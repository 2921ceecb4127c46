using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Builds the future features of a forecast: calendar features from the time, and future covariates from rows.</summary>
internal sealed class FutureFeatureBuilder
{
    private readonly SeriesLayout _layout;
    private readonly TimeSteps? _steps;

    public FutureFeatureBuilder(ModelManifest manifest, SeriesLayout layout)
    {
        (_layout, _steps) = (layout.OnlyFuture(), manifest.Forecast!.Steps);
        Columns = layout.OnlyFutureColumns();
    }

    /// <summary>Numbers per step.</summary>
    public int Width => _layout.Width;

    /// <summary>Numbers per step from columns.</summary>
    public SeriesLayout Columns { get; }

    /// <summary>Writes the features of some steps.</summary>
    /// <param name="last">The time of the last observation.</param>
    /// <param name="columns">The numbers of the columns, step by step.</param>
    /// <param name="count">Number of steps.</param>
    /// <param name="destination">Receives all numbers, step by step.</param>
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
                    input.WriteCalendar(_steps!.Add(new DateTime(last), step + 1), to);
                    continue;
                }
                columns[..input.Size].CopyTo(to);
                columns = columns[input.Size..];
            }
        }
    }
}
