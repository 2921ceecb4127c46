using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Collects the sources with their tokens as text, of which unknown ones are copied.</summary>
/// <param name="sources">Collects the keys.</param>
/// <param name="row">The row.</param>
/// <param name="name">The column of the texts.</param>
internal sealed class CopyCollector(RowCollector sources, DataViewRow row, string name) : IExampleCollector
{
    private readonly ValueGetter<VBuffer<ReadOnlyMemory<char>>> _texts =
        VectorGetter.Open<ReadOnlyMemory<char>>(row, TranslationColumns.ResolveTexts(row.Schema, name));

    private VBuffer<ReadOnlyMemory<char>> _buffer;

    public bool Collect(ScoringBatch batch)
    {
        if (!sources.Collect(batch)) return false;
        _texts(ref _buffer);
        var (example, time) = (batch.Rows - 1, batch.Time(batch.Rows - 1));
        if (_buffer.Length != time)
        {
            batch.RemoveLast();
            throw ColumnErrors.Value(TranslationColumns.Copied, name, row.Position,
                $"{ColumnErrors.Holds(_buffer.Length, "texts")}, but there are {time} source tokens: each needs its text.");
        }
        batch.KeepTexts(example, [.. _buffer.DenseValues().Select(text => text.ToString())]);
        return true;
    }
}
