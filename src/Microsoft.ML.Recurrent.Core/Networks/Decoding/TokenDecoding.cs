using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// Autoregressive decoding of tokens. Where the targets are known, each step is fed the target before it (teacher forcing) or, with a probability less than 1,
/// sometimes the most likely token of the previous output (scheduled sampling, Bengio et al. 2015); no gradient flows through the choice of a token. The head
/// is then applied to all steps at once. Without teacher forcing each step is fed the most likely token.
/// </summary>
internal static class TokenDecoding
{
    /// <summary>The outputs [time, rows, vocabulary], with as many steps as the targets of the batch; without targets until every row has ended.</summary>
    public static Tensor Run(Tape tape, Decoder decoder, DenseLayer head, DecoderState state, SequenceBatch batch, float teacherForcing)
    {
        if (batch.Answers is not { } targets || teacherForcing <= 0) return FreeRunning(tape, decoder, head, state, batch);
        var (steps, rows) = (batch.AnswerTime, batch.Rows);
        var fed = tape.RentIntegers(steps * rows);
        fed.AsSpan(0, rows).Fill(decoder.Description.StartToken);
        // Steps after the end of a row have no loss; any token will do.
        for (var i = rows; i < steps * rows; i++) fed[i] = Math.Max(targets[i - rows], 0);
        if (teacherForcing >= 1 && decoder.TakesSteps) return Answer(tape, decoder, head, Step(tape, decoder, state, fed, 0, steps, rows));

        using var coins = teacherForcing < 1 ? RandomMasks.Bernoulli(new Shape(steps, rows), teacherForcing, tape.Seed, tape.NextStream()) : null;
        var parts = new Tensor[steps];
        for (var step = 0; step < steps; step++)
        {
            parts[step] = Step(tape, decoder, state, fed, step, 1, rows);
            if (coins is not null && step + 1 < steps)
                Sample(tape, decoder, head, parts[step], targets.AsSpan(step * rows, rows), coins.Span.Slice(step * rows, rows),
                    fed.AsSpan((step + 1) * rows, rows));
        }

        return Answer(tape, decoder, head, ConcatOperation.Apply(tape, 0, parts));
    }

    /// <summary>The most likely tokens of each row (greedy decoding), without the end token.</summary>
    public static int[][] Greedy(Network network, SequenceBatch batch)
    {
        using var tape = new Tape { Recording = false };
        return Array.ConvertAll(Greedy(network, tape, batch), text => text.Tokens);
    }

    /// <summary>The texts that greedy decoding writes, within the limits of the decoder; the targets of the batch are not read.</summary>
    /// <param name="network">The network.</param>
    /// <param name="tape">Holds what is computed; not reset.</param>
    /// <param name="batch">The sources.</param>
    /// <param name="keepsWeights">Whether the texts have the weights of the attention.</param>
    public static DecodedText[] Greedy(Network network, Tape tape, SequenceBatch batch, bool keepsWeights = false)
    {
        var (decoder, rows) = (network.Decoder!, batch.Rows);
        var (description, state) = (decoder.Description, network.ReadSources(tape, batch, keepsWeights));
        var excluded = new bool[description.Vocabulary];
        for (var token = 0; token < excluded.Length; token++) excluded[token] = description.IsExcluded(token);
        var texts = new GreedyText[rows];
        for (var row = 0; row < rows; row++) texts[row] = new(description, batch.Lengths is { } lengths ? lengths[row] : batch.Time);
        var tokens = tape.RentIntegers(rows);
        tokens.AsSpan(0, rows).Fill(description.StartToken);
        for (var step = 0; Array.Exists(texts, text => !text.HasEnded); step++)
        {
            var fed = tape.RentIntegers(rows);
            tokens.AsSpan(0, rows).CopyTo(fed);
            var logits = Answer(tape, decoder, network.HeadLayer, Step(tape, decoder, state, fed, 0, 1, rows));
            for (var row = 0; row < rows; row++)
            {
                var weights = state.Weights is { } all ? all.Span.Slice(row * all.Shape.Columns, state.Lengths?[row] ?? all.Shape.Columns) : default;
                tokens[row] = texts[row].Write(logits.Span.Slice(row * description.Vocabulary, description.Vocabulary), excluded, weights);
            }
        }

        return Array.ConvertAll(texts, text => text.Result);
    }

    // The outputs, with no target known.
    private static Tensor FreeRunning(Tape tape, Decoder decoder, DenseLayer head, DecoderState state, SequenceBatch batch)
    {
        var (description, rows) = (decoder.Description, batch.Rows);
        var steps = batch.AnswerTime > 0 ? batch.AnswerTime : description.Steps;
        var parts = new List<Tensor>(steps);
        var ended = batch.AnswerTime > 0 ? null : new bool[rows];
        var fed = tape.RentIntegers(rows);
        fed.AsSpan(0, rows).Fill(description.StartToken);
        while (parts.Count < steps && ended?.All(row => row) != true)
        {
            var answer = Answer(tape, decoder, head, Step(tape, decoder, state, fed, 0, 1, rows));
            parts.Add(answer);
            fed = tape.RentIntegers(rows);
            for (var row = 0; row < rows; row++)
            {
                fed[row] = TensorPrimitives.IndexOfMax<float>(answer.Span.Slice(row * description.Vocabulary, description.Vocabulary));
                if (ended is not null) ended[row] |= fed[row] == description.EndToken;
            }
        }

        return ConcatOperation.Apply(tape, 0, CollectionsMarshal.AsSpan(parts));
    }

    // Feeds the most likely token of the previous output to the rows whose coin is 0; the end of a text is a token like others.
    private static void Sample(Tape tape, Decoder decoder, DenseLayer head, Tensor output, ReadOnlySpan<int> targets, ReadOnlySpan<float> coins, Span<int> fed)
    {
        var (rows, features) = (new List<int>(fed.Length), output.Shape.Columns);
        for (var row = 0; row < fed.Length; row++)
            if (coins[row] == 0 && targets[row] >= 0) rows.Add(row);
        if (rows.Count == 0) return;
        var chosen = tape.Rent(new Shape(1, rows.Count, features));
        for (var i = 0; i < rows.Count; i++) output.Span.Slice(rows[i] * features, features).CopyTo(chosen.Span[(i * features)..]);
        var recording = tape.Recording;
        tape.Recording = false;
        var answer = Answer(tape, decoder, head, chosen);
        tape.Recording = recording;
        var vocabulary = answer.Shape.Columns;
        for (var i = 0; i < rows.Count; i++) fed[rows[i]] = TensorPrimitives.IndexOfMax<float>(answer.Span.Slice(i * vocabulary, vocabulary));
    }

    private static Tensor Answer(Tape tape, Decoder decoder, DenseLayer head, Tensor outputs) =>
        Autoregression.Answer(tape, head, decoder.Project(tape, outputs));

    // Some steps from the tokens that are fed to them.
    private static Tensor Step(Tape tape, Decoder decoder, DecoderState state, int[] fed, int first, int steps, int rows)
    {
        var tokens = fed;
        if (first > 0)
        {
            tokens = tape.RentIntegers(steps * rows);
            fed.AsSpan(first * rows, steps * rows).CopyTo(tokens);
        }

        return decoder.Step(tape, new Signal(null, null) { Tokens = tokens, Time = steps, Rows = rows }, state);
    }
}
