using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Keeps the weights of the epoch with the best validation loss (or other metric), stops the run when it no longer improves, or a moving average of it with a
/// decay above 0 (smoothing), and restores those weights at the end.
/// </summary>
internal sealed class EarlyStopping(int patience, double minimumChange, ValidationMetric metric = ValidationMetric.Loss, double smoothing = 0)
    : TrainingCallback, ICheckpointed, IDisposable
{
    private readonly Dictionary<Parameter, Tensor> _best = [];
    private double _reference = double.PositiveInfinity, _least = double.PositiveInfinity;
    private double _average;
    private int _epochs, _epochsWithout;
    private bool _monitors;

    /// <summary>Whether the weights of a complete epoch are kept: of the best one or, without validation, of the last.</summary>
    public bool HasKept => _best.Count > 0;

    public override void EpochEnded(TrainingRun run)
    {
        if ((metric is ValidationMetric.Loss ? run.ValidationLoss : run.ValidationMetric) is not { } figure)
        {
            // Needed only if a later epoch diverges.
            Keep(run.Network.Parameters);
            return;
        }
        _monitors = true;
        // The monitored value decreases as the model improves.
        var loss = metric.IsGain() ? -figure : figure;
        if (run.BestEpoch == 0 || loss < _least)
        {
            (_least, run.BestEpoch) = (loss, run.Epoch);
            Keep(run.Network.Parameters);
        }

        // Weights are kept at any improvement; patience is reset only by one larger than the minimum change, of the smoothed curve.
        if (smoothing > 0)
        {
            _average = smoothing * _average + (1 - smoothing) * loss;
            loss = _average / (1 - Math.Pow(smoothing, ++_epochs));
        }
        if (double.IsPositiveInfinity(_reference) || loss < _reference - minimumChange * Math.Abs(_reference)) (_reference, _epochsWithout) = (loss, 0);
        else if (++_epochsWithout >= patience) run.Stop(TrainingEnd.EarlyStopping);
    }

    public override void RunEnded(TrainingRun run)
    {
        if (!_monitors && run.End is not TrainingEnd.Diverged) return;
        foreach (var (parameter, best) in _best) best.Span.CopyTo(parameter.Value.Span);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_reference);
        writer.Write(_least);
        writer.Write(_epochsWithout);
        writer.Write(_monitors);
        if (smoothing > 0)
        {
            writer.Write(_average);
            writer.Write(_epochs);
        }
        if (!_monitors) return;
        foreach (var kept in _best.Values) writer.Write(kept);
    }

    public void Load(BinaryReader reader, TrainingRun run)
    {
        (_reference, _least, _epochsWithout) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt32());
        _monitors = reader.ReadBoolean();
        if (smoothing > 0) (_average, _epochs) = (reader.ReadDouble(), reader.ReadInt32());
        if (!_monitors) return;
        Keep(run.Network.Parameters);
        foreach (var kept in _best.Values) reader.Read(kept);
    }

    public void Dispose()
    {
        foreach (var tensor in _best.Values) tensor.Dispose();
        _best.Clear();
    }

    private void Keep(IReadOnlyList<Parameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            if (_best.TryGetValue(parameter, out var kept)) parameter.Value.Span.CopyTo(kept.Span);
            else _best[parameter] = parameter.Value.Clone();
        }
    }
}
