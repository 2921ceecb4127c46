using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// The concatenated token ids of all rows. With an end-of-sentence marker, each row ends with it, and one marker precedes the first row, so every row starts
/// after a marker. A row that already ends with the marker gets no second one.
/// </summary>
internal sealed class TokenCorpus
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _starts = [];

    private TokenCorpus(int vocabulary, int? endOfSentence) => (Vocabulary, EndOfSentence) = (vocabulary, endOfSentence);

    /// <summary>Vocabulary size: ids are 0 to this minus 1.</summary>
    public int Vocabulary { get; }

    /// <summary>The id of the marker; null if rows are joined without one.</summary>
    public int? EndOfSentence { get; }

    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Number of rows with at least one token.</summary>
    public int Rows => _starts.Count;

    /// <summary>Index of the first token that can be predicted: one has to precede it.</summary>
    public static int First => 1;

    /// <summary>The range of a row's own tokens.</summary>
    public (int Start, int End) Row(int row) => (_starts[row], row + 1 < _starts.Count ? _starts[row + 1] : _tokens.Count);

    /// <summary>Reads all rows and skips empty ones.</summary>
    /// <exception cref="ArgumentException">There are too few tokens to predict any.</exception>
    public static TokenCorpus Read(IDataView data, SequenceColumn column, int vocabulary, int? endOfSentence, string parameterName,
        CancellationToken cancellationToken)
    {
        var corpus = new TokenCorpus(vocabulary, endOfSentence);
        if (endOfSentence is { } marker) corpus._tokens.Add(marker);
        var rows = 0;
        using (var cursor = data.GetRowCursor([data.Schema[column.Name]]))
        {
            var reader = SequenceReader.Create(cursor, column);
            for (; cursor.MoveNext(); rows++)
            {
                if ((rows & 1023) == 0) cancellationToken.ThrowIfCancellationRequested();
                if (reader.Read() > 0) corpus.Add(reader.Tokens);
            }
        }

        if (rows == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the trainer.", parameterName);
        if (corpus._tokens.Count <= First)
            throw new ArgumentException(
                $"The column '{column.Name}' holds {(corpus.Rows == 0 ? "no tokens" : "one token")}: there is no token to predict. Check the file and the "
                    + $"filters before the trainer.", parameterName);
        return corpus;
    }

    /// <summary>The number of occurrences of each id.</summary>
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
