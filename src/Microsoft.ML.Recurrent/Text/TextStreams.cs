using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// A part of a corpus as one long text, cut into parallel streams of about equal length that are read chunk by chunk. Each row of a batch continues the same
/// row of the previous batch. The label of a step is the next token. Every token of the part is a label once.
/// </summary>
internal sealed class TextStreams : IBatchSource
{
    private readonly TokenCorpus _corpus;
    private readonly int _start, _end, _streams, _length, _steps;
    private int _next;

    /// <param name="corpus">The corpus.</param>
    /// <param name="start">The first token that is a label, at least <see cref="TokenCorpus.First"/>.</param>
    /// <param name="end">The first token after the part.</param>
    /// <param name="streams">Number of parallel streams; at most the number of labels.</param>
    /// <param name="steps">Steps per chunk.</param>
    public TextStreams(TokenCorpus corpus, int start, int end, int streams, int steps)
    {
        (_corpus, _start, _end) = (corpus, start, end);
        _streams = Math.Clamp(streams, 1, Math.Max(1, end - start));
        _length = (int)(((long)end - start + _streams - 1) / _streams);
        _steps = Math.Clamp(steps, 1, Math.Max(1, _length));
    }

    public long Count => _end - _start;

    public int Batches => (int)(((long)_length + _steps - 1) / _steps);

    public bool CarriesState => true;

    // The order of a text is fixed.
    public void Begin(ulong? seed) => _next = 0;

    public void Skip(int batches) => _next = Math.Min(Batches, _next + batches);

    public bool Next(SequenceBatch batch)
    {
        if (_next == Batches) return false;
        var first = _next * _steps;
        var time = Math.Min(_steps, _length - first);
        batch.Resize(_streams, time, 0, tokens: true, stepLabels: true);
        for (var row = 0; row < _streams; row++)
        {
            var label = _start + row * _length + first;
            // The last stream may be shorter; steps past its end are masked.
            if (label < _end) _corpus.Fill(batch, row, label - 1, Math.Min(time, _end - label));
        }

        batch.ContinuesState = _next++ > 0;
        return true;
    }
}

/// <summary>A part of a corpus to read as a limited number of streams.</summary>
internal sealed record StreamSet(TokenCorpus Corpus, int Start, int End, int Streams, int Steps) : ITrainingSet
{
    public int Count => End - Start;

    public string Unit => "tokens";

    public IBatchSource Batches(int size, int? maximumSteps) => new TextStreams(Corpus, Start, End, Math.Min(size, Streams), Steps);

    /// <summary>Holds out the last part of a corpus; with several rows, it starts at the beginning of a row.</summary>
    public static (int TrainEnd, int ValidationStart) Split(TokenCorpus corpus, float fraction)
    {
        var (first, end) = (TokenCorpus.First, corpus.Tokens.Length);
        var cut = end - (int)Math.Round((end - first) * (double)fraction);
        for (var row = 1; row < corpus.Rows; row++)
        {
            if (corpus.Row(row).Start < cut) continue;
            cut = corpus.Row(row).Start;
            break;
        }

        return cut <= first || cut >= end ? (end, end) : (cut, cut);
    }
}
