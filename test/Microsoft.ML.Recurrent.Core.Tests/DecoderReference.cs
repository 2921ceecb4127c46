using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>An encoder and a decoder of recurrent layers in double precision, step by step from the description and the weights by name.</summary>
internal sealed class DecoderReference
{
    public required NetworkDescription Description { get; init; }
    public required IReadOnlyDictionary<string, double[]> Weights { get; init; }
    public required int Rows { get; init; }

    /// <summary>[time, rows, features]; not standardized or normalized, except that the last values are subtracted if the network is fed differences.</summary>
    public required double[] Window { get; set; }

    public int[]? Lengths { get; init; }
    public double[]? Statics { get; init; }

    /// <summary>[steps, rows, k].</summary>
    public double[]? Future { get; init; }

    /// <summary>[steps, rows, targets] and which of them are fed, [steps, rows]; null for free running.</summary>
    public double[]? Truth { get; set; }

    public float[]? Taught { get; init; }

    private DecoderDescription Decoder => Description.Decoder!;

    private int Time => Window.Length / (Rows * Description.Features);

    /// <summary>The outputs [rows, parameters x steps x targets] and, if trained, those of the window before them.</summary>
    public double[][] Run()
    {
        if (Decoder.FeedsDifferences) TakeLevels();
        var (encoded, states) = Encode();
        var before = Targets(Rows, row => Math.Max(0, (Lengths?[row] ?? Time) - (Decoder.IsRecursive ? 1 : 2)));
        var answers = new List<double[]>();
        double[] previous = Targets(Rows, row => (Lengths?[row] ?? Time) - 1),
            attended = new double[Rows * SizeOf(Decoder.IsRecursive ? Description.Layers[^1] : Decoder.Layers[^1])];
        var window = new List<double[]>();
        if (Decoder.IsRecursive)
        {
            var size = encoded.Length / (Time * Rows);
            for (var t = 0; t < Time; t++)
                window.Add(Cumulated(Answer(encoded.AsSpan(t * Rows * size, Rows * size).ToArray()), row => t, seasonal: t >= Decoder.SeasonLength));
            answers.Add([.. Enumerable.Range(0, Rows).SelectMany(row =>
            {
                var all = window[(Lengths?[row] ?? Time) - 1];
                return all.AsSpan(row * all.Length / Rows, all.Length / Rows).ToArray();
            })]);
        }

        while (answers.Count < Decoder.Steps)
        {
            var step = answers.Count;
            if (step > 0) previous = Feedback(answers[^1], step - 1);
            var x = previous;
            if (Decoder.FeedsDifferences) (x, before) = ([.. previous.Zip(before, (value, last) => value - last)], previous);
            if (Future is not null) x = References.Concat(x, Part(Future, step), Rows);
            if (Statics is not null && !Decoder.IsRecursive) x = References.Concat(x, Statics, Rows);
            if (Decoder.InputFeeding) x = References.Concat(x, attended, Rows);
            foreach (var layer in (Decoder.IsRecursive ? Description.Layers : Decoder.Layers).Cast<RecurrentDescription>())
            {
                var (h, c) = states[layer.Name];
                var (y, nextH, nextC) = Recur(layer, "", x, h, c, null);
                (states[layer.Name], x) = ((nextH, nextC), y);
            }

            attended = x = Decoder.Attention is { } form ? Attend(form, x, encoded) : x;
            answers.Add(Cumulated(Answer(x, step), previous, step - 1));
        }

        var first = Decoder.CumulatedCount > 0 ? Math.Min(Decoder.SeasonLength, Time - 1) : Math.Max(0, Decoder.SeasonLength - 1);
        return Decoder.LearnsWindow ? [Arranged(answers), Arranged([.. window.Skip(first).SkipLast(1), .. answers])] : [Arranged(answers)];
    }

