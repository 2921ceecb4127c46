using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Scores batches of a translation: sources of similar length are read together, and texts are searched for. Thread-safe.</summary>
/// <param name="manifest">The model's columns.</param>
/// <param name="runs">Finds texts.</param>
/// <param name="search">How.</param>
/// <param name="batchSize">The most sources that are read together.</param>
internal sealed class TranslationScorer(ModelManifest manifest, TranslationRuns runs, BeamSearchOptions search, int batchSize) : IBatchScorer
{
    // A batch holds the rows of this many runs, so that rows of similar length run together.
    private const int RunsToSort = 4;

    private readonly TranslationWriter _writer = new(manifest.Translation!);
    private long _runs;

    /// <summary>Throws where the environment was canceled; null for never.</summary>
    public Action? CheckAlive { get; init; }

    /// <summary>What is released with the scorer; null for nothing.</summary>
    public IDisposable? Sessions { get; init; }

    public int BatchCapacity => checked(batchSize * RunsToSort);

    public long Runs => Interlocked.Read(ref _runs);

    public ScoringBatch CreateBatch(long? rows = null) => new(manifest, (int)Math.Clamp(rows ?? long.MaxValue, 1, BatchCapacity));

    public void Run(ScoringBatch batch)
    {
        var rows = Enumerable.Range(0, batch.Rows).ToArray();
        var sources = Array.ConvertAll(rows, row => Array.ConvertAll(batch.Tokens(row, 0).ToArray(), id => (int)id));
        var found = runs.Find(sources, search, _writer.Excluded(copies: true), batchSize, CheckAlive);
        Interlocked.Increment(ref _runs);
        foreach (var row in rows)
        {
            for (var output = 0; output < batch.Outputs.Length; output++)
                Write(batch.Outputs[output], manifest.Translation!.Answers[output], row, found[row], batch.KeptTexts(row));
        }
    }

    public void Dispose() => Sessions?.Dispose();

    private void Write(ScoringOutput output, TranslationAnswer answer, int row, FoundText[] found, string[]? source)
    {
        var best = found[0];
        switch (answer)
        {
            case TranslationAnswer.Text: output.Keep(row, [Text(best)]); break;
            case TranslationAnswer.Tokens: output.Keep<string>(row, [.. _writer.Tokens(best, source)]); break;
            case TranslationAnswer.LogProbability: output.Row<float>(row)[0] = (float)best.LogProbability; break;
            case TranslationAnswer.Score: output.Row<float>(row)[0] = (float)best.Score; break;
            case TranslationAnswer.IsComplete: output.Row<byte>(row)[0] = best.IsComplete ? (byte)1 : (byte)0; break;
            case TranslationAnswer.Texts: output.Keep(row, Array.ConvertAll(found, Text)); break;
            case TranslationAnswer.Scores: output.Keep(row, Array.ConvertAll(found, text => (float)text.Score)); break;
            case TranslationAnswer.Attention: output.Keep<float>(row, [.. best.Attention.SelectMany(weights => weights)]); break;
            default: throw new InvalidOperationException($"No column is known for {answer}.");
        }

        string Text(FoundText text) => _writer.Join(_writer.Tokens(text, source));
    }
}
