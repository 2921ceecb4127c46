using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>The parts of a training step that are timed.</summary>
internal enum KernelPart
{
    /// <summary>Matrix products over all steps at once: input projection, weight gradients, dense layers.</summary>
    Products,

    /// <summary>The steps of recurrent layers, gates included.</summary>
    Steps,

    /// <summary>Part of <see cref="Steps"/>: gate functions and their gradients.</summary>
    Gates,

    /// <summary>Softmax and cross-entropy.</summary>
    Softmax,

    /// <summary>Gradient norms and weight updates.</summary>
    Optimizer,

    /// <summary>Column sums: bias gradients.</summary>
    Sums,
}

/// <summary>
/// Accumulates times and counts, for single-threaded benchmarks and tests. Costs a flag test when disabled and two clock reads per part when enabled.
/// </summary>
internal static class KernelProfile
{
    /// <summary>Whether time is measured.</summary>
    public static bool IsEnabled { get; set; }

    /// <summary>Ticks of <see cref="Stopwatch"/> spent in each part.</summary>
    public static long[] Ticks { get; } = new long[6];

    /// <summary>How often each part ran.</summary>
    public static long[] Counts { get; } = new long[6];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Begin() => IsEnabled ? Stopwatch.GetTimestamp() : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void End(KernelPart part, long begin)
    {
        if (begin != 0)
            Add(part, begin);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(KernelPart part, long begin)
    {
        Ticks[(int)part] += Stopwatch.GetTimestamp() - begin;
        Counts[(int)part]++;
    }
}
