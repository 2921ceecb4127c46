using Microsoft.ML.Recurrent.Optimizers.Schedules;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The teacher-forcing schedule of a decoder: the probability that a training step is fed the target values instead of the decoder's own output (scheduled
/// sampling, Bengio et al. 2015). Drawn for each row and step. In validation and scoring a decoder is always fed its own output.
/// </summary>
public abstract class TeacherForcing
{
    private protected TeacherForcing()
    {
    }

    /// <summary>A constant probability: from 1 (always teacher forcing, the fastest) to 0 (never).</summary>
    /// <param name="probability">Probability of teacher forcing, from 0 to 1.</param>
    public static TeacherForcing Constant(float probability = 1) => new ConstantForcing(Share(probability, nameof(probability)));

    /// <summary>Linear decay from one probability to another, updated every step, and constant afterwards.</summary>
    /// <param name="epochs">Epochs until <paramref name="last"/> is reached, at least 1.</param>
    /// <param name="first">Initial probability of teacher forcing, from 0 to 1.</param>
    /// <param name="last">Final probability, from 0 to <paramref name="first"/>.</param>
    public static TeacherForcing Linear(int epochs, float first = 1, float last = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        Share(first, nameof(first));
        Share(last, nameof(last));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, first);
        return new LinearForcing(epochs, first, last);
    }

    /// <summary>Inverse sigmoid decay: k / (k + exp(t / k)) after t epochs (fractional). Near 1 at first, 0.5 after k ln k epochs, approaching 0.</summary>
    /// <param name="k">At least 1; with 5 the probability is 0.5 after 8 epochs.</param>
    public static TeacherForcing InverseSigmoid(float k = 5) =>
        k >= 1 && float.IsFinite(k)
            ? new InverseSigmoidForcing(k)
            : throw new ArgumentOutOfRangeException(nameof(k), k, "The k of the inverse sigmoid must be at least 1.");

    /// <summary>The method above that makes this, and its arguments, for code that makes it again.</summary>
    internal abstract (string Method, object[] Arguments) Made { get; }

    /// <summary>The probability of teacher forcing at an update.</summary>
    internal abstract float ProbabilityAt(in ScheduleTime time);

    /// <summary>The final probability of teacher forcing.</summary>
    internal abstract float LastProbability { get; }

    private static float Share(float value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "A probability must be from 0 to 1.");

    private static double Epochs(in ScheduleTime time) => time.StepsPerEpoch > 0 ? (double)time.Step / time.StepsPerEpoch : 0;

    private sealed class ConstantForcing(float probability) : TeacherForcing
    {
        internal override (string Method, object[] Arguments) Made => (nameof(Constant), [probability]);

        internal override float ProbabilityAt(in ScheduleTime time) => probability;

        internal override float LastProbability => probability;
    }

    private sealed class LinearForcing(int epochs, float first, float last) : TeacherForcing
    {
        internal override (string Method, object[] Arguments) Made => (nameof(Linear), [epochs, first, last]);

        internal override float ProbabilityAt(in ScheduleTime time) => (float)(first + (last - first) * Math.Min(1, Epochs(time) / epochs));

        internal override float LastProbability => last;
    }

    private sealed class InverseSigmoidForcing(float k) : TeacherForcing
    {
        internal override (string Method, object[] Arguments) Made => (nameof(InverseSigmoid), [k]);

        internal override float ProbabilityAt(in ScheduleTime time) => (float)(k / (k + Math.Exp(Epochs(time) / k)));

        internal override float LastProbability => 0;
    }
}
