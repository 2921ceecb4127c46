using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// The exponential moving average of the weights. In the first steps the decay is at most (1 + n) / (10 + n), so that the average does not stay close to the
/// initial weights.
/// </summary>
internal sealed class WeightAverage : ICheckpointed, IDisposable
{
    private readonly float _decay;
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _averages;
    private long _steps;

    public WeightAverage(IReadOnlyList<Parameter> parameters, float decay)
    {
        if (decay is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "The decay of a weight average must be between 0 and 1; 0.999 is usual.");
        _decay = decay;
        _parameters = [.. parameters.Where(parameter => parameter.Trainable)];
        _averages = [.. _parameters.Select(parameter => parameter.Value.Clone())];
    }

    /// <summary>Updates the average after a weight update.</summary>
    public void Update()
    {
        _steps++;
        var decay = (float)Math.Min(_decay, (1.0 + _steps) / (10.0 + _steps));
        for (var i = 0; i < _averages.Length; i++) TensorPrimitives.Lerp(_averages[i].Span, _parameters[i].Value.Span, 1 - decay, _averages[i].Span);
    }

    /// <summary>Swaps weights and averages; a second call swaps them back.</summary>
    public void Swap()
    {
        Span<float> block = stackalloc float[256];
        for (var i = 0; i < _averages.Length; i++)
        {
            for (var start = 0; start < _averages[i].Length; start += block.Length)
            {
                var length = Math.Min(block.Length, _averages[i].Length - start);
                var average = _averages[i].Span.Slice(start, length);
                var weights = _parameters[i].Value.Span.Slice(start, length);
                average.CopyTo(block);
                weights.CopyTo(average);
                block[..length].CopyTo(weights);
            }
        }
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_steps);
        foreach (var average in _averages) writer.Write(average);
    }

    public void Load(BinaryReader reader, TrainingRun run)
    {
        _steps = reader.ReadInt64();
        foreach (var average in _averages) reader.Read(average);
    }

    public void Dispose()
    {
        foreach (var average in _averages) average.Dispose();
    }
}
