namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>What a column serves for.</summary>
public enum ColumnRole
{
    /// <summary>It is learned: the target of a forecast, the class, the number or the tags.</summary>
    Label,

    /// <summary>An input.</summary>
    Feature,

    /// <summary>A text that is read.</summary>
    Text,

    /// <summary>The time by which rows are ordered.</summary>
    Time,

    /// <summary>It tells to which series or sequence a row belongs.</summary>
    Series,

    /// <summary>An input that is known in advance.</summary>
    Future,

    /// <summary>An input that is constant within a series.</summary>
    Static,

    /// <summary>It is not used.</summary>
    Ignored,
}
