using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>Getters of output columns: they copy the current row's answer out of a scored batch and allocate nothing. A row without an answer holds NaN, a missing key, or false.</summary>
internal static class OutputGetters
{
    public static Delegate Create(ScoringBatch batch, int output, DataViewType type, ICurrentExample current)
    {
        var column = batch.Manifest.Outputs[output];
        return column.Kind switch
        {
            OutputKind.Boolean => (ValueGetter<bool>)((ref bool value) => value = current.Example is >= 0 and var row && batch.Boolean(row, output)),
            OutputKind.Key => (ValueGetter<uint>)((ref uint value) => value = current.Example is >= 0 and var row ? (uint)batch.Key(row, output) : 0),
            _ when type is VectorDataViewType => Vector(batch, output, column.Size, current),
            _ => (ValueGetter<float>)((ref float value) => value = current.Example is >= 0 and var row ? batch.Floats(row, output)[0] : float.NaN),
        };
    }

    private static ValueGetter<VBuffer<float>> Vector(ScoringBatch batch, int output, int size, ICurrentExample current) => (ref VBuffer<float> value) =>
    {
        var row = current.Example;
        var editor = VBufferEditor.Create(ref value, size);
        if (row >= 0) batch.Floats(row, output).CopyTo(editor.Values);
        else editor.Values.Fill(float.NaN);
        value = editor.Commit();
    };
}
