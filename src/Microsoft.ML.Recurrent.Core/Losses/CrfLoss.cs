using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Negative log-likelihood of tags under a linear-chain conditional random field (Lafferty et al. 2001). The score of a path is the sum of its emissions, its
/// transitions, and the scores of its first and last tag. The likelihood is computed by forward-backward recursion in double precision.
/// </summary>
internal sealed class CrfLoss : Operation
{
    private Tensor? _dEmissions, _dTransitions, _dStart, _dEnd;

    /// <summary>The mean over rows (weighted, if there are weights), [1].</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="emissions">[time, rows, tags].</param>
    /// <param name="transitions">[from, to].</param>
    /// <param name="start">[tags], scores of the first tag.</param>
    /// <param name="end">[tags], scores of the last tag.</param>
    /// <param name="tags">Time x rows tags, time first.</param>
    /// <param name="lengths">Valid steps of each row; empty if all are valid.</param>
    /// <param name="weights">[rows], or null.</param>
    public static Tensor Apply(Tape tape, Tensor emissions, Tensor transitions, Tensor start, Tensor end, ReadOnlySpan<int> tags, ReadOnlySpan<int> lengths,
        Tensor? weights = null)
    {
        var (time, rows, count) = (emissions.Shape[0], emissions.Shape[1], emissions.Shape[2]);
        if (transitions.Length != count * count || start.Length != count || end.Length != count)
            throw new ArgumentException($"{count} tags need transitions [{count}, {count}], not {transitions.Shape}.", nameof(transitions));
        if (tags.Length < time * rows) throw new ArgumentException($"{time} steps of {rows} rows need {time * rows} tags, not {tags.Length}.", nameof(tags));
        double totalWeight = 0, total = 0;
        for (var row = 0; row < rows; row++) totalWeight += weights is null ? 1 : weights.Span[row];

        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<CrfLoss>(loss, emissions, transitions, start, end);
        if (record is not null)
            (record._dEmissions, record._dTransitions, record._dStart, record._dEnd) =
                (Tensor.Zeros(emissions.Shape), Tensor.Zeros(transitions.Shape), Tensor.Zeros(start.Shape), Tensor.Zeros(end.Shape));

        for (var row = 0; row < rows; row++)
        {
            var weight = totalWeight > 0 ? (weights is null ? 1 : weights.Span[row]) / totalWeight : 0;
            if (weight > 0)
                total += weight * Row(emissions, transitions.Span, start.Span, end.Span, tags, row, lengths.IsEmpty ? time : lengths[row], record, weight);
        }

        loss.Span[0] = (float)total;
        return loss;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span[0];
        Carry(Operands.First!, ref _dEmissions, upstream);
        Carry(Operands.Second!, ref _dTransitions, upstream);
        Carry(Operands.Third!, ref _dStart, upstream);
        Carry(Operands.Fourth!, ref _dEnd, upstream);
    }

    public override void Release()
    {
        _dEmissions?.Dispose();
        _dTransitions?.Dispose();
        _dStart?.Dispose();
        _dEnd?.Dispose();
        (_dEmissions, _dTransitions, _dStart, _dEnd) = (null, null, null, null);
        base.Release();
    }

    private static void Carry(Tensor operand, ref Tensor? derivative, float upstream)
    {
        if (upstream != 1) TensorPrimitives.Multiply(derivative!.Span, upstream, derivative.Span);
        Tape.HandOver(operand, ref derivative);
    }

    private static double Row(Tensor emissions, ReadOnlySpan<float> transitions, ReadOnlySpan<float> start, ReadOnlySpan<float> end, ReadOnlySpan<int> tags,
        int row, int length, CrfLoss? record, double weight)
    {
        var (rows, count) = (emissions.Shape[1], emissions.Shape[2]);
        var buffer = System.Buffers.ArrayPool<double>.Shared.Rent((2 * length + 1) * count);
        var alpha = buffer.AsSpan(0, length * count);
        var beta = buffer.AsSpan(length * count, length * count);
        var terms = buffer.AsSpan(2 * length * count, count);
        for (var k = 0; k < count; k++) alpha[k] = start[k] + Emission(emissions, 0, row)[k];
        double score = start[tags[row]] + Emission(emissions, 0, row)[tags[row]];
        for (var t = 1; t < length; t++)
        {
            var (from, to) = (tags[(t - 1) * rows + row], tags[t * rows + row]);
            var emission = Emission(emissions, t, row);
            score += transitions[from * count + to] + emission[to];
            for (var k = 0; k < count; k++)
            {
                for (var j = 0; j < count; j++) terms[j] = alpha[(t - 1) * count + j] + transitions[j * count + k];
                alpha[t * count + k] = LogSum(terms) + emission[k];
            }
        }

        var last = tags[(length - 1) * rows + row];
        score += end[last];
        for (var k = 0; k < count; k++) terms[k] = alpha[(length - 1) * count + k] + end[k];
        var log = LogSum(terms);
        if (record is not null)
        {
            for (var k = 0; k < count; k++) beta[(length - 1) * count + k] = end[k];
            for (var t = length - 2; t >= 0; t--)
            {
                var emission = Emission(emissions, t + 1, row);
                for (var j = 0; j < count; j++)
                {
                    for (var k = 0; k < count; k++) terms[k] = transitions[j * count + k] + emission[k] + beta[(t + 1) * count + k];
                    beta[t * count + j] = LogSum(terms);
                }
            }

            record.Differentiate(alpha, beta, transitions, log, tags, row, length, weight);
        }

        System.Buffers.ArrayPool<double>.Shared.Return(buffer);
        return log - score;
    }

    // Expected counts minus observed counts.
    private void Differentiate(ReadOnlySpan<double> alpha, ReadOnlySpan<double> beta, ReadOnlySpan<float> transitions, double log, ReadOnlySpan<int> tags,
        int row, int length, double weight)
    {
        var emissions = Operands.First!;
        var (rows, count) = (emissions.Shape[1], emissions.Shape[2]);
        for (var t = 0; t < length; t++)
        {
            var slopes = Emission(_dEmissions!, t, row);
            var tag = tags[t * rows + row];
            for (var k = 0; k < count; k++)
            {
                var slope = (float)(weight * (Math.Exp(alpha[t * count + k] + beta[t * count + k] - log) - (k == tag ? 1 : 0)));
                slopes[k] = slope;
                if (t == 0) _dStart!.Span[k] += slope;
                if (t == length - 1) _dEnd!.Span[k] += slope;
            }

            if (t == 0) continue;
            var emission = Emission(emissions, t, row);
            var before = tags[(t - 1) * rows + row];
            for (var j = 0; j < count; j++)
            {
                for (var k = 0; k < count; k++)
                {
                    var probability = Math.Exp(alpha[(t - 1) * count + j] + transitions[j * count + k] + emission[k] + beta[t * count + k] - log);
                    _dTransitions!.Span[j * count + k] += (float)(weight * (probability - (j == before && k == tag ? 1 : 0)));
                }
            }
        }
    }

    private static Span<float> Emission(Tensor emissions, int t, int row) =>
        emissions.Span.Slice((t * emissions.Shape[1] + row) * emissions.Shape[2], emissions.Shape[2]);

    private static double LogSum(ReadOnlySpan<double> terms)
    {
        var max = TensorPrimitives.Max(terms);
        if (double.IsInfinity(max)) return max;
        double sum = 0;
        foreach (var term in terms) sum += Math.Exp(term - max);
        return max + Math.Log(sum);
    }
}
