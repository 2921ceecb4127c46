using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx.Format;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Finds the input of a graph that takes the lengths of the sequences, and what feeds it: a column, or the lengths of the sequences themselves.
/// </summary>
/// <param name="Input">The input.</param>
/// <param name="Column">The column that feeds it; null for the lengths of the sequences.</param>
/// <param name="IsKnown">Whether the graph or its name tells that it holds lengths, so that rows may be padded; otherwise it is only the one that can.</param>
internal sealed record ForeignLengths(ValueInfoProto Input, string? Column, bool IsKnown)
{
    /// <param name="graph">The graph.</param>
    /// <param name="free">The inputs that constants do not feed.</param>
    /// <param name="options">The columns.</param>
    /// <param name="schema">The schema of the data.</param>
    /// <exception cref="ArgumentException">A column of lengths is named that the data or the model do not have.</exception>
    public static ForeignLengths? Find(ForeignGraph graph, ValueInfoProto[] free, RecurrentOnnxOptions options, DataViewSchema schema)
    {
        var (columns, name) = (options.InputColumnNames, options.LengthColumnName);
        // A column that has the name of an input feeds it; with a column for each input there is none left.
        var left = name is null && columns is not null
            ? columns.Length >= free.Length ? [] : Array.FindAll(free, input => !columns.Contains(input.Name))
            : free;
        if (name is null && columns is null) left = Array.FindAll(free, input => schema.GetColumnOrNull(input.Name) is null);
        var input = Array.Find(left, input => input.Name == name)
            ?? Array.Find(left, input => input.Name == ModelManifest.LengthInput && IsOfRows(input))
            ?? Array.Find(left, input => IsOfRows(input) && graph.Trace(input).IsLengths)
            ?? (left.Where(input => IsOfRows(input) && !graph.Trace(input).IsIndex).ToArray() is [var only] ? only : null)
            // In order, after the other columns.
            ?? (name is not null && columns?.Length < free.Length && IsOfRows(free[columns.Length]) ? free[columns.Length] : null);
        if (name is null)
        {
            // Lengths need something that has steps.
            return input is not null && (input.Name == ModelManifest.LengthInput || graph.Trace(input).IsLengths || free.Any(other => Rank(other) >= 2))
                ? new(input, null, IsLength(graph, input))
                : null;
        }
        var isColumn = schema.GetColumnOrNull(name) is not null;
        if (input is null)
            throw new ArgumentException($"The model '{graph.Path}' has no input for sequence lengths that '{name}' could feed; its inputs are "
                + $"{string.Join(", ", free.Select(other => $"'{other.Name}' [{ForeignInput.Describe(other)}]"))}. Leave lengthColumnName out.",
                    "lengthColumnName");
        if (!isColumn && name != input.Name && name != ModelManifest.LengthInput)
            throw new ArgumentException(
                $"lengthColumnName is '{name}', but the data have no such column. {ColumnErrors.Near(name, schema.Select(column => column.Name))} "
                + $"For the lengths of the sequences themselves leave lengthColumnName out, or give the model's input '{input.Name}'.", "lengthColumnName");
        return new(input, isColumn ? name : null, isColumn || IsLength(graph, input));
    }

    /// <summary>Whether an input takes the lengths of the sequences for certain: it leads to those of a recurrent node, or is ours.</summary>
    public static bool IsCertain(ForeignGraph graph, ValueInfoProto input) =>
        IsOfRows(input) && (graph.Trace(input).IsLengths || input.Name == ModelManifest.LengthInput);

    private static bool IsLength(ForeignGraph graph, ValueInfoProto input) =>
        IsCertain(graph, input) || Regex.IsMatch(input.Name, "length|(^|[^a-z])lens?$", RegexOptions.IgnoreCase);


    // Whole numbers, one per row.
    private static bool IsOfRows(ValueInfoProto input) =>
        Rank(input) == 1 && (DataType)input.Type.TensorType.ElemType is DataType.Int64 or DataType.Int32;

    private static int Rank(ValueInfoProto input) => input.Type?.TensorType?.Shape?.Dim.Count ?? 0;
}
