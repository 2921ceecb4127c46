using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Training.Logging;

/// <summary>
/// What the layers' outputs look like in the last batch, and how much gradient reaches the beginning of the sequences: a flow far below 1 is a vanishing gradient, far above 1 an exploding one.
/// Looked at only in batches that are logged.
/// </summary>
internal sealed class TrainingStatistics : ITapeObserver
{
    private readonly Dictionary<Tensor, string> _layers = [];
    private readonly Dictionary<string, double> _values = [];

    /// <summary>Of the last batch that was looked at.</summary>
    public IEnumerable<KeyValuePair<string, double>> Values => _values;

    /// <summary>Begins a batch.</summary>
    public void Begin()
    {
        _layers.Clear();
        _values.Clear();
    }

    public void LayerEnded(Layer layer, in Signal output)
    {
        if (output.Values is not { } values) return;
        _layers[values] = layer.Name;
        double mean = TensorPrimitives.Average<float>(values.Span), squares = 0;
        long saturated = 0;
        foreach (var value in values.Span)
        {
            squares += (value - mean) * (value - mean);
            if (Math.Abs(value) > 0.95f) saturated++;
        }

        _values[$"activation_mean/{layer.Name}"] = mean;
        _values[$"activation_deviation/{layer.Name}"] = Math.Sqrt(squares / Math.Max(1, values.Length));
        if (layer is RecurrentLayer) _values[$"activation_saturated/{layer.Name}"] = (double)saturated / Math.Max(1, values.Length);
    }

    public void GateGradients(Tensor output, bool reverse, ReadOnlySpan<double> normsByStep)
    {
        if (reverse || !_layers.TryGetValue(output, out var name) || normsByStep.Length < 2) return;

        // The mean over a quarter of the steps at either end, so that one odd step does not decide.
        var part = Math.Max(1, normsByStep.Length / 4);
        var (first, last) = (TensorPrimitives.Sum(normsByStep[..part]), TensorPrimitives.Sum(normsByStep[^part..]));
        _values[$"gradient_flow/{name}"] = last > 0 ? first / last : 0;
    }
}
