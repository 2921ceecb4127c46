using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// Autoregressive decoding of tokens: each step is fed the most likely token of the previous output or, in training, the target token with the probability of
/// teacher forcing. No gradient flows through the choice of a token (Bengio et al. 2015).
/// </summary>
internal static class TokenDecoding
{
    /// <summary>The outputs [time, rows, vocabulary], with as many steps as the targets of the batch; without targets until every row has ended.</summary>
    public static Tensor Run(Tape tape, Decoder decoder, DenseLayer head, in Signal encoded, TapeStates states, SequenceBatch batch, float teacherForcing)
    {
        var (description, rows, state) = (decoder.Description, batch.Rows, decoder.Begin(tape, states, encoded));
        var steps = batch.AnswerTime > 0 ? batch.AnswerTime : description.Steps;
        var targets = tape.Training && teacherForcing > 0 ? batch.Answers : null;
        var fed = tape.RentIntegers(steps * rows);
        fed.AsSpan(0, rows).Fill(description.StartToken);
        if (targets is not null && teacherForcing >= 1 && decoder.TakesSteps)
        {
            // Steps after the end of a row are not trained; any token will do.
            for (var i = rows; i < steps * rows; i++) fed[i] = Math.Max(targets[i - rows], 0);
            return Autoregression.Answer(tape, head, decoder.Step(tape, new Signal(null, null) { Tokens = fed, Time = steps, Rows = rows }, state));
        }

        using var coins = targets is not null && teacherForcing < 1
            ? RandomMasks.Bernoulli(new Shape(steps, rows), teacherForcing, tape.Seed, tape.NextStream())
            : null;
        var parts = new List<Tensor>(steps);
        var ended = batch.AnswerTime > 0 ? null : new bool[rows];
        for (var step = 0; step < steps; step++)
        {
            var tokens = tape.RentIntegers(rows);
            fed.AsSpan(step * rows, rows).CopyTo(tokens);
            var answer = Autoregression.Answer(tape, head, decoder.Step(tape, new Signal(null, null) { Tokens = tokens, Time = 1, Rows = rows }, state));
            parts.Add(answer);
            var going = false;
            for (var row = 0; row < rows; row++)
            {
                var token = targets is not null && (coins is null || coins[step * rows + row] > 0) && targets[step * rows + row] >= 0
                    ? targets[step * rows + row]
                    : TensorPrimitives.IndexOfMax<float>(answer.Span.Slice(row * description.Vocabulary, description.Vocabulary));
                if (step + 1 < steps) fed[(step + 1) * rows + row] = token;
                if (ended is not null) going |= !(ended[row] |= token == description.EndToken);
            }

            if (ended is not null && !going) break;
        }

        return ConcatOperation.Apply(tape, 0, CollectionsMarshal.AsSpan(parts));
    }

    /// <summary>The most likely tokens of each row (greedy decoding), without the end token.</summary>
    public static int[][] Greedy(Network network, SequenceBatch batch)
    {
        using var tape = new Tape { Recording = false };
        var (values, vocabulary) = (network.Forward(tape, batch).Values, network.Description.Outputs);
        return [.. Enumerable.Range(0, batch.Rows).Select(row => Enumerable.Range(0, values.Shape[0])
            .Select(step => TensorPrimitives.IndexOfMax<float>(values.Span.Slice((step * batch.Rows + row) * vocabulary, vocabulary)))
            .TakeWhile(token => token != network.Description.Decoder!.EndToken).ToArray())];
    }
}
