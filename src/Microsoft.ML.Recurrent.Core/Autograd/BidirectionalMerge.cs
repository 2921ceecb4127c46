namespace Microsoft.ML.Recurrent;

/// <summary>How the states of the two directions of a bidirectional layer are merged at every step.</summary>
public enum BidirectionalMerge
{
    /// <summary>Concatenated: twice as many features.</summary>
    Concat,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their mean.</summary>
    Average,

    /// <summary>Their product.</summary>
    Product,
}
