using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>The reduction of a CTC loss over several sequences.</summary>
internal enum CtcReduction
{
    /// <summary>The sum over sequences.</summary>
    Sum,

    /// <summary>The mean over sequences of the loss divided by the number of labels, as in PyTorch.</summary>
    Mean,
}

/// <summary>
/// Connectionist temporal classification (Graves et al. 2006): -log of the probability of the labels, summed over all alignments with repeated symbols and
/// blanks removed. Forward and backward variables are logarithms in double precision.
/// </summary>
internal sealed class CtcLoss : DifferentiatedLoss
{
    /// <summary>[1] from logits [time, rows, symbols]; softmax is applied inside.</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="logits">[time, rows, symbols].</param>
    /// <param name="labels">Row by row, each padded to the longest row of labels; never the blank.</param>
    /// <param name="inputLengths">Valid frames of each row; null if all are valid.</param>
    /// <param name="labelLengths">Labels of each row.</param>
    /// <param name="blank">The blank symbol.</param>
    /// <param name="reduction">The reduction over rows.</param>
    /// <param name="ignoreImpossible">Whether to ignore a row with too few frames for its labels; otherwise the loss is infinite.</param>
    public static Tensor Apply(Tape tape, Tensor logits, ReadOnlySpan<int> labels, ReadOnlySpan<int> inputLengths, ReadOnlySpan<int> labelLengths,
        int blank = 0, CtcReduction reduction = CtcReduction.Mean, bool ignoreImpossible = false)
    {
        var (time, rows, symbols) = (logits.Shape[0], logits.Shape[1], logits.Shape[2]);
        if (labelLengths.Length < rows) throw new ArgumentException($"There are {rows} rows but {labelLengths.Length} label lengths.", nameof(labelLengths));
        var longest = 0;
        for (var row = 0; row < rows; row++) longest = Math.Max(longest, labelLengths[row]);
        if (labels.Length < rows * longest)
            throw new ArgumentException($"{rows} rows of up to {longest} labels need {rows * longest} entries, not {labels.Length}.", nameof(labels));
        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<CtcLoss>(loss, logits);
        var derivative = record is null ? null : Tensor.Zeros(logits.Shape);
        double total = 0;
        for (var row = 0; row < rows; row++)
        {
            var frames = inputLengths.IsEmpty ? time : inputLengths[row];
            var own = labels.Slice(row * longest, labelLengths[row]);
            foreach (var label in own)
            {
                if ((uint)label >= (uint)symbols || label == blank)
                    throw new ArgumentException($"Row {row} has label {label}; labels are 0 to {symbols - 1}, but not the blank {blank}.", nameof(labels));
            }

            var scale = reduction == CtcReduction.Sum ? 1 : 1.0 / (rows * (double)Math.Max(1, own.Length));
            var value = Row(logits, row, frames, own, blank, derivative, scale);
            total += double.IsPositiveInfinity(value) && ignoreImpossible ? 0 : scale * value;
        }

        loss.Span[0] = (float)total;
        record?.Keep(derivative);
        return loss;
    }

    private static double Row(Tensor logits, int row, int frames, ReadOnlySpan<int> labels, int blank, Tensor? derivative, double scale)
    {
        var (rows, symbols, states) = (logits.Shape[1], logits.Shape[2], 2 * labels.Length + 1);
        if (frames == 0) return labels.Length == 0 ? 0 : double.PositiveInfinity;
        var buffer = System.Buffers.ArrayPool<double>.Shared.Rent(frames * (symbols + 2 * states));
        var logs = buffer.AsSpan(0, frames * symbols);
        var alpha = buffer.AsSpan(frames * symbols, frames * states);
        var beta = buffer.AsSpan(frames * (symbols + states), frames * states);
        for (var t = 0; t < frames; t++) LogSoftmax(logits.Span.Slice((t * rows + row) * symbols, symbols), logs.Slice(t * symbols, symbols));
        Forward(logs, alpha, labels, blank, frames, symbols);
        var end = alpha[(frames * states - 2 < 0 ? 0 : frames * states - 2)..(frames * states)];
        var log = states == 1 ? alpha[frames - 1] : SpecialFunctions.LogAdd(end[0], end[1]);
        if (derivative is not null && !double.IsNegativeInfinity(log))
        {
            Backward(logs, beta, labels, blank, frames, symbols);
            for (var t = 0; t < frames; t++)
            {
                // softmax minus the posterior probability of each symbol at this frame.
                var slopes = derivative.Span.Slice((t * rows + row) * symbols, symbols);
                for (var c = 0; c < symbols; c++) slopes[c] = (float)(scale * Math.Exp(logs[t * symbols + c]));
                for (var s = 0; s < states; s++)
                {
                    var symbol = s % 2 == 0 ? blank : labels[s / 2];
                    slopes[symbol] -= (float)(scale * Math.Exp(alpha[t * states + s] + beta[t * states + s] - log));
                }
            }
        }

        System.Buffers.ArrayPool<double>.Shared.Return(buffer);
        return -log;
    }

    // alpha[t, s]: log-probability of all paths in state s at frame t, including the symbol of that frame.
    private static void Forward(ReadOnlySpan<double> logs, Span<double> alpha, ReadOnlySpan<int> labels, int blank, int frames, int symbols)
    {
        var states = 2 * labels.Length + 1;
        alpha.Fill(double.NegativeInfinity);
        alpha[0] = logs[blank];
        if (states > 1) alpha[1] = logs[labels[0]];
        for (var t = 1; t < frames; t++)
        {
            for (var s = 0; s < states; s++)
            {
                var from = alpha.Slice((t - 1) * states, states);
                var sum = s > 0 ? SpecialFunctions.LogAdd(from[s], from[s - 1]) : from[s];
                if (Skips(labels, s)) sum = SpecialFunctions.LogAdd(sum, from[s - 2]);
                alpha[t * states + s] = sum + logs[t * symbols + (s % 2 == 0 ? blank : labels[s / 2])];
            }
        }
    }

    // beta[t, s]: log-probability of all ways to finish from state s at frame t, excluding the symbol of that frame.
    private static void Backward(ReadOnlySpan<double> logs, Span<double> beta, ReadOnlySpan<int> labels, int blank, int frames, int symbols)
    {
        var states = 2 * labels.Length + 1;
        beta.Fill(double.NegativeInfinity);
        beta[frames * states - 1] = 0;
        if (states > 1) beta[frames * states - 2] = 0;
        for (var t = frames - 2; t >= 0; t--)
        {
            for (var s = 0; s < states; s++)
            {
                var sum = double.NegativeInfinity;
                for (var next = s; next < Math.Min(states, s + 3); next++)
                {
                    if (next == s + 2 && !Skips(labels, next)) continue;
                    sum = SpecialFunctions.LogAdd(sum, beta[(t + 1) * states + next] + logs[(t + 1) * symbols + (next % 2 == 0 ? blank : labels[next / 2])]);
                }

                beta[t * states + s] = sum;
            }
        }
    }

    // A blank between two labels is optional unless they are equal.
    private static bool Skips(ReadOnlySpan<int> labels, int s) => s % 2 == 1 && s > 1 && labels[s / 2] != labels[s / 2 - 1];

    private static void LogSoftmax(ReadOnlySpan<float> x, Span<double> y)
    {
        double max = TensorPrimitives.Max(x), sum = 0;
        foreach (var value in x) sum += Math.Exp(value - max);
        var log = max + Math.Log(sum);
        for (var i = 0; i < x.Length; i++) y[i] = x[i] - log;
    }
}
