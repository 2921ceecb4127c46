using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Training.Logging;

/// <summary>
/// Statistics of the layer outputs in the last logged batch, over valid steps, and of the gradient that reaches the far end of the sequences: a flow far below
/// 1 is a vanishing gradient, far above 1 an exploding one.
/// </summary>
/// <param name="recurrent">The names of the recurrent layers, for which saturation is measured.</param>
internal sealed class TrainingStatistics(IEnumerable<string> recurrent) : ITapeObserver
{
    private readonly Dictionary<string, double> _values = [];
    private readonly HashSet<string> _recurrent = [.. recurrent];

    /// <summary>The statistics of the last observed batch.</summary>
    public IEnumerable<KeyValuePair<string, double>> Values => _values;

    /// <summary>Starts a batch.</summary>
    public void Begin() => _values.Clear();

    public void LayerEnded(string layer, Tensor output, int[]? lengths)
    {
        var (columns, rows) = (output.Shape.Columns, output.Shape[^2]);
        if (output.Shape.Rank < 3) lengths = null;
        double sum = 0, squares = 0;
        long saturated = 0, count = 0;
        for (var at = 0; at < output.Shape.Rows; at++)
        {
            if (lengths is not null && at / rows >= lengths[at % rows]) continue;
            foreach (var value in output.Span.Slice(at * columns, columns))
            {
                sum += value;
                squares += (double)value * value;
                if (Math.Abs(value) > 0.95f) saturated++;
            }

            count += columns;
        }

        if (count == 0) return;
        _values[$"activation_mean/{layer}"] = sum / count;
        _values[$"activation_deviation/{layer}"] = Math.Sqrt(Math.Max(0, squares / count - sum / count * (sum / count)));
        if (_recurrent.Contains(layer)) _values[$"activation_saturated/{layer}"] = (double)saturated / count;
    }

    public void GradientFlow(string layer, bool reverse, double share) => _values[$"gradient_flow/{layer}{(reverse ? "_reverse" : "")}"] = share;
}
