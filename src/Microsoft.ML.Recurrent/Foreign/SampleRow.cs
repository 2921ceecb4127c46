using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>The first row of the data: a graph that does not run on zeros may run on it.</summary>
internal sealed class SampleRow
{
    private readonly Dictionary<string, double[]> _values = [];

    /// <summary>The number of steps of the row; null if it is fixed.</summary>
    public int? Steps { get; private set; }

    /// <summary>Reads the columns of the inputs; null if the data have no row.</summary>
    public static SampleRow? Read(IDataView data, IReadOnlyList<ForeignInput> inputs)
    {
        ForeignInput[] read = [.. inputs.Where(input => !input.IsText && input.Column.ReadsColumn is not false
            && data.Schema.GetColumnOrNull(input.Column.Name) is not null)];
        using var cursor = data.GetRowCursor(data.Schema.Where(column => Array.Exists(read, input => input.Column.Name == column.Name)));
        var readers = Array.ConvertAll(read, input => ForeignColumnReader.Create(cursor, data.Schema[input.Column.Name]));
        if (!cursor.MoveNext()) return null;
        var sample = new SampleRow();
        for (var i = 0; i < read.Length; i++)
        {
            var values = new double[readers[i].Read()];
            readers[i].CopyTo(values);
            if (read[i].Reading.Varies) sample.Steps ??= values.Length / read[i].Column.Features is > 0 and var steps ? steps : null;
            else sample._values[read[i].Value.Name] = values;
        }
        return sample;
    }

    /// <summary>Writes the values of an input for all rows, if they are whole numbers or the same for all rows.</summary>
    public void Fill(ForeignInput input, OrtValue value)
    {
        if (!_values.TryGetValue(input.Value.Name, out var row) || row.Length == 0 || input.Reading.Batch > 0 || input.Reading.Batch == 0 && !input.IsInteger)
            return;
        switch (value.GetTensorTypeAndShape().ElementDataType)
        {
            case TensorElementType.Float: Write<float>(); break;
            case TensorElementType.Double: Write<double>(); break;
            case TensorElementType.Int64: Write<long>(); break;
            case TensorElementType.Int32: Write<int>(); break;
            case TensorElementType.Int16: Write<short>(); break;
            case TensorElementType.Int8: Write<sbyte>(); break;
            case TensorElementType.UInt8: Write<byte>(); break;
            case TensorElementType.UInt16: Write<ushort>(); break;
            case TensorElementType.Bool: Write<byte>(); break;
        }

        void Write<T>() where T : unmanaged, System.Numerics.INumberBase<T>
        {
            var numbers = MemoryMarshal.Cast<byte, T>(value.GetTensorMutableRawData());
            for (var i = 0; i < numbers.Length; i++) numbers[i] = T.CreateTruncating(row[i % row.Length]);
        }
    }
}
