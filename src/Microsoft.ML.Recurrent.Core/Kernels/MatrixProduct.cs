using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// C = op(A) op(B) or C += op(A) op(B), row-major with leading dimensions. Every element of C is a chain of fused multiply-adds over ascending depth, whatever
/// the blocking, tile sizes and number of threads, so results depend on the operands only.
/// </summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Products with fewer multiplications run on one thread: about 40 microseconds, several times the cost of waking another thread.</summary>
    private const long WorthThreads = 1 << 22;

    /// <summary>The row granularity of the partition: a multiple of the heights of the widest and the narrowest tile.</summary>
    private const int RowUnit = 12;

    /// <summary>The cost of packing a panel, in rows multiplied by it.</summary>
    private const int PackingRows = 16;

    /// <summary>Vectors per panel of packed columns.</summary>
    internal static int PanelVectors(CpuKernels kernels) => kernels.Accumulators >= 24 ? 4 : 2;

    /// <summary>
    /// C (+)= op(A) op(B), where op(A) is [rows, depth], op(B) is [depth, columns] and C is [rows, columns]. The leading dimension is the distance between two
    /// stored rows.
    /// </summary>
    /// <param name="transposeA">Whether A is stored as [depth, rows].</param>
    /// <param name="transposeB">Whether B is stored as [columns, depth].</param>
    /// <param name="rows">The rows of C.</param>
    /// <param name="columns">The columns of C.</param>
    /// <param name="depth">The inner dimension.</param>
    /// <param name="a">The first operand.</param>
    /// <param name="lda">Its leading dimension.</param>
    /// <param name="b">The second operand.</param>
    /// <param name="ldb">Its leading dimension.</param>
    /// <param name="c">The result; it must not overlap the operands.</param>
    /// <param name="ldc">Its leading dimension.</param>
    /// <param name="accumulate">Whether the product is added to C.</param>
    /// <param name="kernels">The kernel path; null for the current one.</param>
    /// <param name="bias">A row added to every row of C, unless C is accumulated; null for none.</param>
    public static void Multiply(
        bool transposeA, bool transposeB, int rows, int columns, int depth, float* a, nint lda, float* b, nint ldb, float* c, nint ldc,
        bool accumulate = false, CpuKernels? kernels = null, float* bias = null)
    {
        var job = new MatrixJob
        {
            A = a, ARow = transposeA ? 1 : lda, AStep = transposeA ? lda : 1, B = b, BStep = transposeB ? 1 : ldb, BColumn = transposeB ? ldb : 1,
            C = c, CRow = ldc, Bias = bias, Rows = rows, Columns = columns, Depth = depth, Accumulate = accumulate, Kernels = kernels ?? CpuKernels.Current,
        };
        Run(ref job);
    }

    /// <summary>C (+)= op(A) B for a packed B.</summary>
    /// <param name="transposeA">Whether A is stored as [depth, rows].</param>
    /// <param name="rows">The rows of C.</param>
    /// <param name="a">The first operand.</param>
    /// <param name="lda">Its leading dimension.</param>
    /// <param name="b">The second operand, packed for the same path.</param>
    /// <param name="c">The result; it must not overlap the operands.</param>
    /// <param name="ldc">Its leading dimension.</param>
    /// <param name="accumulate">Whether the product is added to C.</param>
    /// <param name="kernels">The kernel path; null for the current one.</param>
    public static void Multiply(
        bool transposeA, int rows, float* a, nint lda, in PackedMatrix b, float* c, nint ldc, bool accumulate = false, CpuKernels? kernels = null)
    {
        var job = new MatrixJob
        {
            A = a, ARow = transposeA ? 1 : lda, AStep = transposeA ? lda : 1, Packed = b, IsPacked = true, C = c, CRow = ldc, Rows = rows, Columns = b.Columns,
            Depth = b.Depth, Accumulate = accumulate, Kernels = kernels ?? CpuKernels.Current,
        };
        Run(ref job);
    }

    private static void Run(ref MatrixJob job)
    {
        if (job.Rows == 0 || job.Columns == 0)
            return;
        var begin = KernelProfile.Begin();
        var work = (long)job.Rows * job.Columns * job.Depth;
        int panels = job.Panels, threads = work < WorthThreads ? 1 : Workers.Available;
        if (threads == 1)
            job.Run(0, job.Rows, 0, panels);
        else
        {
            (job.RowParts, job.PanelParts) = Cut(job, threads);
            Workers.Run(job.RowParts * job.PanelParts, &RunPart, Unsafe.AsPointer(ref job));
        }
        KernelProfile.End(KernelPart.Products, begin);
    }

    // Each row part packs all panels itself, while panels may not divide evenly: choose the partition whose longest part costs less. Many rows or panels are
    // cut finer, so that a thread that starts late has less to do.
    private static (int RowParts, int PanelParts) Cut(in MatrixJob job, int threads)
    {
        int panels = job.Panels, units = (job.Rows + RowUnit - 1) / RowUnit;
        if (panels >= 8 * threads)
            return (1, 2 * threads);
        double packing = job.IsPacked ? 0 : (double)PackingRows / job.Rows, fullPanels = (double)job.Columns / job.PanelColumns;
        var byPanels = Math.Min(fullPanels, (panels + threads - 1) / threads) / fullPanels * (1 + packing);
        var byRows = (Math.Min(job.Rows, (units + threads - 1) / threads * RowUnit) / (double)job.Rows) + packing;
        return byPanels < byRows ? (1, Math.Min(threads, panels)) : (Math.Min(units, job.Rows >= 1024 * threads ? 2 * threads : threads), 1);
    }

#pragma warning disable CS8500 // The job holds a reference, but lives on the caller's stack while its parts run.
    private static void RunPart(void* context, int part)
    {
        ref var job = ref *(MatrixJob*)context;
        int rowPart = part / job.PanelParts, panelPart = part % job.PanelParts, units = (job.Rows + RowUnit - 1) / RowUnit, panels = job.Panels;
        int firstRow = (int)((long)units * rowPart / job.RowParts) * RowUnit,
            endRow = Math.Min(job.Rows, (int)((long)units * (rowPart + 1) / job.RowParts) * RowUnit);
        job.Run(firstRow, endRow, (int)((long)panels * panelPart / job.PanelParts), (int)((long)panels * (panelPart + 1) / job.PanelParts));
    }
#pragma warning restore CS8500
}
