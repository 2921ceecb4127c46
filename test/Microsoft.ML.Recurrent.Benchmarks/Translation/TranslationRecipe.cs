using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Benchmarks.Translation;

/// <summary>
/// This library's side: embeddings of 256, an encoder of 128 in each direction, a decoder of 256 with attention of the form General, dropout 0.3, label
/// smoothing 0.1, Adam at 0.001, batches of 64, a vocabulary of the words seen twice; a beam of 5, in batches of 64.
/// </summary>
internal static class TranslationRecipe
{
    private const int Batch = 64, Beam = 5, FewestOfAWord = 2, Passes = 3;

    public static TranslationResult Run(SentencePairs pairs, TranslationOptions benchmark, int seed)
    {
        var mlContext = new MLContext(seed);
        var train = mlContext.Data.LoadFromEnumerable(pairs["train"]);
        var target = mlContext.Transforms.Text.BuildVocabulary("TargetKeys", nameof(SentencePair.Target), minimumCount: FewestOfAWord).Fit(train);
        var source = mlContext.Transforms.Text.BuildVocabulary("SourceKeys", nameof(SentencePair.Source), minimumCount: FewestOfAWord).Fit(train);
        var trainer = mlContext.Transforms.Text.TranslateByRecurrentNetwork(Options(benchmark, seed));
        IDataView Keys(string part) => source.Transform(target.Transform(mlContext.Data.LoadFromEnumerable(pairs[part])));
        var model = trainer.Fit(Keys("train"), Keys("valid"));
        var history = model.Model.History;
        var seconds = history.Epochs.Sum(epoch => pairs["train"].Length / epoch.SequencesPerSecond!.Value);

        var test = Keys("test");
        model.Scoring = model.Scoring with { BatchSize = Batch, NumberOfThreads = benchmark.Threads };
        var (greedy, greedySpeed) = Translate(mlContext, model, pairs, test, 1);
        var (beam, beamSpeed) = Translate(mlContext, model, pairs, test, Beam);
        using var process = Process.GetCurrentProcess();
        return new("Microsoft.ML.Recurrent", seed, [.. history.Epochs.Select(epoch => epoch.ValidationLoss!.Value)], seconds, greedy, beam, greedySpeed,
            beamSpeed, process.PeakWorkingSet64 / 1048576.0);
    }

    /// <summary>Shares of the time of training steps by kind of work, printed.</summary>
    public static void Profile(SentencePairs pairs, TranslationOptions benchmark)
    {
        Array.Clear(KernelProfile.Ticks);
        KernelProfile.IsEnabled = true;
        var result = Run(pairs, benchmark with { Epochs = 1 }, benchmark.Seeds[0]);
        KernelProfile.IsEnabled = false;
        Console.WriteLine($"One epoch, {result.TrainingSeconds:F1} s on {benchmark.Threads} threads:");
        foreach (var part in Enum.GetValues<KernelPart>())
        {
            var share = KernelProfile.Ticks[(int)part] / (double)Stopwatch.Frequency / result.TrainingSeconds;
            Console.WriteLine($"  {part,-12} {share,6:P1}");
        }
    }

    private static RecurrentTranslationEstimator.Options Options(TranslationOptions benchmark, int seed) => new()
    {
        SourceColumnName = "SourceKeys",
        TargetColumnName = "TargetKeys",
        Network = { Cell = RecurrentCell.Lstm, HiddenSize = 128, NumberOfLayers = 1, Bidirectional = true, Regularization = { DropoutRate = 0.3f } },
        Decoder =
        {
            HiddenSize = 256, Attention = AttentionForm.General, SourceEmbeddingSize = 256, TargetEmbeddingSize = 256, LabelSmoothing = 0.1f,
        },
        Optimizer = { LearningRate = 1e-3f, BatchSize = Batch, Gradients = { ClipNorm = 1 } },
        Stopping = { MaximumNumberOfEpochs = benchmark.Epochs, Patience = benchmark.Epochs },
        Search = { BeamSize = Beam },
        NumberOfThreads = benchmark.Threads,
        Seed = seed,
    };

    // BLEU, and sentences a second of the best of several passes: the first one opens the sessions.
    private static (double Bleu, double Speed) Translate(MLContext mlContext, RecurrentTranslationTransformer model, SentencePairs pairs,
        IDataView test, int beam)
    {
        var search = model.Search;
        search.BeamSize = beam;
        model.Search = search;
        var (texts, best) = (Array.Empty<string>(), double.PositiveInfinity);
        for (var pass = 0; pass < Passes; pass++)
        {
            var clock = Stopwatch.StartNew();
            texts = [.. model.Transform(test).GetColumn<string>("Translation")];
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }
        return (ScoredSentence.Bleu(mlContext, pairs.References, texts), texts.Length / best);
    }
}
