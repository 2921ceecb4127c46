using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Losses;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- vocabulary</c>.</summary>
internal sealed record VocabularyBenchmarkOptions(int Words, int Hidden, int Steps, int Epochs, int Threads, string? Docs);

/// <summary>
/// <c>-- vocabulary [--words 100000] [--docs PAGE]</c>: the training step of a language model of many words (one LSTM, 20 streams of 35 steps,
/// gradient descent) with a full, a sampled and an adaptive softmax, each in a process of its own: milliseconds, and memory. Words come as by the law of Zipf
/// and Mandelbrot.
/// </summary>
internal static class VocabularyCommand
{
    private const string Section = "vocabulary";
    private const int Streams = 20, StepsPerBatch = 35, Samples = 1000;
    private const double Offset = 2.7;

    private static readonly string[] s_forms = ["full", "sampled", "adaptive"];

    public static int Run(VocabularyBenchmarkOptions options)
    {
        double[][] figures = [.. s_forms.Select(form => Measure(options, form))];
        var table = MarkedSection.Table(["softmax", "a training step, ms", "full / this", "peak memory, MiB", "weights, MiB"],
            s_forms.Zip(figures, (form, own) => (IReadOnlyList<string>)
                [form, Text(own[0], "F0"), Text(figures[0][0] / own[0], "F1"), Text(own[1], "N0"), Text(own[2], "N0")]));
        Console.WriteLine(table);
        if (options.Docs is not null) MarkedSection.Replace(options.Docs, Section, table);
        return 0;
    }

    /// <summary>One of the three, in this process; the last line has its figures.</summary>
    public static int RunPart(string form, VocabularyBenchmarkOptions options)
    {
        var context = new MLContext(1);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Tokens)].ColumnType = new VectorDataViewType(new KeyDataViewType(typeof(uint), options.Words));
        var data = context.Data.LoadFromEnumerable([new Row { Tokens = Draw(options) }], schema);
        // Of a long text, not of the few batches that are measured.
        var counts = Enumerable.Range(0, options.Words).Select(rank => (long)(1e12 / (rank + Offset))).ToArray();
        var estimator = context.Transforms.Text.LanguageModelByRecurrentNetwork(new()
        {
            Network = { HiddenSize = options.Hidden },
            Vocabulary =
            {
                EndOfSentence = null, AdaptiveSoftmax = form == "adaptive", SampledTokens = form == "sampled" ? Samples : null,
                Cutoffs = form == "adaptive" ? AdaptiveCutoffs.Choose(counts, options.Hidden, 4) : null,
            },
            Batches = { StepsPerBatch = StepsPerBatch },
            Optimizer = { BatchSize = Streams, Kind = OptimizerKind.Sgd, LearningRate = 0.1f },
            Stopping = { MaximumNumberOfEpochs = options.Epochs, ValidationFraction = 0 },
            Seed = 1,
            NumberOfThreads = options.Threads,
        });
        using var model = estimator.Fit(data);
        var milliseconds = 1000 * Streams / model.Model.History.Epochs.Max(epoch => epoch.SequencesPerSecond!.Value);
        using var process = Process.GetCurrentProcess();
        using var network = model.Model.ToNetwork();
        var weights = 4 * network.Parameters.Sum(parameter => (double)parameter.Shape.Length);
        if (network.Description.AdaptiveSoftmax is { } softmax) Console.WriteLine($"cutoffs {string.Join(", ", softmax.Cutoffs)}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{milliseconds} {process.PeakWorkingSet64 / 1048576.0} {weights / 1048576}"));
        return 0;
    }

    private static double[] Measure(VocabularyBenchmarkOptions options, string form)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(VocabularyCommand).Assembly.Location);
        string[] arguments = ["vocabulary", "--part", form, "--words", Plain(options.Words), "--hidden", Plain(options.Hidden), "--steps", Plain(options.Steps),
            "--epochs", Plain(options.Epochs), "--threads", Plain(options.Threads)];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"The {form} softmax ended with code {process.ExitCode}:\n{output}");
        Console.WriteLine($"{form}: {output}");
        return [.. output.Split('\n')[^1].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
    }

    private static uint[] Draw(VocabularyBenchmarkOptions options)
    {
        var sums = new double[options.Words];
        var sum = 0.0;
        for (var rank = 0; rank < sums.Length; rank++) sums[rank] = sum += 1 / (rank + Offset);
        var random = new Random(1);
        return [.. Enumerable.Range(0, Streams * StepsPerBatch * options.Steps + 1).Select(_ =>
        {
            var place = Array.BinarySearch(sums, random.NextDouble() * sum);
            return (uint)Math.Min(options.Words - 1, place < 0 ? ~place : place) + 1;
        })];
    }

    private static string Plain(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Row
    {
        public uint[] Tokens { get; set; } = [];
    }
}
