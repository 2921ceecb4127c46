using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent;

/// <summary>How ONNX Runtime scores a model. Two scorers of one model with equal options share one session.</summary>
public sealed record ScoringOptions
{
    internal const int DefaultBatchSize = 256;

    internal static ScoringOptions Default { get; } = new();

    /// <summary>
    /// Rows that one run of the graph scores at the most; fewer run together where they are very long or of very different length. Default: 256.
    /// </summary>
    public int BatchSize { get; init; } = DefaultBatchSize;

    /// <summary>
    /// Threads inside one run; null (the default) leaves the choice to ONNX Runtime (one a physical core), or is <see cref="Environment.ProcessorCount"/> where
    /// the process may use fewer processors than the machine has. 1 is best where many threads score at once.
    /// </summary>
    public int? NumberOfThreads { get; init; }

    /// <summary>
    /// Whether ONNX Runtime's threads spin while they wait for the next run: shorter latency, and processors that are busy while nothing is scored. Default:
    /// false.
    /// </summary>
    public bool AllowSpinning { get; init; }

    /// <summary>
    /// How far ONNX Runtime rewrites the graph before it runs it. Default: all the way, which is fastest; a level below makes foreign models load faster, or
    /// helps where a rewriting is at fault.
    /// </summary>
    public GraphOptimizationLevel GraphOptimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>The CUDA device to score on, from 0; null (the default) for the CPU.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>
    /// Whether to score on the CPU where <see cref="GpuDeviceId"/> cannot be used, instead of failing with a <see cref="ScoringDeviceException"/>. Default:
    /// false.
    /// </summary>
    public bool FallbackToCpu { get; init; }

    /// <summary>Returns these options, or throws where one of them is out of range.</summary>
    internal ScoringOptions Checked()
    {
        if (BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, $"{nameof(ScoringOptions)}.{nameof(BatchSize)} must be at least 1.");
        if (NumberOfThreads < 1)
            throw new ArgumentOutOfRangeException(nameof(NumberOfThreads), NumberOfThreads,
                $"{nameof(ScoringOptions)}.{nameof(NumberOfThreads)} must be at least 1, or null for ONNX Runtime's own choice.");
        if (!Enum.IsDefined(GraphOptimization))
            throw new ArgumentOutOfRangeException(nameof(GraphOptimization), GraphOptimization,
                $"{nameof(ScoringOptions)}.{nameof(GraphOptimization)} must be a level that ONNX Runtime knows.");
        if (GpuDeviceId < 0)
            throw new ArgumentOutOfRangeException(nameof(GpuDeviceId), GpuDeviceId,
                $"{nameof(ScoringOptions)}.{nameof(GpuDeviceId)} must be at least 0, or null for the CPU.");
        return this;
    }
}
