using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Early stopping of a path over n-grams, by the validation loss of the path alone: it has learned the training part after a few epochs, the layers after
/// many. When its loss rises, it gets the weights of the epoch before and learns no more.
/// </summary>
internal sealed class NgramStopping(Network network, Head head) : ICheckpointed, IDisposable
{
    private readonly NgramPath _path = network.Ngrams!;
    private Tensor? _best;
    private double _least = double.PositiveInfinity;

    /// <summary>Validates the path and fits its share; ends its training, if it became worse.</summary>
    public void Validate(IBatchSource source, CancellationToken cancellation)
    {
        var loss = NgramShares.Fit(network, head, source, cancellation);
        if (!_path.IsLearning) return;
        if (loss < _least)
        {
            _least = loss;
            Keep();
            return;
        }
        _path.IsLearning = false;
        if (_best is null) return;
        _best.Span.CopyTo(_path.Weight.Value.Span);
        NgramShares.Fit(network, head, source, cancellation);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_path.IsLearning);
        writer.Write(_least);
        if (double.IsFinite(_least)) writer.Write(_best!);
    }

    public void Load(BinaryReader reader, TrainingRun run)
    {
        (_path.IsLearning, _least) = (reader.ReadBoolean(), reader.ReadDouble());
        if (!double.IsFinite(_least)) return;
        Keep();
        reader.Read(_best!);
    }

    public void Dispose() => _best?.Dispose();

    private void Keep()
    {
        if (_best is null) _best = _path.Weight.Value.Clone();
        else _path.Weight.Value.Span.CopyTo(_best.Span);
    }
}
