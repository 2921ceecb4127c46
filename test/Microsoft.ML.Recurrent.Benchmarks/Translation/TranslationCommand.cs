using System.Globalization;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Benchmarks.Translation;

/// <summary>
/// <c>-- translation</c>: English to French on short sentences of Tatoeba, by one recipe in this library and in PyTorch, seed by seed in turn: seconds of
/// training, BLEU of the test part and sentences a second.
/// </summary>
internal static class TranslationCommand
{
    private const int Product = 2048;

    public static int Run(TranslationOptions options)
    {
        if (SentencePairs.Parts.FirstOrDefault(part => !File.Exists(Path.Combine(options.Data, part + ".tsv"))) is { } missing)
        {
            Console.Error.WriteLine($"--data {options.Data}: there is no {missing}.tsv.");
            return 1;
        }
        Workers.Threads = options.Threads;
        var (mlContext, pairs) = (new MLContext(1), new SentencePairs(options.Data));
        if (options.IsProfiled)
        {
            TranslationRecipe.Profile(pairs, options);
            return 0;
        }
        using (Tensors.Tensor a = Tensors.Tensor.Zeros(new(Product, Product)), b = a.Clone(), c = a.Clone())
        {
            var blas = OpenBlas.Gemm(Product, options.Threads, a, b, c) is { } speed ? $", OpenBLAS {speed:F0}" : "";
            Console.WriteLine($"{options.Threads} threads; matrix product {Product} x {Product}: ours {KernelsCommand.Gemm(Product):F0} GFLOP/s{blas}");
        }
        Console.WriteLine($"nearest training sentence: BLEU {ScoredSentence.Bleu(mlContext, pairs.References, pairs.NearestTranslations()):F1}");
        var (ours, peers) = (new List<TranslationResult>(), new List<TranslationResult>());
        foreach (var seed in options.Seeds)
        {
            if (options.Side is not TranslationSide.PyTorch) ours.Add(Tell(TranslationRecipe.Run(pairs, options, seed)));
            if (options.Side is not TranslationSide.Ours && PyTorchTranslation.Run(mlContext, pairs, options, seed) is { } peer) peers.Add(Tell(peer));
        }
        var table = Table(ours, peers);
        Console.WriteLine(table);
        if (options.Docs is not null) MarkedSection.Replace(options.Docs, "translation", table);
        return 0;
    }

    private static TranslationResult Tell(TranslationResult result)
    {
        var losses = string.Join(" / ", result.ValidationLosses.Select(loss => loss.ToString("F2", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Name}, seed {result.Seed}: {result.TrainingSeconds:F1} s, validation {losses}, "
            + $"greedy {result.Greedy:F1} ({result.GreedySpeed:F0}/s), beam {result.Beam:F1} ({result.BeamSpeed:F0}/s), peak {result.PeakMiB:F0} MiB"));
        return result;
    }

    private static string Table(List<TranslationResult> ours, List<TranslationResult> peers)
    {
        List<List<TranslationResult>> sides = [.. new[] { ours, peers }.Where(side => side.Count > 0)];
        var ratios = sides.Count == 2;
        string[] Row(string label, Func<TranslationResult, double> value, string form, bool hasRatio) =>
        [
            label, .. sides.Select(side => Summary([.. side.Select(value)], form)),
            .. ratios ? [hasRatio ? (ours.Average(value) / peers.Average(value)).ToString("F2", CultureInfo.InvariantCulture) : ""] : Array.Empty<string>(),
        ];
        return MarkedSection.Table(["", .. sides.Select(side => side[0].Name), .. ratios ? ["ratio"] : Array.Empty<string>()],
        [
            Row("training, s", result => result.TrainingSeconds, "F0", true),
            Row("validation, nats a token", result => result.ValidationLosses[^1], "F3", false),
            Row("BLEU, greedy", result => result.Greedy, "F1", false),
            Row("BLEU, beam 5", result => result.Beam, "F1", false),
            Row("sentences a second, greedy", result => result.GreedySpeed, "F0", true),
            Row("sentences a second, beam 5", result => result.BeamSpeed, "F0", true),
            Row("peak memory, MiB", result => result.PeakMiB, "F0", true),
        ]);
    }

    // The mean, and the range of several seeds.
    private static string Summary(double[] values, string form)
    {
        string Text(double value) => value.ToString(form, CultureInfo.InvariantCulture);
        return values.Length == 1 ? Text(values[0]) : $"{Text(values.Average())} [{Text(values.Min())}..{Text(values.Max())}]";
    }
}