    private (double[] Encoded, Dictionary<string, (double[] H, double[] C)> States) Encode()
    {
        var states = new Dictionary<string, (double[], double[])>();
        var ends = new List<(RecurrentDescription Layer, double[] H, double[] C)>();
        var x = Decoder.IsRecursive && Future is not null ? Moved(Seen()) : Seen();
        foreach (var layer in Description.Layers.Cast<RecurrentDescription>())
        {
            var (y, h, c) = Recur(layer, "", x, null, null, Lengths);
            if (layer.Bidirectional)
            {
                var reverse = Recur(layer, "_reverse", x, null, null, Lengths);
                y = References.Concat(y, reverse.Y, Time * Rows);
                (h, c) = (References.Concat(h, reverse.H, Rows), References.Concat(c, reverse.C, Rows));
            }

            (x, states[layer.Name]) = (y, (h, c));
            ends.Add((layer, h, c));
        }

        for (var i = 0; i < Decoder.Layers.Length; i++)
        {
            var to = (RecurrentDescription)Decoder.Layers[i];
            var (from, h, c) = ends[Math.Max(0, ends.Count - Decoder.Layers.Length + i)];
            var source = ReferenceCell.Create(from.Cell).HasMemory ? c : h;
            states[to.Name] = !Weights.ContainsKey($"{to.Name}_bridge_h.weight") ? (h, c)
                : ([.. Linear($"{to.Name}_bridge_h", h).Select(Math.Tanh)], ReferenceCell.Create(to.Cell).HasMemory
                    ? Linear($"{to.Name}_bridge_c", source)
                    : []);
        }

        return (x, states);
    }

    // The last values of every row, from the window and the targets.
    private void TakeLevels()
    {
        var (n, m) = (Description.Features, Decoder.Targets);
        var levels = Enumerable.Range(0, Rows * n)
            .Select(i => i % n >= n - Description.UnscaledFeatures ? 0 : Window[((Lengths?[i / n] ?? Time) - 1) * Rows * n + i]).ToArray();
        Window = [.. Window.Select((value, i) => i / (Rows * n) < (Lengths?[i / n % Rows] ?? Time) ? value - levels[i % (Rows * n)] : 0)];
        Truth = Truth?.Select((value, i) => value - levels[i / m % Rows * n + i % m]).ToArray();
    }

    // The encoder's input.
    private double[] Seen() => !Decoder.FeedsDifferences
        ? Window
        : [.. Window.Select((value, i) => i % Description.Features >= Description.Features - Description.UnscaledFeatures ? value
        : i < Rows * Description.Features ? 0 : value - Window[i - Rows * Description.Features])];

    // An output after the step of the window, as a value less the one a season before.
    private double[] Cumulated(double[] answer, Func<int, int> step, bool seasonal)
    {
        if (Decoder.CumulatedCount == 0) return answer;
        var season = Decoder.SeasonLength;
        var bases = season == 0 ? Targets(Rows, step) : seasonal
            ? [.. Targets(Rows, step).Zip(Targets(Rows, row => step(row) - season), (value, before) => value - before)]
            : new double[Rows * Decoder.Targets];
        return Added(answer, bases);
    }

    // The same for a future step, whose previous values are known.
    private double[] Cumulated(double[] answer, double[] previous, int step)
    {
        if (Decoder.CumulatedCount == 0) return answer;
        var season = Decoder.SeasonLength;
        return Added(answer, season == 0
            ? previous
            : [.. previous.Zip(Targets(Rows, row => (Lengths?[row] ?? Time) - season + step % season), (value, before) => value - before)]);
    }

    private double[] Added(double[] answer, double[] bases)
    {
        var (m, n) = (Decoder.Targets, answer.Length / Rows);
        return [.. answer.Select((value, i) => i % n / m >= Decoder.CumulatedFirst && i % n / m < Decoder.CumulatedFirst + Decoder.CumulatedCount
            ? value + bases[i / n * m + i % m]
            : value)];
    }

    // The future features, one step earlier.
    private double[] Moved(double[] seen)
    {
        var (n, k, moved) = (Description.Features, Description.Features - Decoder.Targets, seen.ToArray());
        for (var row = 0; row < Rows; row++)
        {
            var length = Lengths?[row] ?? Time;
            for (var t = 0; t < length; t++)
            {
                for (var j = 0; j < k; j++)
                    moved[(t * Rows + row) * n + n - k + j] = t + 1 < length ? Window[((t + 1) * Rows + row) * n + n - k + j] : Future![row * k + j];
            }
        }

        return moved;
    }

