using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>The rows of a corpus as independent examples. Each starts with the marker if there is one.</summary>
internal sealed class TextRows : IExampleSource
{
    private readonly TokenCorpus _corpus;
    private readonly int[] _rows;
    private readonly int _context;

    public TextRows(TokenCorpus corpus)
    {
        _corpus = corpus;
        // Without a marker the first token is not predicted, so a row of one token gives no label.
        _context = corpus.EndOfSentence is null ? 0 : 1;
        _rows = [.. Enumerable.Range(0, corpus.Rows).Where(row => Labels(row) > 0)];
    }

    public int Count => _rows.Length;

    public bool VariesInLength => true;

    public int Length(int example) => Labels(_rows[example]);

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
    {
        var time = 0;
        foreach (var example in examples) time = Math.Max(time, Length(example));
        batch.Resize(examples.Length, time, 0, tokens: true, lengths: true, stepLabels: true);
        for (var row = 0; row < examples.Length; row++)
        {
            var length = batch.Lengths![row] = Length(examples[row]);
            _corpus.Fill(batch, row, _corpus.Row(_rows[examples[row]]).Start - _context, length);
        }
    }

    private int Labels(int row)
    {
        var (start, end) = _corpus.Row(row);
        return end - start - 1 + _context;
    }
}
