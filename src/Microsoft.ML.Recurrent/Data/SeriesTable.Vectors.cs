using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <content>Vectors of rows that were read by name.</content>
internal sealed partial class SeriesTable
{
    /// <summary>A getter of vectors of some numbers of rows, row by row, as Single or as Double.</summary>
    /// <param name="type">The type of the vector.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="offset">The first number of each.</param>
    /// <param name="width">The numbers of each.</param>
    public Delegate Getter(DataViewType type, Func<(int First, int Count)> rows, int offset, int width) =>
        Columns.ItemType(type) == NumberDataViewType.Double
            ? (ValueGetter<VBuffer<double>>)((ref VBuffer<double> value) =>
            {
                var (first, count) = rows();
                var editor = VBufferEditor.Create(ref value, count * width);
                for (var i = 0; i < editor.Values.Length; i++)
                {
                    var row = Values(first + i / width, 1);
                    editor.Values[i] = (double)row[offset + i % width] + row[Width / 2 + offset + i % width];
                }
                value = editor.Commit();
            })
            : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                var (first, count) = rows();
                var editor = VBufferEditor.Create(ref value, count * width);
                StepCopy.Numbers(Values(first, count)[offset..], Width, editor.Values, width, width);
                value = editor.Commit();
            });
}
