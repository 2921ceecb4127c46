using System.Globalization;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- shakespeare</c>.</summary>
internal sealed record ShakespeareOptions(string File, int Steps, int Every, float Dropout, int Seed, int Threads);

/// <summary>
/// <c>-- shakespeare</c>: bits a character of the last 5% of tiny_shakespeare while a language model learns the rest: two LSTM layers of 256, an embedding of
/// 64, 64 streams, 64 steps, Adam at 0.002, gradients clipped to 5, as docs/samples/shakespeare_characters.cs, measured every 250 steps.
/// </summary>
internal static class ShakespeareCommand
{
    private const int Streams = 64, StepsPerBatch = 64, EmbeddingSize = 64;

    public static int Run(ShakespeareOptions options)
    {
        if (!File.Exists(options.File))
        {
            Console.Error.WriteLine($"--file {options.File}: there is no such file.");
            return 1;
        }
        var (context, text) = (new MLContext(options.Seed), File.ReadAllText(options.File));
        var cut = (int)(text.Length * 0.95);
        var (train, held) = (Characters(context, text[..cut]), Characters(context, text[cut..]));
        var mapping = context.Transforms.Conversion.MapValueToKey(nameof(Row.Tokens)).Fit(train);
        var column = TokenColumn.Resolve(mapping.Transform(train).Schema, nameof(Row.Tokens));
        var model = new RecurrentLanguageModelEstimator.Options
        {
            Network = { HiddenSize = 256, NumberOfLayers = 2, Regularization = { DropoutRate = options.Dropout } },
            Optimizer = { LearningRate = 2e-3f, Gradients = { ClipNorm = 5 } },
            Stopping = { MaximumNumberOfEpochs = options.Steps / options.Every, Patience = int.MaxValue },
            NumberOfThreads = options.Threads,
        };
        var seed = (ulong)options.Seed;
        using var network = new Network(new()
        {
            Features = 0, Vocabulary = column.Vocabulary, Outputs = column.Vocabulary, PerStep = true,
            Layers = NetworkBuilder.StepLayers(model.Network, EmbeddingSize),
        }, seed);
        model.Initialize(network, seed);
        using var head = new LanguageModelHead(column.Vocabulary, new(null, null, true, false, false, false));
        var part = new Part(Source(train), options.Every);
        var history = new TrainingLoop(network, head, model.Settings(seed)).Run(part, Source(held), new Printer(options.Every));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"best {history.Epochs.Min(epoch => epoch.ValidationLoss!.Value) / Math.Log(2):F3} bits within {options.Steps} steps"));
        return 0;

        TextStreams Source(IDataView data)
        {
            var corpus = TokenCorpus.Read(mapping.Transform(data), column, column.Vocabulary, null, nameof(data), CancellationToken.None);
            return new(corpus, TokenCorpus.First, corpus.Tokens.Length, Streams, StepsPerBatch);
        }
    }

    private static IDataView Characters(MLContext context, string text) =>
        context.Data.LoadFromEnumerable([new Row { Tokens = [.. text.Select(character => character.ToString())] }]);

    private sealed class Row
    {
        public string[] Tokens { get; set; } = [];
    }

    // So many batches an epoch, each where the one before has ended.
    private sealed class Part(TextStreams text, int batches) : IBatchSource
    {
        private int _left;

        public long Count => text.Count;

        public int Batches => batches;

        public bool CarriesState => true;

        public void Begin(ulong? seed) => _left = batches;

        public bool Next(SequenceBatch batch)
        {
            if (_left-- <= 0) return false;
            if (text.Next(batch)) return true;
            text.Begin(null);
            return text.Next(batch);
        }
    }

    private sealed class Printer(int every) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress progress)
        {
            if (!progress.EpochEnded) return;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Epoch * every,5} steps: train {progress.Loss / Math.Log(2):F3}, held out "
                + $"{progress.ValidationLoss / Math.Log(2):F3} bits a character, {progress.Elapsed.TotalSeconds:F0} s"));
        }
    }
}
