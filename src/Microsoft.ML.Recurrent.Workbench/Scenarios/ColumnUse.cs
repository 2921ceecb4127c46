namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>What a plan makes of a column.</summary>
/// <param name="Name">The column.</param>
/// <param name="Role">What it serves for.</param>
/// <param name="Reason">Why, in a few words: the option that says so, or what the column holds.</param>
public sealed record ColumnUse(string Name, ColumnRole Role, string Reason);
