using System.Diagnostics;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- ptb</c>.</summary>
internal sealed record PennTreebankOptions(string Folder, int Epochs, int Seed, int Threads, string? Log, string? Report);

/// <summary>
/// <c>-- ptb</c>: the small model of Zaremba et al. 2014 ("Recurrent neural network regularization") on the Penn Treebank: two LSTM layers of 200, no dropout,
/// batch 20, 20 steps, weights U(-0.1, 0.1), gradient descent at 1.0, halved from the fifth epoch on, clipping to 5, carried state, loss summed over the steps.
/// </summary>
internal static class PennTreebankCommand
{
    private const int LastFullRateEpoch = 4;

    public static int Run(PennTreebankOptions options)
    {
        var folder = options.Folder;
        if (!File.Exists(Path.Combine(folder, "ptb.train.txt")))
        {
            Console.Error.WriteLine($"--data {folder}: there is no ptb.train.txt.");
            return 1;
        }
        Workers.Threads = options.Threads;
        var lines = new List<string>();
        void Say(string line)
        {
            lines.Add(line);
            Console.WriteLine(line);
            if (options.Log is not null)
                File.WriteAllLines(options.Log, lines);
        }
        var c = Configuration.All.Single(configuration => configuration.IsLanguageModel);
        var vocabulary = new Dictionary<string, int>();
        int[] train = Read(folder, "ptb.train.txt", vocabulary), valid = Read(folder, "ptb.valid.txt", vocabulary),
            test = Read(folder, "ptb.test.txt", vocabulary);
        Say($"{vocabulary.Count} words; {train.Length} to train, {valid.Length} to validate, {test.Length} to test; {options.Threads} thread(s), "
            + $"path {CpuKernels.Current.Name}, seed {options.Seed}");
        // The loss is summed over the steps and averaged over the batch.
        using var step = new LanguageModelStep(c, options.Seed) { LossScale = c.Time };
        int columns = train.Length / c.Batch, steps = (columns - 1) / c.Time;
        for (var epoch = 1; epoch <= options.Epochs; epoch++)
        {
            step.LearningRate = MathF.Pow(0.5f, Math.Max(0, epoch - LastFullRateEpoch));
            step.ForgetState();
            var clock = Stopwatch.StartNew();
            double sum = 0;
            for (var s = 0; s < steps; s++)
            {
                for (var t = 0; t < c.Time; t++)
                    for (var b = 0; b < c.Batch; b++)
                    {
                        var word = (b * columns) + (s * c.Time) + t;
                        step.Tokens[(t * c.Batch) + b] = train[word];
                        step.Labels[(t * c.Batch) + b] = train[word + 1];
                    }
                sum += step.Run();
            }
            var seconds = clock.Elapsed.TotalSeconds;
            Say(
                $"epoch {epoch,2}  rate {step.LearningRate,-9:G4} train {Math.Exp(sum / steps),7:F2}  "
                    + $"valid {step.Perplexity(valid),7:F2}  {steps * c.Time * c.Batch / seconds,6:F0} words/s  {seconds,5:F0} s");
        }
        Say($"test {step.Perplexity(test):F2}");
        if (options.Report is not null)
            MarkedSection.Replace(options.Report, "ptb", string.Concat(lines.Select(line => "    " + line + "\n")));
        return 0;
    }

    private static int[] Read(string folder, string file, Dictionary<string, int> vocabulary)
    {
        var words = new List<int>();
        foreach (var line in File.ReadLines(Path.Combine(folder, file)))
            foreach (var word in (string[])[.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries), "<eos>"])
            {
                if (!vocabulary.TryGetValue(word, out var id))
                    vocabulary.Add(word, id = vocabulary.Count);
                words.Add(id);
            }
        return [.. words];
    }
}
