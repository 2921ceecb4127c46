using Microsoft.ML.Recurrent.Optimizers.Schedules;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// How often a decoder that is being trained is fed with the truth instead of its own last answer (Bengio et al. 2015, scheduled sampling). The choice is made
/// anew for each row and step. In validation and scoring a decoder is always fed with its own answers.
/// </summary>
public abstract class TeacherForcing
{
    private protected TeacherForcing()
    {
    }

    /// <summary>The same probability all the time: 1 (teacher forcing alone, the fastest) to 0 (a decoder that is always left to itself).</summary>
    /// <param name="probability">Of the truth, from 0 to 1.</param>
    public static TeacherForcing Constant(float probability = 1) => new ConstantForcing(Share(probability, nameof(probability)));

    /// <summary>From one probability to another in a straight line, step by step over some epochs, and the last one from then on.</summary>
    /// <param name="epochs">Epochs until the last probability, at least 1.</param>
    /// <param name="first">Of the truth, from 0 to 1.</param>
    /// <param name="last">Likewise; at most <paramref name="first"/>.</param>
    public static TeacherForcing Linear(int epochs, float first = 1, float last = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        Share(first, nameof(first));
        Share(last, nameof(last));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, first);
        return new LinearForcing(epochs, first, last);
    }

    /// <summary>
    /// k / (k + exp(t / k)) after t epochs (parts of an epoch count too): near 1 at first, a half after k ln k epochs, and towards 0 in the end.
    /// </summary>
    /// <param name="k">Greater than or equal to 1; 5 comes to a half after 8 epochs.</param>
    public static TeacherForcing InverseSigmoid(float k = 5) =>
        k >= 1 && float.IsFinite(k)
            ? new InverseSigmoidForcing(k)
            : throw new ArgumentOutOfRangeException(nameof(k), k, "The speed of the inverse sigmoid must be at least 1.");

    /// <summary>The probability of the truth in an update.</summary>
    internal abstract float ProbabilityAt(in ScheduleTime time);

    /// <summary>The probability of the truth that it comes to in the end.</summary>
    internal abstract float LastProbability { get; }

    private static float Share(float value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "A probability lies from 0 to 1.");

    private static double Epochs(in ScheduleTime time) => time.StepsPerEpoch > 0 ? (double)time.Step / time.StepsPerEpoch : 0;

    private sealed class ConstantForcing(float probability) : TeacherForcing
    {
        internal override float ProbabilityAt(in ScheduleTime time) => probability;

        internal override float LastProbability => probability;
    }

    private sealed class LinearForcing(int epochs, float first, float last) : TeacherForcing
    {
        internal override float ProbabilityAt(in ScheduleTime time) => (float)(first + (last - first) * Math.Min(1, Epochs(time) / epochs));

        internal override float LastProbability => last;
    }

    private sealed class InverseSigmoidForcing(float k) : TeacherForcing
    {
        internal override float ProbabilityAt(in ScheduleTime time) => (float)(k / (k + Math.Exp(Epochs(time) / k)));

        internal override float LastProbability => 0;
    }
}
