using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>The input of a numeric decoder.</summary>
/// <param name="Space">The encoder's input, [time, rows, features], standardized and normalized (targets first), with its statistics.</param>
/// <param name="Encoded">The encoder's output.</param>
/// <param name="States">The final states of the encoder's layers.</param>
/// <param name="Future">Known future features, [steps, rows, k], standardized; null for none.</param>
/// <param name="Statics">Static features, [rows, n], standardized; null for none.</param>
/// <param name="TargetValues">The targets, [steps, rows, targets], in the window's space; null if unknown.</param>
/// <param name="Raw">The raw window; NaN where a value is missing.</param>
/// <param name="RawTargetValues">The raw targets, [rows, steps x targets]; null if unknown.</param>
/// <param name="Path">Linear forecasts, [steps, rows, targets], and where they are added; null for none.</param>
internal readonly record struct DecodingInput(WindowSpace Space, Signal Encoded, TapeStates States, Tensor? Future, Tensor? Statics, Tensor? TargetValues,
    Tensor Raw, Tensor? RawTargetValues, PathForecasts? Path)
{
    /// <summary>In training, the probability of teacher forcing.</summary>
    public float TeacherForcing { get; init; } = 1;

    /// <summary>The encoder's input.</summary>
    public Tensor Window => Space.Window;
}

/// <summary>
/// Autoregressive decoding of numbers: each step is fed the previous output and the known future features. In training, teacher forcing replaces the output by
/// the target with a given probability (Williams and Zipser 1989; scheduled sampling, Bengio et al. 2015); with probability 1 all steps run at once.
/// </summary>
internal static class Autoregression
{
    /// <summary>The outputs [rows, parameters x steps x targets], and the steps to train on if there are more.</summary>
    public static (Tensor Values, LearnedSteps? Learned) Run(Tape tape, Decoder decoder, DenseLayer head, in DecodingInput input)
    {
        var description = decoder.Description;
        var (steps, targets, time, rows) = (description.Steps, description.Targets, input.Window.Shape[0], input.Window.Shape[1]);
        var targetValues = tape.Training ? input.TargetValues : null;
        // Of a stretch, the steps are learned that follow its positions.
        var learnsWindow = description is { IsRecursive: true, LearnsWindow: true } && targetValues is not null
            && input.Encoded is { Lengths: null, Values: not null };
        var parts = new List<Tensor>(steps + 1);
        var state = decoder.Begin(tape, input.States, input.Encoded);
        Tensor? answer = null;
        var done = 0;
        var unit = description.Distribution is { IsInDataUnit: true } ? CountScale.Create(tape, input.Space, targets, input.Encoded.Lengths) : null;
        if (description.IsRecursive)
        {
            // The first step is output by the encoder, which has read the last value.
            var last = learnsWindow ? input.Encoded.Numbers : Last(tape, decoder, input.Encoded);
            var first = Answer(tape, head, last, input.Statics, null);
            parts.Add(description.CumulatedCount == 0
                ? first
                : InverseDifference(tape, description, first, Bases(tape, input, description, first.Shape[0]), default));
            answer = learnsWindow ? SliceOperation.Apply(tape, parts[0], time - 1, 1) : parts[0];
            done = 1;
        }

        var before = description.FeedsDifferences ? LastTargets(tape, input.Window, input.Encoded.Lengths, targets, back: 1 - done) : null;
        var teacherForced = targetValues is null || input.TeacherForcing <= 0 ? null : targetValues;
        if (done < steps && teacherForced is not null && input.TeacherForcing >= 1 && decoder.TakesSteps
            && !TensorPrimitives.IsNaNAny<float>(teacherForced.Span))
        {
            var values = TeacherForced(tape, input, teacherForced, done, steps - done);
            parts.Add(Next(tape, decoder, head, input, state, values, before is null ? values : Differences(tape, values, before), done));
            done = steps;
        }

        using var coins = done < steps && teacherForced is not null && input.TeacherForcing < 1
            ? RandomMasks.Bernoulli(new Shape(steps, rows), input.TeacherForcing, tape.Seed, tape.NextStream())
            : null;
        for (; done < steps; done++)
        {
            var fed = answer is null || unit is null ? answer
                : CountMeanOperation.Apply(tape, answer, description.Distribution!, description.Location * targets, unit, input.Space);
            var previous = fed is null ? LastTargets(tape, input.Window, input.Encoded.Lengths, targets) : FeedbackOperation.Apply(tape, fed,
                unit is null ? description.Location * targets : 0, targets, SeasonBefore(tape, input, description, done - 1), teacherForced is null
                    ? default
                    : teacherForced.Span.Slice((done - 1) * rows * targets, rows * targets),
                        coins is null ? default : coins.Span.Slice((done - 1) * rows, rows));
            answer = Next(tape, decoder, head, input, state, previous, before is null ? previous : SubtractOperation.Apply(tape, previous, before), done);
            if (before is not null) before = previous;
            parts.Add(answer);
        }

        var answers = ConcatOperation.Apply(tape, 0, CollectionsMarshal.AsSpan(parts));
        var arranged = Arrange(tape, answers, targets, learnsWindow ? time - 1 : 0);
        return (arranged, learnsWindow ? Learned(tape, description, input, answers, targetValues!) : null);
    }

