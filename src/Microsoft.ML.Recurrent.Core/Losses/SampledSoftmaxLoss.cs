using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Sampled softmax cross-entropy over a large vocabulary (Jean et al. 2015): the target word against words sampled without replacement, shared by all rows of a
/// batch. They are drawn from the log-uniform distribution P(k) = log((k + 2) / (k + 1)) / log(vocabulary + 1) over ranks k, which fits a vocabulary sorted by
/// descending frequency. Logits are corrected by the expected count of each word in the sample, and sampled words equal to the target of a row are excluded.
/// For training only: evaluate with the full softmax.
/// </summary>
internal sealed unsafe class SampledSoftmaxLoss : Operation
{
    // Far below any logit, so that the probability of the word is exactly 0.
    private const float Excluded = -1e30f;

    private Tensor? _sampled;
    private int[] _words = [];
    private int _rows, _samples;

    /// <summary>The mean over rows, weighted, [1]; rows with a negative label are ignored.</summary>
    /// <param name="tape">Records the loss; its random numbers draw the sample.</param>
    /// <param name="states">[..., n]; all axes but the last are row axes.</param>
    /// <param name="weight">[vocabulary, n], the head's or, if tied, the embedding's.</param>
    /// <param name="bias">[vocabulary].</param>
    /// <param name="labels">One word per row; negative for none.</param>
    /// <param name="samples">Number of sampled words, from 1 to the vocabulary.</param>
    /// <param name="weights">[rows], at least 0; null for equal weights.</param>
    /// <param name="order">The vocabulary by descending frequency; null if word ids are in that order.</param>
    public static Tensor Apply(Tape tape, Tensor states, Tensor weight, Tensor bias, ReadOnlySpan<int> labels, int samples, Tensor? weights = null,
        FrequencyOrder? order = null)
    {
        var (rows, n, vocabulary, kernels) = (states.Shape.Rows, states.Shape.Columns, weight.Shape[0], CpuKernels.Current);
        if (weight.Shape[1] != n || bias.Length != vocabulary)
            throw new ArgumentException($"A weight {weight.Shape} and a bias {bias.Shape} do not fit states {states.Shape}.", nameof(weight));
        if (labels.Length < rows) throw new ArgumentException($"There are {rows} rows but {labels.Length} labels.", nameof(labels));
        if (weights is not null && weights.Length < rows) throw new ArgumentException($"There are {rows} rows but {weights.Length} weights.", nameof(weights));
        if (samples < 1 || samples > vocabulary)
            throw new ArgumentOutOfRangeException(nameof(samples), samples,
                $"The number of sampled words must be from 1 to {vocabulary}, the size of the vocabulary.");
        if (order is not null && order.Count != vocabulary)
            throw new ArgumentException($"The order has {order.Count} words, but the vocabulary has {vocabulary}.", nameof(order));
        for (var row = 0; row < rows; row++)
            if (labels[row] >= vocabulary)
                throw new ArgumentOutOfRangeException(nameof(labels), labels[row], $"The words of the vocabulary are 0 to {vocabulary - 1}.");

        var words = tape.RentIntegers(rows + samples);
        var sample = words.AsSpan(rows, samples);
        var tries = Sample(sample, vocabulary, tape.Seed, tape.NextStream());
        labels[..rows].CopyTo(words);

        // Column 0 is the target word, the others are the sampled ones.
        using var logits = Tensor.Rent(new Shape(rows, samples + 1));
        var sampled = Tensor.Rent(new Shape(samples, n));
        using Tensor offsets = Tensor.Rent(new Shape(samples)), losses = Tensor.Rent(new Shape(rows));
        for (var s = 0; s < samples; s++)
        {
            var rank = sample[s];
            if (order is not null) sample[s] = order.Word(rank);
            weight.Span.Slice(sample[s] * n, n).CopyTo(sampled.Span[(s * n)..]);
            offsets.Span[s] = bias.Span[sample[s]] - LogExpected(rank, vocabulary, tries);
        }

        var width = samples + 1;
        MatrixProduct.Multiply(false, true, rows, samples, n, states.Pointer, n, sampled.Pointer, n, logits.Pointer + 1, width);
        var targets = tape.RentIntegers(rows);
        double totalWeight = 0;
        for (var row = 0; row < rows; row++)
        {
            var word = words[row];
            var own = logits.Pointer + (nint)row * width;
            kernels.Add(own + 1, offsets.Pointer, own + 1, samples);
            targets[row] = word < 0 ? -1 : 0;
            own[0] = word < 0 ? 0 : kernels.Dot(states.Pointer + (nint)row * n, weight.Pointer + (nint)word * n, n) + bias.Span[word]
                - LogExpected(order?.Rank(word) ?? word, vocabulary, tries);
            for (var s = 0; s < samples; s++)
                if (sample[s] == word) own[s + 1] = Excluded;
            if (word >= 0) totalWeight += weights is null ? 1 : weights.Span[row];
        }

        var loss = tape.Rent(new Shape(1));
        var record = tape.Record<SampledSoftmaxLoss>(loss, states, weight, bias);
        var slopes = record is null ? null : Tensor.Rent(logits.Shape);
        fixed (int* pointer = targets)
            kernels.SoftmaxCrossEntropy(logits.Pointer, pointer, PointerOf(weights), 0, totalWeight > 0 ? (float)(1 / totalWeight) : 0,
                losses.Pointer, PointerOf(slopes), rows, width);
        double total = 0;
        foreach (var value in losses.Span) total += value;
        loss.Span[0] = totalWeight > 0 ? (float)(total / totalWeight) : 0;
        if (record is null) sampled.Dispose();
        else (record._kept, record._sampled, record._words, record._rows, record._samples) = (slopes, sampled, words, rows, samples);
        return loss;
    }

