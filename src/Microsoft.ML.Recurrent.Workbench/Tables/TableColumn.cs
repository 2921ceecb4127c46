namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The kind of its values where the file says it; null in text files.</param>
public sealed record TableColumn(string Name, ColumnKind? Kind = null);
