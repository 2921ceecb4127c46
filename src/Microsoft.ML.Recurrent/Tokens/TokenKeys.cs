using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>Columns of keys with text as their values.</summary>
internal static class TokenKeys
{
    /// <param name="name">The column.</param>
    /// <param name="size">The size of its vectors, 0 if it varies; null for one key per row.</param>
    /// <param name="values">The values of the keys, from key 1 on.</param>
    public static DataViewSchema.DetachedColumn Column(string name, int? size, ReadOnlyMemory<char>[] values)
    {
        var key = new KeyDataViewType(typeof(uint), values.Length);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(AnnotationUtils.Kinds.KeyValues, new VectorDataViewType(TextDataViewType.Instance, values.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(values.Length, values).CopyTo(ref value));
        return new(name, size is { } length ? new VectorDataViewType(key, length) : key, annotations.ToAnnotations());
    }

    /// <summary>What a schema shape says of such a column.</summary>
    public static SchemaShape.Column Shape(string name, SchemaShape.Column.VectorKind kind) => new(name, kind, NumberDataViewType.UInt32, isKey: true,
        new SchemaShape([new SchemaShape.Column(AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]));
}
