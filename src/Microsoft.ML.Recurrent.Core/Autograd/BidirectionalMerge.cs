namespace Microsoft.ML.Recurrent;

/// <summary>How the states of a bidirectional layer's two directions become one at every step.</summary>
public enum BidirectionalMerge
{
    /// <summary>Side by side: twice as many features.</summary>
    Concat,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their mean.</summary>
    Average,

    /// <summary>Their product.</summary>
    Product,
}
