using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Copies a series' window, its statics and what is known ahead to a model's inputs.</summary>
internal sealed class WindowFill
{
    private readonly ImmutableArray<InputColumn> _inputs;
    private readonly int[] _offsets;
    private readonly int _window, _aheadWidth;

    public WindowFill(ModelManifest manifest, SeriesLayout layout)
    {
        (_inputs, _window) = (manifest.Inputs, manifest.Forecast!.WindowSize);
        var ahead = layout.OnlyFuture();
        _aheadWidth = ahead.Width;
        _offsets = [.. _inputs.Select(input =>
        {
            var from = input.Kind is InputKind.Future ? ahead : layout;
            return from.Offsets[from.Inputs.IndexOf(from.Inputs.First(column => column.Name == input.Column && column.Calendar == input.Calendar))];
        })];
    }

    /// <summary>Adds a history's window to a batch; returns its number there.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="history">The series so far.</param>
    /// <param name="future">What is known ahead, step by step with all columns' numbers side by side.</param>
    public int Add(ScoringBatch batch, SeriesHistory history, ReadOnlySpan<float> future)
    {
        var example = batch.Add(_window);
        for (var i = 0; i < _inputs.Length; i++)
        {
            var steps = _inputs[i].Time ?? 1;
            if (_inputs[i].IsCategory)
            {
                var ids = batch.Tokens(example, i);
                for (var step = 0; step < steps; step++) ids[step] = (long)Row(history, future, i, step)[0];
                continue;
            }
            var values = batch.Values(example, i);
            var size = _inputs[i].Features;
            for (var step = 0; step < steps; step++) Row(history, future, i, step)[..size].CopyTo(values[(step * size)..]);
        }
        return example;
    }

    private ReadOnlySpan<float> Row(SeriesHistory history, ReadOnlySpan<float> future, int input, int step) => _inputs[input].Kind switch
    {
        InputKind.Future => future[(step * _aheadWidth + _offsets[input])..],
        InputKind.Static => history.Last[_offsets[input]..],
        _ => history.Row(step)[_offsets[input]..],
    };
}