    /// <summary>
    /// Samples paths [rows, paths x steps x targets], path by path: each step takes the quantile at the given normal score and feeds it to the next step
    /// (Salinas et al. 2020). See <see cref="NetworkOutput.Draw"/>.
    /// </summary>
    public static Tensor Draw(Tape tape, Decoder decoder, DenseLayer head, in DecodingInput input, Tensor scores)
    {
        var description = decoder.Description;
        var (steps, targets, rows) = (description.Steps, description.Targets, input.Window.Shape[1]);
        var paths = scores.Shape.Columns / (steps * targets);
        if (scores.Shape.Rows != rows || paths * steps * targets != scores.Shape.Columns)
            throw new ArgumentException($"Scores {scores.Shape} do not fit paths of {steps} steps of {targets} targets for {rows} rows.", nameof(scores));
        var unit = description.Distribution is { IsInDataUnit: true } ? CountScale.Create(tape, input.Space, targets, input.Encoded.Lengths) : null;
        var distribution = description.Distribution
            ?? throw new InvalidOperationException("A decoder of numbers or quantiles has no distribution to sample from.");
        var drawn = tape.Rent(scores.Shape);
        for (var path = 0; path < paths; path++)
        {
            var state = decoder.Begin(tape, input.States.Copy(), input.Encoded);
            var previous = LastTargets(tape, input.Window, input.Encoded.Lengths, targets);
            var before = description.FeedsDifferences
                ? LastTargets(tape, input.Window, input.Encoded.Lengths, targets, back: description.IsRecursive ? 0 : 1)
                : null;
            for (var step = 0; step < steps; step++)
            {
                Tensor answer;
                if (step == 0 && description.IsRecursive)
                {
                    answer = Answer(tape, head, Last(tape, decoder, input.Encoded), input.Statics, null);
                    if (description.CumulatedCount > 0) answer = InverseDifference(tape, description, answer, Bases(tape, input, description, 1), default);
                }
                else
                {
                    answer = Next(tape, decoder, head, input, state, previous, before is null ? previous : SubtractOperation.Apply(tape, previous, before),
                        step);
                    if (before is not null) before = previous;
                }

                var season = SeasonBefore(tape, input, description, step);
                previous = tape.Rent(new Shape(1, rows, targets));
                var parameters = new ScalarParameters(answer, targets);
                for (var i = 0; i < rows * targets; i++)
                {
                    var (row, target) = (i / targets, i % targets);
                    var at = row * scores.Shape.Columns + (path * steps + step) * targets + target;
                    parameters.Start = row * answer.Shape.Columns + target;
                    drawn[at] = (float)distribution.Quantile(ScalarArithmetic.Instance, parameters, unit is null ? 1 : unit[i], scores[at]);
                    previous[i] = unit is not null ? input.Space.FromData(drawn[at], row, target) : season.IsEmpty ? drawn[at] : drawn[at] + season[i];
                }
            }
        }
        return drawn;
    }

    // The outputs of some steps [count, rows, n] from the previous targets, fed as values or differences.
    private static Tensor Next(Tape tape, Decoder decoder, DenseLayer head, in DecodingInput input, DecoderState state, Tensor previous, Tensor fed, int step)
    {
        var (description, count) = (decoder.Description, previous.Shape[0]);
        var x = DecoderInput(tape, input, fed, step, description.IsRecursive);
        var y = decoder.Step(tape, new Signal(x, null) { Time = count, Rows = previous.Shape[1] }, state);
        var answer = Answer(tape, head, y, description.IsRecursive ? input.Statics : null, input.Path, step);
        return description.CumulatedCount == 0
            ? answer
            : InverseDifference(tape, description, answer, previous, SeasonsBefore(tape, input, description, step - 1, count));
    }

