namespace Microsoft.ML.Recurrent;

/// <summary>The side from which a sequence loses the tokens beyond its maximum length.</summary>
public enum TruncationSide
{
    /// <summary>The last tokens are dropped: the row keeps its beginning.</summary>
    Right,

    /// <summary>The first tokens are dropped: the row keeps its end.</summary>
    Left,
}
