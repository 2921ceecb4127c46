namespace Microsoft.ML.Recurrent;

/// <summary>The position of layer normalization in a recurrent network (Ba et al. 2016).</summary>
public enum LayerNormalizationPlace
{
    /// <summary>No layer normalization.</summary>
    None,

    /// <summary>
    /// After each recurrent layer, before its dropout; after the last one on the pooled output if steps are pooled. For all cells, at almost no cost.
    /// </summary>
    BetweenLayers,

    /// <summary>Inside the LSTM cell: on both products and on the memory. The layer is exported to ONNX as a loop, which is slower to score.</summary>
    InsideCell,
}