    private static Tensor InverseDifference(Tape tape, DecoderDescription description, Tensor answers, Tensor before, ReadOnlySpan<float> season) =>
        AddToParametersOperation.Apply(tape, answers, before, season, description.CumulatedFirst, description.CumulatedCount);

    // Rearranges outputs [time, rows, parameters x targets] to one vector per row, as heads expect: parameter by parameter, step by step, target by target.
    // Omits the first steps.
    private static Tensor Arrange(Tape tape, Tensor answers, int targets, int first)
    {
        var steps = SliceOperation.Apply(tape, answers, first, answers.Shape[0] - first);
        var (time, rows, n) = (steps.Shape[0], steps.Shape[1], steps.Shape[2]);
        return PermuteOperation.Apply(tape, steps, new Shape(time, rows, n / targets, targets), [1, 2, 0, 3], new Shape(rows, n * time));
    }

    internal static Tensor Answer(Tape tape, DenseLayer head, Tensor y, Tensor? statics = null, PathForecasts? path = null, int step = 0)
    {
        if (statics is not null) y = ConcatOperation.Apply(tape, y, Repeated(tape, statics, y.Shape[0]));
        var answer = head.Forward(tape, new Signal(y, null) { Time = y.Shape[0], Rows = y.Shape[1] }).Numbers;
        return path is { } forecasts ? AddToParametersOperation.Apply(tape, answer, SliceOperation.Apply(tape, forecasts.Values, step, answer.Shape[0]),
            default, forecasts.First, forecasts.Count) : answer;
    }

    private static Tensor Last(Tape tape, Decoder decoder, in Signal encoded)
    {
        var last = encoded.LastStates ?? PoolingOperation.Apply(tape, encoded.Numbers, SequencePooling.Last, encoded.Lengths, decoder.Output.Features);
        return PadOrTruncateOperation.Apply(tape, last, new Shape(1, last.Shape[0], last.Shape[1]));
    }

    // The decoder's input: the previous targets [count, rows, targets], concatenated with the other features.
    private static Tensor DecoderInput(Tape tape, in DecodingInput input, Tensor previous, int step, bool isRecursive)
    {
        var count = previous.Shape[0];
        var x = input.Future is { } future ? ConcatOperation.Apply(tape, previous, SliceOperation.Apply(tape, future, step, count)) : previous;
        return isRecursive || input.Statics is null ? x : ConcatOperation.Apply(tape, x, Repeated(tape, input.Statics, count));
    }

    private static Tensor Repeated(Tape tape, Tensor statics, int count)
    {
        var nothing = tape.Rent(new Shape(count, statics.Shape[0], statics.Shape[1]));
        nothing.Span.Clear();
        return BroadcastAddOperation.Apply(tape, nothing, statics);
    }

    // The target values before each of some steps, for teacher forcing.
    private static Tensor TeacherForced(Tape tape, in DecodingInput input, Tensor targetValues, int first, int count)
    {
        var length = targetValues.Shape[1] * targetValues.Shape[2];
        var y = tape.Rent(new Shape(count, targetValues.Shape[1], targetValues.Shape[2]));
        if (first == 0) LastTargets(tape, input.Window, input.Encoded.Lengths, targetValues.Shape[2]).Span.CopyTo(y.Span);
        var after = first == 0 ? 1 : 0;
        targetValues.Span.Slice((first + after - 1) * length, (count - after) * length).CopyTo(y.Span[(after * length)..]);
        return y;
    }

    // Differences of consecutive values [count, rows, targets]; the value before the first is [1, rows, targets].
    private static Tensor Differences(Tape tape, Tensor values, Tensor before)
    {
        var (y, length) = (tape.Rent(values.Shape), before.Length);
        for (var i = 0; i < y.Length; i++) y[i] = values[i] - (i < length ? before[i] : values[i - length]);
        return y;
    }