    private double[] Feedback(double[] answer, int step)
    {
        var (m, n) = (Decoder.Targets, answer.Length / Rows);
        return [.. Enumerable.Range(0, Rows * m).Select(i =>
        {
            if (Truth is not null && (Taught is null || Taught[step * Rows + i / m] > 0)) return Truth[step * Rows * m + i];
            var own = answer[i / m * n + Decoder.Location * m + i % m];
            if (Decoder.Distribution is { IsInDataUnit: true })
                return (1 + Math.Max(0, Enumerable.Range(0, Lengths?[i / m] ?? Time).Average(t => Window[(t * Rows + i / m) * Description.Features + i % m])))
                    * Math.Log(1 + Math.Exp(own));
            var season = Decoder.SeasonLength;
            return season == 0 ? own : own + Targets(Rows, row => (Lengths?[row] ?? Time) - season + step % season)[i];
        })];
    }

    private double[] Attend(AttentionForm form, double[] query, double[] states)
    {
        const string name = "decoder_attention";
        var m = states.Length / (Time * Rows);
        double[] context;
        if (form == AttentionForm.Additive)
        {
            var units = Weights[$"{name}.score"].Length;
            var sum = LayerReferences.BroadcastAdd(References.Linear(states, Weights[$"{name}.weight_key"], new double[units]),
                References.Linear(query, Weights[$"{name}.weight_query"], new double[units]));
            context = LayerReferences.AttentionPool(References.Linear([.. sum.Select(Math.Tanh)], Weights[$"{name}.score"], [0]), states, Rows, Lengths);
        }
        else
        {
            var asked = form == AttentionForm.General ? References.Linear(query, Weights[$"{name}.weight"], new double[m]) : query;
            context = LayerReferences.DotAttention(asked, states, states, Rows, 1, m, m, 1, false, Lengths);
        }

        return [.. Linear("decoder_combine", References.Concat(query, context, Rows)).Select(Math.Tanh)];
    }

    private double[] Answer(double[] y, int step = 0)
    {
        var answer = Linear("head", Statics is not null && Decoder.IsRecursive ? References.Concat(y, Statics, Rows) : y);
        if (Description.LinearSkip is not { } path) return answer;
        var (m, n, weight) = (Decoder.Targets, answer.Length / Rows, Weights[LinearSkip.WeightName].AsSpan(step * Time, Time).ToArray());
        for (var i = 0; i < answer.Length; i++)
        {
            var (row, parameter, target) = (i / n, i % n / m, i % m);
            if (parameter < path.First || parameter >= path.First + path.Count) continue;
            answer[i] += Weights[LinearSkip.BiasName][step]
                + Enumerable.Range(0, Time).Sum(t => weight[t] * Window[(t * Rows + row) * Description.Features + target]);
        }

        return answer;
    }

    private double[] Linear(string name, double[] x) => References.Linear(x, Weights[$"{name}.weight"], Weights[$"{name}.bias"]);

    private (double[] Y, double[] H, double[] C) Recur(RecurrentDescription layer, string suffix, double[] x, double[]? h, double[]? c, int[]? lengths)
    {
        return References.Recurrent(
            ReferenceCell.Create(layer.Cell), Rows, layer.HiddenSize, x, Of("weight_ih"), Of("weight_hh"), Of("bias_ih"), Of("bias_hh"), h,
            c is { Length: > 0 } ? c : null, lengths, suffix.Length > 0, Weights.GetValueOrDefault($"{layer.Name}.weight_peephole{suffix}"));

        double[] Of(string part) => Weights[$"{layer.Name}.{part}{suffix}"];
    }

    private double[] Targets(int rows, Func<int, int> step) =>
        [.. Enumerable.Range(0, rows * Decoder.Targets)
            .Select(i => Window[(step(i / Decoder.Targets) * rows + i / Decoder.Targets) * Description.Features + i % Decoder.Targets])];

    private double[] Part(double[] steps, int step) => steps.AsSpan(step * steps.Length / Decoder.Steps, steps.Length / Decoder.Steps).ToArray();

    private double[] Arranged(List<double[]> answers)
    {
        var (m, n) = (Decoder.Targets, answers[0].Length / Rows);
        return [.. from row in Enumerable.Range(0, Rows) from parameter in Enumerable.Range(0, n / m) from answer in answers from j in Enumerable.Range(0, m)
            select answer[row * n + parameter * m + j]];
    }

    private static int SizeOf(LayerDescription layer) => ((RecurrentDescription)layer).OutputSize;
}
