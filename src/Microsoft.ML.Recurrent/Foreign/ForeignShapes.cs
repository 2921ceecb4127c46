using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>The schema shapes of the columns that a foreign graph adds, from what the file declares.</summary>
internal static class ForeignShapes
{
    public static IEnumerable<SchemaShape.Column> Create(RecurrentOnnxOptions options)
    {
        var model = options.SeriesColumnNames is null ? OnnxFile.Read(options.ModelFile) : StatefulModel.WithoutStates(options);
        var graph = ForeignGraph.Read(options.ModelFile, model, options.OutputColumnNames, options.Constants.Keys.ToHashSet());
        var own = OwnAnswers.Read(graph.Model);
        return graph.Outputs.Zip(graph.OutputColumns, (output, column) => Create(output, column, own));
    }

    private static SchemaShape.Column Create(ValueInfoProto output, string column, OwnAnswers? own)
    {
        var type = (DataType)(output.Type?.TensorType?.ElemType ?? (int)DataType.Float);
        // [rows] or [rows, 1]: of two axes one is free, or of size 1 too, and the other of size 1.
        long[] sizes = [.. output.Type?.TensorType?.Shape?.Dim.Select(dimension => dimension.DimValue) ?? [0, 0]];
        var isScalar = sizes is [] || sizes is [<= 1] || sizes is [<= 1, 1] or [1, <= 1];
        var kind = isScalar ? SchemaShape.Column.VectorKind.Scalar : SchemaShape.Column.VectorKind.Vector;
        if (own?.KeyType(output.Name) is { } values)
        {
            return new(column, sizes.Length > 2 ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Scalar,
                NumberDataViewType.UInt32, isKey: true,
                new SchemaShape([new(AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, values, isKey: false)]));
        }
        PrimitiveDataViewType item = type is DataType.Bool ? BooleanDataViewType.Instance
            : ForeignInput.IsIntegerType(type) ? NumberDataViewType.Int64 : NumberDataViewType.Single;
        return new(column, kind, item, isKey: false);
    }
}
