namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>The kind of the values of a column.</summary>
public enum ColumnKind
{
    /// <summary>No row has a value.</summary>
    Empty,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Dates and times.</summary>
    Time,

    /// <summary>True and false.</summary>
    Boolean,

    /// <summary>Texts.</summary>
    Text,
}
