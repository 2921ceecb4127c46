using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// Getters of output columns: they copy the output of the current row from its scored batch without allocation. A row without an output gives NaN, a missing
/// key, an empty text, or false.
/// </summary>
internal static class OutputGetters
{
    public static Delegate Create(OutputColumn column, int output, DataViewType type, ICurrentExample current)
    {
        return column.Kind switch
        {
            OutputKind.Text when column.Varies => Texts(output, current),
            OutputKind.Text => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
                value = current.Example is >= 0 and var row ? current.Scored.Own<string>(row, output)[0].AsMemory() : default),
            OutputKind.Single when column.Varies => Vector(row => current.Scored.Own<float>(row, output), column, float.NaN, current),
            OutputKind.Boolean when column.IsVector => Vector(row => current.Scored.Booleans(row, output), column, false, current),
            OutputKind.Boolean => (ValueGetter<bool>)((ref bool value) => value = current.Example is >= 0 and var row && current.Scored.Boolean(row, output)),
            OutputKind.Key when column.PerStep => Keys(output, current),
            OutputKind.Key => (ValueGetter<uint>)((ref uint value) => value = current.Example is >= 0 and var row ? (uint)current.Scored.Key(row, output) : 0),
            OutputKind.Int64 when type is not VectorDataViewType =>
                (ValueGetter<long>)((ref long value) => value = current.Example is >= 0 and var row ? current.Scored.Integers(row, output)[0] : 0),
            OutputKind.Int64 => Vector(row => current.Scored.Integers(row, output), column, 0L, current),
            _ when type.GetItemType() == NumberDataViewType.Double => Numbers<double>(column, output, static value => value, double.NaN, current),
            OutputKind.Double => Numbers<float>(column, output, static value => (float)value, float.NaN, current),
            _ when type is VectorDataViewType => Vector(row => current.Scored.Floats(row, output), column, float.NaN, current),
            _ => (ValueGetter<float>)((ref float value) => value = current.Example is >= 0 and var row ? current.Scored.Floats(row, output)[0] : float.NaN),
        };
    }

    // Per-step outputs have one value per step of the row; a row without an output has none.
    private static ValueGetter<VBuffer<T>> Vector<T>(AnswerOf<T> answerOf, OutputColumn column, T missing, ICurrentExample current) where T : unmanaged =>
        (ref VBuffer<T> value) =>
    {
        var row = current.Example;
        var answer = row >= 0 ? answerOf(row) : default;
        var editor = VBufferEditor.Create(ref value, row >= 0 ? answer.Length : column.PerStep || column.Varies ? 0 : column.Size);
        if (row >= 0) answer.CopyTo(editor.Values);
        else editor.Values.Fill(missing);
        value = editor.Commit();
    };

    // Answers whose graph output or column is Double.
    private static ValueGetter<VBuffer<T>> Numbers<T>(OutputColumn column, int output, Func<double, T> convert, T missing, ICurrentExample current)
        where T : unmanaged
    {
        var (answer, numbers) = (new double[column.Size], new T[column.Size]);
        return Vector(row =>
        {
            current.Scored.Read(row, output, answer);
            for (var i = 0; i < answer.Length; i++) numbers[i] = convert(answer[i]);
            return numbers;
        }, column, missing, current);
    }

    private static ValueGetter<VBuffer<uint>> Keys(int output, ICurrentExample current) => (ref VBuffer<uint> value) =>
    {
        var keys = current.Example is >= 0 and var row ? current.Scored.Integers(row, output) : default;
        var editor = VBufferEditor.Create(ref value, keys.Length);
        for (var i = 0; i < keys.Length; i++) editor.Values[i] = (uint)keys[i];
        value = editor.Commit();
    };

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> Texts(int output, ICurrentExample current) => (ref VBuffer<ReadOnlyMemory<char>> value) =>
    {
        var texts = current.Example is >= 0 and var row ? current.Scored.Own<string>(row, output) : default;
        var editor = VBufferEditor.Create(ref value, texts.Length);
        for (var i = 0; i < texts.Length; i++) editor.Values[i] = texts[i].AsMemory();
        value = editor.Commit();
    };

    private delegate ReadOnlySpan<T> AnswerOf<T>(int row);
}
