using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>A table that a model was trained on.</summary>
/// <param name="Source">The table.</param>
/// <param name="Profile">What its columns hold, as they were read.</param>
public sealed record GeneratedTable(TableSource Source, TableProfile Profile);
