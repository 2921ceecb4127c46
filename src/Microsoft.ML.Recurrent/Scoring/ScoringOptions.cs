using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent;

/// <summary>Options of scoring. Scorers of the same model with equal options share one session.</summary>
public sealed record ScoringOptions
{
    internal const int DefaultBatchSize = 256;

    internal static ScoringOptions Default { get; } = new();

    /// <summary>
    /// Maximum number of rows per run of the graph. A run has fewer rows if they are of very different length, or so long that the numbers of the run would
    /// leave the processor's cache. Default: 256.
    /// </summary>
    public int BatchSize { get; init; } = DefaultBatchSize;

    /// <summary>
    /// Threads that score. The cursor of <c>Transform</c> scores that many batches at once, each on one thread, and keeps the order of the rows; engines and
    /// single batches use them within one run. Null (the default) for <see cref="Environment.ProcessorCount"/>, or within a run for ONNX Runtime's default, one
    /// per physical core. Use 1 if many threads score at once.
    /// </summary>
    public int? NumberOfThreads { get; init; }

    /// <summary>Whether ONNX Runtime's threads spin while they wait for the next run: lower latency, but busy CPUs while idle. Default: false.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>
    /// What computes the answers. Null (the default) for the library's own kernels where <c>Transform</c> scores many rows of a network that they can score,
    /// and for ONNX Runtime everywhere else: single rows, streams, forecasters, GPUs, foreign graphs, and processors without AVX2.
    /// </summary>
    public ScoringBackend? Backend { get; init; }

    /// <summary>
    /// ONNX Runtime's level of graph optimization. Default: all, the fastest. A lower level loads foreign models faster, or works around a faulty optimization.
    /// </summary>
    public GraphOptimizationLevel GraphOptimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>The CUDA device to score on, from 0; null (the default) for the CPU.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>
    /// Whether to score on the CPU if <see cref="GpuDeviceId"/> cannot be used, instead of throwing a <see cref="ScoringDeviceException"/>. Default: false.
    /// </summary>
    public bool FallbackToCpu { get; init; }

    /// <summary>Returns these options; throws if one of them is out of range.</summary>
    internal ScoringOptions Checked()
    {
        if (BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, $"{nameof(ScoringOptions)}.{nameof(BatchSize)} must be at least 1.");
        if (NumberOfThreads < 1)
            throw new ArgumentOutOfRangeException(nameof(NumberOfThreads), NumberOfThreads,
                $"{nameof(ScoringOptions)}.{nameof(NumberOfThreads)} must be at least 1, or null for ONNX Runtime's default.");
        if (Backend is { } backend && !Enum.IsDefined(backend))
            throw new ArgumentOutOfRangeException(nameof(Backend), backend,
                $"{nameof(ScoringOptions)}.{nameof(Backend)} must be {string.Join(" or ", Enum.GetNames<ScoringBackend>())}, or null for the faster.");
        if (!Enum.IsDefined(GraphOptimization))
            throw new ArgumentOutOfRangeException(nameof(GraphOptimization), GraphOptimization,
                $"{nameof(ScoringOptions)}.{nameof(GraphOptimization)} must be a defined level.");
        if (GpuDeviceId < 0)
            throw new ArgumentOutOfRangeException(nameof(GpuDeviceId), GpuDeviceId,
                $"{nameof(ScoringOptions)}.{nameof(GpuDeviceId)} must be at least 0, or null for the CPU.");
        return this;
    }
}
