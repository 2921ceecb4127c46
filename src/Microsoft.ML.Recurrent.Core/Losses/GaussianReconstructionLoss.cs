using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// The negative log-likelihood of sequences whose numbers are independent and normal, in nats: the sum over the steps and channels of a row of
/// (x - mean)^2 / (2 v) + log(2 pi v) / 2, with one variance v = exp(2 s) + <c>floor</c> per channel, where s is a parameter.
/// </summary>
internal sealed class GaussianReconstructionLoss : Operation
{
    private Tensor? _scaleSlopes;

    /// <summary>The weighted mean over the rows, [1].</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="means">[time, rows, channels].</param>
    /// <param name="targets">[time, rows, channels]; finite within the rows.</param>
    /// <param name="lengths">Steps of each row; null if all have all of them.</param>
    /// <param name="weights">[rows], at least 0; null for equal weights.</param>
    /// <param name="logScale">[channels], s.</param>
    /// <param name="floor">What is added to the variances, at least 0, so that a channel without noise has a likelihood.</param>
    public static Tensor Apply(Tape tape, Tensor means, Tensor targets, int[]? lengths, Tensor? weights, Tensor logScale, float floor)
    {
        if (means.Shape != targets.Shape || logScale.Length != means.Shape.Columns)
            throw new ArgumentException($"Means {means.Shape} of {logScale.Length} channels do not go with targets {targets.Shape}.", nameof(means));
        var (time, rows, channels) = (means.Shape[0], means.Shape[1], means.Shape[2]);
        var totalWeight = 0.0;
        for (var row = 0; row < rows; row++) totalWeight += weights?[row] ?? 1;
        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<GaussianReconstructionLoss>(loss, means, logScale);
        var derivative = record is null ? null : Tensor.Rent(means.Shape);
        derivative?.Span.Clear();
        if (record is not null) (record._kept, record._scaleSlopes) = (derivative, Tensor.Rent(logScale.Shape));
        double total = 0;
        for (var channel = 0; channel < channels; channel++)
        {
            var (squared, variance, slope) = (Math.Exp(2.0 * logScale[channel]), Variance(logScale[channel], floor), 0.0);
            var constant = 0.5 * Math.Log(2 * Math.PI * variance);
            for (var row = 0; row < rows && totalWeight > 0; row++)
            {
                var share = (weights?[row] ?? 1) / totalWeight;
                if (share == 0) continue;
                for (var t = 0; t < (lengths?[row] ?? time); t++)
                {
                    var at = (t * rows + row) * channels + channel;
                    var error = (double)means[at] - targets[at];
                    total += share * (0.5 * error * error / variance + constant);
                    if (derivative is null) continue;
                    derivative[at] = (float)(share * error / variance);
                    slope += share * squared / variance * (1 - error * error / variance);
                }
            }
            if (record is not null) record._scaleSlopes![channel] = (float)slope;
        }
        loss.Span[0] = (float)total;
        return loss;
    }

    /// <summary>The variance of a channel.</summary>
    public static double Variance(float logScale, float floor) => Math.Exp(2.0 * logScale) + floor;

    /// <summary>The log-likelihood of one row, in nats.</summary>
    /// <inheritdoc cref="Apply"/>
    public static double LogLikelihood(Tensor means, Tensor targets, int row, int length, Tensor logScale, float floor)
    {
        var (rows, channels, total) = (means.Shape[1], means.Shape[2], 0.0);
        for (var channel = 0; channel < channels; channel++)
        {
            var variance = Variance(logScale[channel], floor);
            double squares = 0;
            for (var t = 0; t < length; t++)
            {
                var at = (t * rows + row) * channels + channel;
                var error = (double)means[at] - targets[at];
                squares += error * error;
            }
            total -= 0.5 * (squares / variance + length * Math.Log(2 * Math.PI * variance));
        }
        return total;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span[0];
        if (Tape.GradientOf(Operands.Second) is { } scales) TensorPrimitives.MultiplyAdd(_scaleSlopes!.Span, upstream, scales.Span, scales.Span);
        if (upstream != 1) TensorPrimitives.Multiply(_kept!.Span, upstream, _kept.Span);
        Tape.HandOver(Operands.First!, ref _kept);
    }

    public override void Release()
    {
        _scaleSlopes?.Dispose();
        _scaleSlopes = null;
        base.Release();
    }
}
