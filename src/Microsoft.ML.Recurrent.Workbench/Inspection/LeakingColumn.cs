namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>A column that holds the label, or nearly so: a model that reads it learns nothing else, and fails where it is not known.</summary>
/// <param name="Name">The column.</param>
/// <param name="Reason">What it has in common with the label: the end of a sentence that begins with the column.</param>
public sealed record LeakingColumn(string Name, string Reason);