    // The values from which the last window steps are differenced: the step's value less the one a season before; 0 if there is none.
    private static Tensor Bases(Tape tape, in DecodingInput input, DecoderDescription description, int count)
    {
        var (window, targets, season) = (input.Window, description.Targets, description.SeasonLength);
        var (time, rows, features) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        var y = tape.Rent(new Shape(count, rows, targets));
        for (var i = 0; i < y.Length; i++)
        {
            var (row, j) = (i / targets % rows, i % targets);
            var step = (input.Encoded.Lengths is { } lengths ? lengths[row] : time) - count + i / (rows * targets);
            y[i] = step < season ? 0 : window[(step * rows + row) * features + j] - (season == 0 ? 0 : window[((step - season) * rows + row) * features + j]);
        }

        return y;
    }

    private static Tensor LastTargets(Tape tape, Tensor window, int[]? lengths, int targets, int back = 0)
    {
        var (time, rows, features) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        var last = tape.Rent(new Shape(1, rows, targets));
        for (var row = 0; row < rows; row++)
            window.Span.Slice((Math.Max(0, (lengths is null ? time : lengths[row]) - 1 - back) * rows + row) * features, targets)
                .CopyTo(last.Span[(row * targets)..]);
        return last;
    }

    // The window's values one or more seasons before a future step, from which its output is differenced.
    private static ReadOnlySpan<float> SeasonBefore(Tape tape, in DecodingInput input, DecoderDescription description, int step)
    {
        var season = description.SeasonLength;
        if (season == 0) return default;
        var (window, targets) = (input.Window, description.Targets);
        var (time, rows, features) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        var values = tape.Rent(new Shape(rows, targets));
        for (var row = 0; row < rows; row++)
        {
            var length = input.Encoded.Lengths is { } lengths ? lengths[row] : time;
            window.Span.Slice(((length - season + step % season) * rows + row) * features, targets).CopyTo(values.Span[(row * targets)..]);
        }

        return values.Span;
    }

    // The same for consecutive steps.
    private static ReadOnlySpan<float> SeasonsBefore(Tape tape, in DecodingInput input, DecoderDescription description, int first, int count)
    {
        if (description.SeasonLength == 0) return default;
        var length = input.Window.Shape[1] * description.Targets;
        var values = tape.Rent(new Shape(count, input.Window.Shape[1], description.Targets));
        for (var i = 0; i < count; i++) SeasonBefore(tape, input, description, first + i).CopyTo(values.Span[(i * length)..]);
        return values.Span;
    }

    // Training steps: each window step with a season before it, then the future. NaN for missing values, which are ignored. Counts are raw, other targets in
    // the window's space.
    private static LearnedSteps Learned(Tape tape, DecoderDescription description, in DecodingInput input, Tensor answers, Tensor targetValues)
    {
        var (targets, season, window) = (description.Targets, description.SeasonLength, input.Window);
        var (time, rows, features) = (window.Shape[0], window.Shape[1], window.Shape[2]);
        // An output that is a difference also needs a season before its own step.
        var differs = description.CumulatedCount > 0;
        var first = differs ? Math.Min(season, time - 1) : Math.Max(0, season - 1);
        var count = time - 1 - first;
        var goal = tape.Rent(new Shape(rows, (count + description.Steps) * targets));
        for (var step = 0; step < count + description.Steps; step++)
        {
            var before = step < count || season == 0 ? default : SeasonBefore(tape, input, description, step - count);
            for (var row = 0; row < rows; row++)
            {
                for (var j = 0; j < targets; j++)
                {
                    var to = (row * (count + description.Steps) + step) * targets + j;
                    var at = ((first + step + 1) * rows + row) * features + j;
                    if (description.Distribution is { IsInDataUnit: true })
                        goal[to] = step < count ? input.Raw[at] : input.RawTargetValues![row * description.Steps * targets + (step - count) * targets + j];
                    else if (step < count && (IsMissing(input, season, at) || differs && IsMissing(input, season, at - rows * features))) goal[to] = float.NaN;
                    else goal[to] = step < count
                        ? window[at] - (season == 0 ? 0 : window[at - season * rows * features])
                        : targetValues[((step - count) * rows + row) * targets + j] - (season == 0 ? 0 : before[row * targets + j]);
                }
            }
        }

        return new LearnedSteps(Arrange(tape, answers, targets, first), goal);
    }

    private static bool IsMissing(in DecodingInput input, int season, int at) =>
        float.IsNaN(input.Raw[at]) || season > 0 && float.IsNaN(input.Raw[at - season * input.Raw.Shape[1] * input.Raw.Shape[2]]);
}