    /// <summary>Draws distinct words (ranks, if there is an order) and returns the number of draws needed.</summary>
    public static long Sample(Span<int> words, int vocabulary, ulong key, ulong stream)
    {
        var (log, count, tries) = (Math.Log(vocabulary + 1.0), 0, 0L);
        for (ulong block = 0; count < words.Length; block++)
        {
            var (a, b, c, d) = Philox.Block(key, stream, block);
            Take(words, a | (ulong)b << 32);
            if (count < words.Length) Take(words, c | (ulong)d << 32);
        }

        return tries;

        void Take(Span<int> words, ulong bits)
        {
            tries++;
            var word = Math.Min(vocabulary - 1, (int)Math.Exp((bits >> 11) * (1.0 / (1L << 53)) * log) - 1);
            // If nearly the whole vocabulary is sampled, rejection would take very long: use the next free word instead.
            if (words.Length > vocabulary / 2) for (; words[..count].Contains(word); word = (word + 1) % vocabulary) { }
            else if (words[..count].Contains(word)) return;
            words[count++] = word;
        }
    }

    /// <summary>The logarithm of the expected count of a word in the sample.</summary>
    public static float LogExpected(int word, int vocabulary, long tries)
    {
        var probability = double.LogP1(1 / (word + 1.0)) / Math.Log(vocabulary + 1.0);
        return (float)Math.Log(-double.ExpM1(tries * double.LogP1(-probability)));
    }

    public override void Backward(Tape tape)
    {
        var (states, weight, slopes, kernels) = (Operands.First!, Operands.Second!, _kept!, CpuKernels.Current);
        var (n, width, upstream) = (states.Shape.Columns, _samples + 1, Output.Gradient!.Span[0]);
        if (upstream != 1) kernels.Scale(slopes.Pointer, upstream, slopes.Pointer, slopes.Length);
        var (dstates, dweight, dbias) = (Tape.GradientOf(states), Tape.GradientOfRows(weight, out var touched), Tape.GradientOf(Operands.Third));
        if (dstates is not null)
            MatrixProduct.Multiply(false, false, _rows, n, _samples, slopes.Pointer + 1, width, _sampled!.Pointer, n, dstates.Pointer, n, true);
        for (var row = 0; row < _rows; row++)
        {
            var (word, slope) = (_words[row], slopes.Span[row * width]);
            if (word < 0) continue;
            touched?.Add(word);
            if (dstates is not null) kernels.Axpy(slope, weight.Pointer + (nint)word * n, dstates.Pointer + (nint)row * n, n);
            if (dweight is not null) kernels.Axpy(slope, states.Pointer + (nint)row * n, dweight.Pointer + (nint)word * n, n);
            if (dbias is not null) dbias.Span[word] += slope;
        }

        if (dweight is not null)
        {
            // The gradients of the sampled rows overwrite their values.
            MatrixProduct.Multiply(true, false, _samples, n, _rows, slopes.Pointer + 1, width, states.Pointer, n, _sampled!.Pointer, n);
            for (var s = 0; s < _samples; s++)
            {
                touched?.Add(_words[_rows + s]);
                var to = dweight.Pointer + (nint)_words[_rows + s] * n;
                kernels.Add(to, _sampled.Pointer + (nint)s * n, to, n);
            }
        }

        if (dbias is null) return;
        using var sums = Tensor.Zeros(new Shape(width));
        kernels.AddColumnSums(slopes.Pointer, width, sums.Pointer, _rows, width);
        for (var s = 0; s < _samples; s++) dbias.Span[_words[_rows + s]] += sums.Span[s + 1];
    }

    public override void Release()
    {
        _sampled?.Dispose();
        (_sampled, _words) = (null, []);
        base.Release();
    }
}
