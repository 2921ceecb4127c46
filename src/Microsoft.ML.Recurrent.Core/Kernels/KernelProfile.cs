using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>What the time of a training step goes into.</summary>
internal enum KernelPart
{
    /// <summary>Matrix products over all steps at once: input projection, weight gradients, dense layers.</summary>
    Products,

    /// <summary>The steps of recurrent layers, gates included.</summary>
    Steps,

    /// <summary>Of the steps, the gates' functions and their gradients.</summary>
    Gates,

    /// <summary>Softmax and cross-entropy.</summary>
    Softmax,

    /// <summary>Norms of gradients and updates of weights.</summary>
    Optimizer,

    /// <summary>Sums over columns: gradients of biases.</summary>
    Sums,
}

/// <summary>
/// Adds up where time goes, for benchmarks that run on one thread. Off, it costs a test of a flag; on, two readings of the clock for each measured part.
/// </summary>
internal static class KernelProfile
{
    /// <summary>Whether time is measured.</summary>
    public static bool IsEnabled { get; set; }

    /// <summary>Ticks of <see cref="Stopwatch"/> spent in each part.</summary>
    public static long[] Ticks { get; } = new long[6];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Begin() => IsEnabled ? Stopwatch.GetTimestamp() : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void End(KernelPart part, long begin)
    {
        if (begin != 0)
            Add(part, begin);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(KernelPart part, long begin) => Ticks[(int)part] += Stopwatch.GetTimestamp() - begin;
}
