using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Pairs of source and target, as ids alone. A target has the end token after it.</summary>
internal sealed class TranslationRows : IExampleSource
{
    private readonly RowStore<int> _sources = new(), _targets = new();
    private readonly List<int> _sourceStarts = [0], _targetStarts = [0];
    private readonly int _end;

    private TranslationRows(int end) => _end = end;

    public int Count => _sourceStarts.Count - 1;

    public bool VariesInLength => true;

    /// <summary>Rows that lack source or target tokens, and are left out.</summary>
    public int Empty { get; private set; }

    /// <summary>Rows with more tokens on a side than are wanted, which are left out.</summary>
    public int TooLong { get; private set; }

    /// <summary>Target tokens that are unknown.</summary>
    public long UnknownTargets { get; private set; }

    /// <summary>Reads all rows with tokens on both sides, and no more than so many.</summary>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public static TranslationRows Read(IDataView data, SequenceColumn source, SequenceColumn target, int end, int longest, string parameterName,
        CancellationToken cancellationToken)
    {
        var (rows, count) = (new TranslationRows(end), 0);
        using (var cursor = data.GetRowCursor([data.Schema[source.Name], data.Schema[target.Name]]))
        {
            var (sources, targets) = (SequenceReader.Create(cursor, source), SequenceReader.Create(cursor, target));
            for (; cursor.MoveNext(); count++)
            {
                if ((count & 1023) == 0) cancellationToken.ThrowIfCancellationRequested();
                sources.Read();
                targets.Read();
                rows.Add(sources.Tokens, targets.Tokens, longest);
            }
        }
        if (count == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the trainer.", parameterName);
        if (rows.Count == 0)
        {
            throw new ArgumentException($"No row has tokens in both columns, '{source.Name}' and '{target.Name}', and at most {longest} of them: {rows.Empty} "
                + $"rows lack some, {rows.TooLong} have more. Check the tokenizers, or raise MaximumTrainingLength.", parameterName);
        }
        return rows;
    }

    public int Length(int example) => _sourceStarts[example + 1] - _sourceStarts[example];

    /// <summary>The ids of a source.</summary>
    public ReadOnlySpan<int> Source(int example) => _sources.Span[_sourceStarts[example].._sourceStarts[example + 1]];

    /// <summary>The ids of a target, the end token included.</summary>
    public ReadOnlySpan<int> Target(int example) => _targets.Span[_targetStarts[example].._targetStarts[example + 1]];

    public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
    {
        var (time, answers) = (0, 0);
        foreach (var example in examples) (time, answers) = (Math.Max(time, Length(example)), Math.Max(answers, Target(example).Length));
        batch.Resize(examples.Length, time, 0, tokens: true, lengths: true, answerTime: answers);
        for (var row = 0; row < examples.Length; row++)
        {
            batch.Lengths![row] = Length(examples[row]);
            StepCopy.Ids(Source(examples[row]), 1, batch.Tokens.AsSpan(row), batch.Rows);
            StepCopy.Ids(Target(examples[row]), 1, batch.Answers.AsSpan(row), batch.Rows);
        }
    }

    private void Add(ReadOnlySpan<int> source, ReadOnlySpan<int> target, int longest)
    {
        if (source.Length == 0 || target.Length == 0) Empty++;
        else if (source.Length > longest || target.Length > longest) TooLong++;
        else
        {
            _sources.AddRange(source);
            _targets.AddRange(target);
            _targets.Add(_end);
            _sourceStarts.Add(_sources.Count);
            _targetStarts.Add(_targets.Count);
            UnknownTargets += target.Count(0);
        }
    }
}
