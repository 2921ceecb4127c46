namespace Microsoft.ML.Recurrent;

/// <summary>What computes the answers of a model.</summary>
public enum ScoringBackend
{
    /// <summary>ONNX Runtime runs the graph of the model.</summary>
    OnnxRuntime,

    /// <summary>
    /// The kernels that train the network run it: the same answers within 1e-5, the same for any number of threads and of rows at once. For classifiers,
    /// taggers and regression on the CPU, with recurrent, dense, embedding, dropout, normalization and pooling layers.
    /// </summary>
    Managed,
}
