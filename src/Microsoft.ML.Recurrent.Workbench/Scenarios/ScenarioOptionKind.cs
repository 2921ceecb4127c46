namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>What the value of an option is.</summary>
public enum ScenarioOptionKind
{
    /// <summary>A column of the table, by its name or its number from 0.</summary>
    Column,

    /// <summary>Columns, separated by commas.</summary>
    Columns,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,
}
