using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Binds columns to the inputs and outputs of a model: those with the same name first, all others in order to those that are left.</summary>
internal static class ForeignNames
{
    // ML.NET's exporter calls the output of a column so.
    private const string ExportedSuffix = ".output";

    /// <summary>The outputs of the columns.</summary>
    /// <exception cref="ArgumentException">There are more columns than outputs.</exception>
    public static ValueInfoProto[] Outputs(string path, ValueInfoProto[] outputs, string[] columns)
    {
        if (columns.Length > outputs.Length) throw TooMany(path, "output", outputs, columns);
        return Choose(outputs, outputs, columns);
    }

    /// <summary>The inputs of the columns; of those that no output needs, only by their names or where there is a column for every input.</summary>
    /// <param name="path">The file.</param>
    /// <param name="all">All inputs.</param>
    /// <param name="needed">The inputs that the outputs need and that nothing else feeds.</param>
    /// <param name="columns">The columns.</param>
    /// <exception cref="ArgumentException">There are more columns than inputs.</exception>
    public static ValueInfoProto[] Inputs(string path, ValueInfoProto[] all, ValueInfoProto[] needed, string[] columns)
    {
        var named = columns.Where(column => Array.Exists(all, input => input.Name == column)).ToHashSet();
        var others = columns.Length - named.Count;
        if (others <= needed.Count(input => !named.Contains(input.Name))) return Choose(all, needed, columns);
        return columns.Length == all.Length ? Choose(all, all, columns) : throw TooMany(path, "input", needed, columns);
    }

    private static ValueInfoProto[] Choose(ValueInfoProto[] all, ValueInfoProto[] inOrder, string[] columns)
    {
        var named = columns.Select(Named).ToArray();
        var left = new Queue<ValueInfoProto>(inOrder.Except(named.OfType<ValueInfoProto>()));
        return [.. named.Select(value => value ?? left.Dequeue())];

        ValueInfoProto? Named(string column) =>
            Array.Find(all, value => value.Name == column) ?? Array.Find(all, value => value.Name == column + ExportedSuffix);
    }

    private static ArgumentException TooMany(string path, string role, ValueInfoProto[] values, string[] columns) => new(
        $"{columns.Length} {role} columns are named, but the model '{path}' "
            + $"has {values.Length} {role}s: {string.Join(", ", values.Select(value => $"'{value.Name}'"))}.", role + "ColumnNames");
}
