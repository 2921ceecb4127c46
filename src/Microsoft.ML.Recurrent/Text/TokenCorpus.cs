using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// The token ids of all rows, one behind the other. With an end-of-sentence marker each row ends with it, and one marker stands before the first row, so that a
/// row always begins after one; a row that ends with the marker already gets no second one.
/// </summary>
internal sealed class TokenCorpus
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _starts = [];

    private TokenCorpus(int vocabulary, int? endOfSentence) => (Vocabulary, EndOfSentence) = (vocabulary, endOfSentence);

    /// <summary>Ids are 0 to this minus 1.</summary>
    public int Vocabulary { get; }

    /// <summary>The marker's id; null where rows are simply joined.</summary>
    public int? EndOfSentence { get; }

    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Rows that hold at least one token.</summary>
    public int Rows => _starts.Count;

    /// <summary>The first token that can be foretold: what stands before it is known.</summary>
    public static int First => 1;

    /// <summary>Where a row's own tokens begin and end.</summary>
    public (int Start, int End) Row(int row) => (_starts[row], row + 1 < _starts.Count ? _starts[row + 1] : _tokens.Count);

    /// <summary>Reads all rows; empty ones are passed over.</summary>
    /// <exception cref="ArgumentException">There are too few tokens to foretell any.</exception>
    public static TokenCorpus Read(IDataView data, SequenceColumn column, int vocabulary, int? endOfSentence, string parameterName,
        CancellationToken cancellationToken)
    {
        var corpus = new TokenCorpus(vocabulary, endOfSentence);
        if (endOfSentence is { } marker) corpus._tokens.Add(marker);
        using (var cursor = data.GetRowCursor([data.Schema[column.Name]]))
        {
            var reader = SequenceReader.Create(cursor, column);
            for (var rows = 0; cursor.MoveNext(); rows++)
            {
                if ((rows & 1023) == 0) cancellationToken.ThrowIfCancellationRequested();
                if (reader.Read() > 0) corpus.Add(reader.Tokens);
            }
        }

        if (corpus._tokens.Count <= First)
            throw new ArgumentException(
                $"The column '{column.Name}' holds {(corpus.Rows == 0 ? "no tokens" : "one token")}: nothing can be foretold. Check the file, and the "
                    + $"filters before the trainer.", parameterName);
        return corpus;
    }

    /// <summary>How often each id comes.</summary>
    public long[] Counts()
    {
        var counts = new long[Vocabulary];
        foreach (var token in Tokens) counts[token]++;
        return counts;
    }

    /// <summary>Fills a row of a batch with tokens from <paramref name="first"/> on; the label of each is the token after it.</summary>
    public void Fill(SequenceBatch batch, int row, int first, int count)
    {
        StepCopy.Ids(Tokens.Slice(first, count), 1, batch.Tokens.AsSpan(row), batch.Rows);
        StepCopy.Ids(Tokens.Slice(first + 1, count), 1, batch.StepLabels.AsSpan(row), batch.Rows);
    }

    private void Add(ReadOnlySpan<int> row)
    {
        _starts.Add(_tokens.Count);
        _tokens.AddRange(row);
        if (EndOfSentence is { } marker && row[^1] != marker) _tokens.Add(marker);
    }
}
