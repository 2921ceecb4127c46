using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// What a task makes of a network's output: how many numbers it needs, its loss, and the map into the answers' own domain. The network knows nothing of the
/// task.
/// </summary>
internal abstract class Head
{
    /// <summary>Numbers that the head needs a row.</summary>
    public abstract int Outputs { get; }

    /// <summary>
    /// The mean loss over the batch's rows (weighted where the batch has weights), a scalar on the tape. Computed in the network's normalised space.
    /// </summary>
    public abstract Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch);

    /// <summary>
    /// Whether <see cref="Loss"/>, on a tape that trains, is given what enters the network's linear map and not what leaves it: a head that needs few of many
    /// numbers (sampled soft-max) takes them itself.
    /// </summary>
    public virtual bool LearnsFromStates => false;

    /// <summary>The answers as the exported graph gives them, in the order of its outputs; each [rows, n], valid until the tape is reset.</summary>
    public abstract IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output);

    /// <summary>The first of the answers alone.</summary>
    public virtual Tensor Answer(Tape tape, in NetworkOutput output) => Predict(tape, output)[0];

    /// <summary>What judges a validation set otherwise than by the loss; null where the head knows no such metric.</summary>
    public virtual Metric? CreateMetric(ValidationMetric metric) => null;

    /// <summary>The head's own fixed parameters (a target's mean and scale, say), kept in the model file beside the network's.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];
}

/// <summary>
/// A network's output for one batch: [rows, outputs] ([time, rows, outputs] where the head answers at every step), and, where windows are normalised, the level
/// and scale taken out of each row's features [rows, features].
/// </summary>
internal readonly record struct NetworkOutput(Tensor Values, Tensor? WindowLevel, Tensor? WindowScale)
{
    /// <summary>What the layers saw: the standardised and normalised sequences [time, rows, features]; null for tokens.</summary>
    public Tensor? Window { get; init; }

    /// <summary>What the loss is to be taken of, where a decoder that is being trained has answered more than was asked for; null elsewhere.</summary>
    public LearnedSteps? Learned { get; init; }

    /// <summary>The batch's normal scores, [rows, paths x steps], from which paths are drawn; null for none.</summary>
    public Tensor? Noise { get; init; }

    /// <summary>
    /// Draws paths step by step, each step fed with what was drawn of the one before (ancestral sampling): normal scores [rows, paths x steps] to values of
    /// that shape, path by path, in the window's space (counts in the data's own unit). Null where no decoder's distribution is there, and in training.
    /// </summary>
    public Func<Tape, Tensor, Tensor>? Draw { get; init; }

    /// <summary>The batch's token ids, time first; null for numbers.</summary>
    public int[]? Tokens { get; init; }

    /// <summary>True steps of each row; null where every row has all steps.</summary>
    public int[]? Lengths { get; init; }
}

/// <summary>Answers [rows, parameters x n] of n numbers and what they should be [rows, n], in the network's normalised space.</summary>
internal readonly record struct LearnedSteps(Tensor Values, Tensor Targets);
