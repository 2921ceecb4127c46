using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The task-specific part of a model: the number of network outputs, the loss, and the map to predictions. The network does not know the task.
/// </summary>
internal abstract class Head : IDisposable
{
    /// <summary>Network outputs per row.</summary>
    public abstract int Outputs { get; }

    /// <summary>
    /// The mean loss over the rows of the batch (weighted, if the batch has weights), a scalar on the tape, in the normalized space of the network.
    /// </summary>
    public abstract Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch);

    /// <summary>The loss without what keeps training from being too sure, such as smoothed labels: it measures how good outputs are.</summary>
    public virtual Tensor PlainLoss(Tape tape, in NetworkOutput output, SequenceBatch batch) => Loss(tape, output, batch);

    /// <summary>
    /// Whether <see cref="Loss"/> gets the input of the network's linear layer instead of its output in training. For a head that needs only few of many
    /// outputs (sampled softmax).
    /// </summary>
    public virtual bool LearnsFromStates => false;

    /// <summary>Whether <see cref="Loss"/> gets the same in evaluation, because it can do without the outputs there too (adaptive softmax).</summary>
    public virtual bool EvaluatesFromStates => false;

    /// <summary>The predictions, as output by the exported graph and in its order; each [rows, n], valid until the tape is reset.</summary>
    public abstract IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output);

    /// <summary>The first prediction only.</summary>
    public virtual Tensor Answer(Tape tape, in NetworkOutput output) => Predict(tape, output)[0];

    /// <summary>Creates a validation metric; null if the head does not support it.</summary>
    public virtual Metric? CreateMetric(ValidationMetric metric) => null;

    /// <summary>Constant parameters of the head, such as mean and scale of a target, saved with the network's.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    public void Dispose()
    {
        foreach (var parameter in Parameters) parameter.Dispose();
    }
}

/// <summary>
/// The output of a network for a batch: [rows, outputs] ([time, rows, outputs] for per-step output), and, for normalized windows, level and scale of each row's
/// features [rows, features].
/// </summary>
internal readonly record struct NetworkOutput(Tensor Values, Tensor? WindowLevel, Tensor? WindowScale)
{
    /// <summary>The input of the layers: standardized and normalized sequences [time, rows, features]; null for tokens.</summary>
    public Tensor? Window { get; init; }

    /// <summary>The standardized future features [horizon, rows, numbers]; null for none.</summary>
    public Tensor? Future { get; init; }

    /// <summary>The steps to compute the loss of, if a decoder in training outputs more than requested; otherwise null.</summary>
    public LearnedSteps? Learned { get; init; }

    /// <summary>The normal scores of the batch for sample paths, [rows, paths x steps]; null for none.</summary>
    public Tensor? Noise { get; init; }

    /// <summary>
    /// Samples paths step by step, feeding each sample to the next step (ancestral sampling): normal scores [rows, paths x steps] to values of the same shape,
    /// path by path, in the window's space (counts in data units). Null in training and for decoders without a distribution.
    /// </summary>
    public Func<Tape, Tensor, Tensor>? Draw { get; init; }

    /// <summary>The token ids of the batch, time first; null for numbers.</summary>
    public int[]? Tokens { get; init; }

    /// <summary>Of a network with <see cref="NetworkDescription.SequenceOutputs"/>: the outputs of the whole sequence, [rows, n]; otherwise null.</summary>
    public Tensor? Sequence { get; init; }

    /// <summary>
    /// The outputs of the linear path over n-grams, [rows, outputs], in training; null for none, or where they are in <see cref="Values"/>.
    /// </summary>
    public Tensor? Ngrams { get; init; }

    /// <summary>
    /// Of an autoencoder: the means of the features given the latent variables, [time, rows, features], in the space of <see cref="Window"/>.
    /// </summary>
    public Tensor? Reconstruction { get; init; }

    /// <summary>Valid steps of each row; null if all are valid.</summary>
    public int[]? Lengths { get; init; }
}

/// <summary>Outputs [rows, parameters x n] of n values and their targets [rows, n], in the normalized space of the network.</summary>
internal readonly record struct LearnedSteps(Tensor Values, Tensor Targets);
