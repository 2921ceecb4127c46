using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>
/// Embedding, LSTM layers with carried state, a linear map to the vocabulary at every step, cross-entropy, clipping to 5, gradient descent: all weights U(-0.1,
/// 0.1).
/// </summary>
internal sealed class LanguageModelStep : TrainingStep
{
    private readonly Configuration _configuration;
    private readonly EmbeddingLayer _embedding;
    private readonly RecurrentLayer[] _layers;
    private readonly DenseLayer _head;
    private Tensor[] _h, _c;

    public LanguageModelStep(Configuration c, int seed = 1)
    {
        (_configuration, Optimizer, LearningRate, ClipNorm) = (c, new Sgd(), 1, 5);
        var rows = c.Batch * c.Time;
        _embedding = new EmbeddingLayer(new EmbeddingDescription("embedding", c.Inputs),
            new LayerShape(Sequence: true, 0) { Vocabulary = Configuration.Vocabulary });
        _layers = new RecurrentLayer[c.Layers];
        var shape = _embedding.Output;
        for (var i = 0; i < c.Layers; i++)
        {
            _layers[i] = new RecurrentLayer(new RecurrentDescription($"lstm_{i + 1}", RecurrentCell.Lstm, c.Hidden), shape);
            shape = _layers[i].Output;
        }
        _head = new DenseLayer(new DenseDescription("head", Configuration.Vocabulary, DenseActivation.Identity), shape);
        Parameters = [.. _embedding.Parameters, .. _layers.SelectMany(layer => layer.Parameters), .. _head.Parameters];
        var random = new Random(seed);
        foreach (var parameter in Parameters)
            foreach (ref var value in parameter.Value.Span)
                value = (random.NextSingle() - 0.5f) * 0.2f;
        (_h, _c) = (States(c.Batch), States(c.Batch));
        Tokens = [.. Enumerable.Range(0, rows).Select(_ => random.Next(Configuration.Vocabulary))];
        Labels = [.. Enumerable.Range(0, rows).Select(_ => random.Next(Configuration.Vocabulary))];
    }

    /// <summary>The words of the next step, time first, and the words that follow each of them.</summary>
    public int[] Tokens { get; }

    /// <inheritdoc cref="Tokens"/>
    public int[] Labels { get; }

    protected override Tensor Forward() => Loss(Tape, Tokens, Labels, _configuration.Time, _configuration.Batch, _h, _c);

    /// <summary>Forgets the carried state.</summary>
    public void ForgetState()
    {
        foreach (var state in (Tensor[])[.. _h, .. _c])
            state.Span.Clear();
    }

    /// <summary>The perplexity of one long text, read in order with the state carried.</summary>
    public double Perplexity(ReadOnlySpan<int> text)
    {
        const int steps = 100;
        Tensor[] h = States(1), c = States(1);
        using var tape = new Tape { Recording = false };
        double sum = 0;
        for (var start = 0; start < text.Length - 1; start += steps)
        {
            var count = Math.Min(steps, text.Length - 1 - start);
            sum += count * (double)Loss(tape, text.Slice(start, count).ToArray(), text.Slice(start + 1, count), count, 1, h, c)[0];
            tape.Reset();
        }
        foreach (var state in (Tensor[])[.. h, .. c])
            state.Dispose();
        return Math.Exp(sum / (text.Length - 1));
    }

    private Tensor Loss(Tape tape, int[] tokens, ReadOnlySpan<int> labels, int time, int batch, Tensor[] h, Tensor[] c)
    {
        var signal = _embedding.Forward(tape, new Signal(null, null) { Tokens = tokens, Time = time, Rows = batch });
        var x = signal.Numbers;
        for (var i = 0; i < _layers.Length; i++)
        {
            var result = _layers[i].Run(tape, x, null, new(h[i], c[i]));
            // The next step begins where this one ends. The states of this step are read again by its backward pass, so they are kept, and copied into new
            // ones.
            (var oldH, var oldC) = (h[i], c[i]);
            (h[i], c[i]) = (result.Forward.H.Clone(), result.Forward.C!.Clone());
            tape.Keep(oldH);
            tape.Keep(oldC);
            x = result.Y;
        }
        return SoftmaxCrossEntropyLoss.Apply(tape, _head.Forward(tape, signal with { Values = x }).Numbers, labels, inPlace: true);
    }

    private Tensor[] States(int rows) => [.. _layers.Select(layer => Tensor.Zeros(new Shape(rows, _configuration.Hidden)))];
}
