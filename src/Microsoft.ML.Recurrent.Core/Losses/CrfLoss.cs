using System.Buffers;
using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Negative log-likelihood of tags under a linear-chain conditional random field (Lafferty et al. 2001). The score of a path is the sum of its emissions, its
/// transitions, and the scores of its first and last tag. A step without a tag may have any: the likelihood is that of all paths with the tags that are known
/// (Tsuboi et al. 2008). The forward-backward recursion runs in double precision.
/// </summary>
internal sealed class CrfLoss : Operation
{
    private Tensor? _dEmissions, _dTransitions, _dStart, _dEnd;

    /// <summary>The mean over rows (weighted, if there are weights), or over the known tags, [1].</summary>
    /// <param name="tape">Records the loss.</param>
    /// <param name="emissions">[time, rows, tags].</param>
    /// <param name="transitions">[from, to].</param>
    /// <param name="start">[tags], scores of the first tag.</param>
    /// <param name="end">[tags], scores of the last tag.</param>
    /// <param name="tags">Time x rows tags, time first; negative for an unknown one.</param>
    /// <param name="lengths">Valid steps of each row; empty if all are valid.</param>
    /// <param name="weights">[rows], or null.</param>
    /// <param name="perTag">Whether the sum is divided by the (weighted) number of known tags instead of rows.</param>
    public static Tensor Apply(Tape tape, Tensor emissions, Tensor transitions, Tensor start, Tensor end, ReadOnlySpan<int> tags, ReadOnlySpan<int> lengths,
        Tensor? weights = null, bool perTag = false)
    {
        var (time, rows, count) = (emissions.Shape[0], emissions.Shape[1], emissions.Shape[2]);
        if (transitions.Length != count * count || start.Length != count || end.Length != count)
            throw new ArgumentException($"{count} tags need transitions [{count}, {count}], not {transitions.Shape}.", nameof(transitions));
        if (tags.Length < time * rows) throw new ArgumentException($"{time} steps of {rows} rows need {time * rows} tags, not {tags.Length}.", nameof(tags));
        double totalWeight = 0, total = 0;
        for (var row = 0; row < rows; row++)
        {
            var known = perTag ? 0 : 1;
            for (var t = 0; perTag && t < time; t++) known += tags[t * rows + row] >= 0 ? 1 : 0;
            totalWeight += known * (weights is null ? 1.0 : weights.Span[row]);
        }

        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<CrfLoss>(loss, emissions, transitions, start, end);
        if (record is not null)
            (record._dEmissions, record._dTransitions, record._dStart, record._dEnd) =
                (Tensor.Zeros(emissions.Shape), Tensor.Zeros(transitions.Shape), Tensor.Zeros(start.Shape), Tensor.Zeros(end.Shape));

        var chain = new Chain(transitions.Span, start.Span, end.Span, time);
        for (var row = 0; row < rows; row++)
        {
            var weight = totalWeight > 0 ? (weights is null ? 1 : weights.Span[row]) / totalWeight : 0;
            if (weight == 0) continue;
            var length = lengths.IsEmpty ? time : lengths[row];
            var known = chain.IsKnown(tags, rows, row, length) ? chain.Score(emissions, row, tags, length, record, -weight)
                : chain.LogSum(emissions, row, tags, length, record, -weight);
            total += weight * (chain.LogSum(emissions, row, default, length, record, weight) - known);
        }

        if (record is not null) chain.AddTransitions(record._dTransitions!.Span);
        loss.Span[0] = (float)total;
        chain.Return();
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

    // The scores in double precision, and the workspace of one row after the other. Sums over tags are products with exponentials, scaled by the greatest term,
    // so that a step takes as many exponentials as there are tags, not their square.
    private readonly ref struct Chain
    {
        private readonly int _count;
        private readonly double[] _buffer;
        private readonly ReadOnlySpan<float> _transitions;
        private readonly Span<double> _start, _end, _onward, _back, _counts, _alpha, _beta, _terms, _sums, _row;
        private readonly Span<float> _rounded;
        private readonly double _greatest;

        public Chain(ReadOnlySpan<float> transitions, ReadOnlySpan<float> start, ReadOnlySpan<float> end, int time)
        {
            _count = start.Length;
            _transitions = transitions;
            int size = _count, square = size * size;
            _buffer = ArrayPool<double>.Shared.Rent(3 * square + 2 * time * size + 5 * size);
            var at = 0;
            _start = Take(ref at, _buffer, size);
            _end = Take(ref at, _buffer, size);
            _terms = Take(ref at, _buffer, size);
            _sums = Take(ref at, _buffer, size);
            _row = Take(ref at, _buffer, size);
            _onward = Take(ref at, _buffer, square);
            _back = Take(ref at, _buffer, square);
            _counts = Take(ref at, _buffer, square);
            _counts.Clear();
            _alpha = Take(ref at, _buffer, time * size);
            _beta = Take(ref at, _buffer, time * size);
            _rounded = new float[size];
            TensorPrimitives.ConvertTruncating(start, _start);
            TensorPrimitives.ConvertTruncating(end, _end);
            _greatest = TensorPrimitives.Max(transitions);
            // By the later tag for the way on, by the earlier one for the way back.
            for (var j = 0; j < size; j++)
                for (var k = 0; k < size; k++) _onward[k * size + j] = _back[j * size + k] = Math.Exp(transitions[j * size + k] - _greatest);
        }

        private static Span<double> Take(scoped ref int at, Span<double> buffer, int length)
        {
            at += length;
            return buffer.Slice(at - length, length);
        }

        public void Return() => ArrayPool<double>.Shared.Return(_buffer);

        /// <summary>Whether all steps of a row have a tag.</summary>
        public bool IsKnown(ReadOnlySpan<int> tags, int rows, int row, int length)
        {
            for (var t = 0; t < length; t++)
                if (tags[t * rows + row] < 0) return false;
            return true;
        }

        /// <summary>The score of the only path of a row whose tags are all known; adds <paramref name="weight"/> times its derivative to the record.</summary>
        public double Score(Tensor emissions, int row, ReadOnlySpan<int> tags, int length, CrfLoss? record, double weight)
        {
            var rows = emissions.Shape[1];
            int first = tags[row], last = tags[(length - 1) * rows + row];
            var score = _start[first] + _end[last];
            for (int t = 0, before = -1; t < length; before = tags[t++ * rows + row])
            {
                var tag = tags[t * rows + row];
                score += Emission(emissions, t, row)[tag];
                if (record is not null) Emission(record._dEmissions!, t, row)[tag] += (float)weight;
                if (before < 0) continue;
                score += _transitions[before * _count + tag];
                if (record is not null) record._dTransitions!.Span[before * _count + tag] += (float)weight;
            }
            if (record is null) return score;
            record._dStart!.Span[first] += (float)weight;
            record._dEnd!.Span[last] += (float)weight;
            return score;
        }

        /// <summary>
        /// The logarithm of the sum over all paths of a row that have the known tags; adds <paramref name="weight"/> times its derivative to the record.
        /// </summary>
        public double LogSum(Tensor emissions, int row, ReadOnlySpan<int> tags, int length, CrfLoss? record, double weight)
        {
            var (rows, count) = (emissions.Shape[1], _count);
            for (var t = 0; t < length; t++)
            {
                var alpha = _alpha.Slice(t * count, count);
                if (t == 0) _start.CopyTo(alpha);
                else Advance(_alpha.Slice((t - 1) * count, count), _onward, alpha);
                Emit(emissions, t, row);
                TensorPrimitives.Add(alpha, _row, alpha);
                if (!tags.IsEmpty && tags[t * rows + row] is >= 0 and var tag)
                {
                    var kept = alpha[tag];
                    alpha.Fill(double.NegativeInfinity);
                    alpha[tag] = kept;
                }
            }

            TensorPrimitives.Add(_alpha.Slice((length - 1) * count, count), _end, _terms);
            var log = LogSumOf(_terms);
            if (record is null) return log;
            for (var t = length - 1; t >= 0; t--)
            {
                var beta = _beta.Slice(t * count, count);
                if (t == length - 1)
                {
                    _end.CopyTo(beta);
                }
                else
                {
                    Emit(emissions, t + 1, row);
                    TensorPrimitives.Add(_beta.Slice((t + 1) * count, count), _row, _sums);
                    if (!tags.IsEmpty && tags[(t + 1) * rows + row] is >= 0 and var tag)
                    {
                        var kept = _sums[tag];
                        _sums.Fill(double.NegativeInfinity);
                        _sums[tag] = kept;
                    }
                    AddTransitions(_alpha.Slice(t * count, count), _greatest - log, weight);
                    Advance(_sums, _back, beta);
                }
                Count(_alpha.Slice(t * count, count), beta, log, weight);
                TensorPrimitives.Add(Emission(record._dEmissions!, t, row), _rounded, Emission(record._dEmissions!, t, row));
                if (t == 0) TensorPrimitives.Add(record._dStart!.Span, _rounded, record._dStart.Span);
                if (t == length - 1) TensorPrimitives.Add(record._dEnd!.Span, _rounded, record._dEnd.Span);
            }

            return log;
        }

        private void Emit(Tensor emissions, int t, int row) => TensorPrimitives.ConvertTruncating<float, double>(Emission(emissions, t, row), _row);

        // For each tag, the logarithm of the sum over the tags beside it.
        private void Advance(ReadOnlySpan<double> from, ReadOnlySpan<double> factors, Span<double> to)
        {
            var greatest = TensorPrimitives.Max(from);
            TensorPrimitives.Subtract(from, greatest, _terms);
            TensorPrimitives.Exp<double>(_terms, _terms);
            for (var k = 0; k < _count; k++) to[k] = TensorPrimitives.Dot(_terms, factors.Slice(k * _count, _count));
            TensorPrimitives.Log<double>(to, to);
            TensorPrimitives.Add(to, greatest + _greatest, to);
        }

        // The expected counts of the tags of a step, times the weight.
        private void Count(ReadOnlySpan<double> alpha, ReadOnlySpan<double> beta, double log, double weight)
        {
            TensorPrimitives.Add(alpha, beta, _terms);
            TensorPrimitives.Subtract(_terms, log, _terms);
            TensorPrimitives.Exp<double>(_terms, _terms);
            TensorPrimitives.Multiply(_terms, weight, _terms);
            TensorPrimitives.ConvertTruncating<double, float>(_terms, _rounded);
        }

        // Those of its transitions to the next step: exp(alpha + transition + emission + beta - log), without the transition, which is the same at all steps.
        // Both sides are scaled by their own greatest term.
        private void AddTransitions(ReadOnlySpan<double> alpha, double shift, double weight)
        {
            double before = TensorPrimitives.Max(alpha), after = TensorPrimitives.Max<double>(_sums);
            TensorPrimitives.Subtract(_sums, after, _row);
            TensorPrimitives.Exp<double>(_row, _row);
            TensorPrimitives.Subtract(alpha, before, _terms);
            TensorPrimitives.Exp<double>(_terms, _terms);
            TensorPrimitives.Multiply(_terms, weight * Math.Exp(before + after + shift), _terms);
            for (var j = 0; j < _count; j++)
            {
                if (_terms[j] == 0) continue;
                var counts = _counts.Slice(j * _count, _count);
                TensorPrimitives.MultiplyAdd(_row, _terms[j], counts, counts);
            }
        }

        /// <summary>Adds the expected counts of transitions of all rows to their derivative.</summary>
        public void AddTransitions(Span<float> slopes)
        {
            for (var i = 0; i < slopes.Length; i++) slopes[i] += (float)(_counts[i] * _back[i]);
        }
    }

    private static Span<float> Emission(Tensor emissions, int t, int row) =>
        emissions.Span.Slice((t * emissions.Shape[1] + row) * emissions.Shape[2], emissions.Shape[2]);

    private static double LogSumOf(ReadOnlySpan<double> terms)
    {
        var max = TensorPrimitives.Max(terms);
        if (double.IsInfinity(max)) return max;
        double sum = 0;
        foreach (var term in terms) sum += Math.Exp(term - max);
        return max + Math.Log(sum);
    }
}
