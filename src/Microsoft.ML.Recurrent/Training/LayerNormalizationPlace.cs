namespace Microsoft.ML.Recurrent;

/// <summary>Where a network of recurrent layers has layer normalization (Ba et al. 2016).</summary>
public enum LayerNormalizationPlace
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>
    /// Behind each recurrent layer, before its dropout; behind the last one of what was pooled, where steps are pooled. Of any cell, and as fast as without.
    /// </summary>
    BetweenLayers,

    /// <summary>Inside the cell of an LSTM: of both products and of the memory. In the ONNX graph the layer is a loop, which is slower to score.</summary>
    InsideCell,
}
