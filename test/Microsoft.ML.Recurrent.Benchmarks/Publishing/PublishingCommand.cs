using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks.Publishing;

/// <summary>What the user asks of <c>-- publishing</c>.</summary>
internal sealed record PublishingOptions(int Runs, string? Docs);

/// <summary>
/// <c>-- publishing [--runs N] [--docs PAGE]</c>: packs Microsoft.ML.Recurrent, publishes the smallest program that scores a model in every way that
/// docs/deploying.md tells, and measures size, time to the first answer and memory. All programs take turns.
/// </summary>
internal static class PublishingCommand
{
    public const string Section = "publishing";

    public static int Run(PublishingOptions options)
    {
        var work = Directory.CreateTempSubdirectory("recurrent-publishing-").FullName;
        try
        {
            string zip = Path.Combine(work, "walk.zip"), onnx = Path.Combine(work, "walk.onnx");
            WriteModel(zip, onnx);
            var publisher = new Publisher(work);
            PublishedProgram[] programs = [.. PublishingMode.All.Select(mode => publisher.Publish(mode, mode.Program.NeedsPackage ? zip : onnx))];
            Measure(programs, options.Runs);
            var table = string.Create(CultureInfo.InvariantCulture, $"""
                {Environment.ProcessorCount} processors ({RuntimeInformation.ProcessArchitecture}), .NET {Environment.Version}; median of {options.Runs} runs.

                {Table(programs)}
                """);
            Console.WriteLine(table);
            if (options.Docs is not null) MarkedSection.Replace(options.Docs, Section, table);
            return 0;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static void Measure(PublishedProgram[] programs, int runs)
    {
        var expected = programs[0].Run(count: false);
        for (var run = 0; run <= runs; run++)
        {
            foreach (var program in programs)
            {
                var answer = program.Run(count: run > 0);
                if (!(MathF.Abs(answer - expected) <= 1e-6f)) throw new InvalidOperationException($"'{program.Mode.Name}' answers {answer}, not {expected}.");
            }
        }
    }

    private static string Table(PublishedProgram[] programs) => MarkedSection.Table(
        ["published as", "files", "MB", "ms to the first answer", "peak memory, MiB"],
        programs.Select(program => (IReadOnlyList<string>)
            [program.Mode.Name, Number(program.Files.Count), Number(program.Megabytes), Number(program.Milliseconds), Number(program.PeakMiB)]));

    private static string Number(double value) => value.ToString("F0", CultureInfo.InvariantCulture);

    private static void WriteModel(string zip, string onnx)
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(1);
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(_ => Walk.Draw(random)).ToArray());
        var model = mlContext.Regression.Trainers.Gru("Sum", "Steps", hiddenSize: 16, maximumNumberOfEpochs: 20).Fit(data);
        mlContext.Model.Save(model, data.Schema, zip);
        model.Model.ExportToOnnx(onnx);
    }

    private sealed class Walk
    {
        [VectorType(10, 1)]
        public float[] Steps { get; set; } = [];

        public float Sum { get; set; }

        public static Walk Draw(Random random)
        {
            float[] steps = [.. Enumerable.Range(0, 10).Select(_ => random.NextSingle() - 0.5f)];
            return new() { Steps = steps, Sum = steps.Sum() };
        }
    }
}
