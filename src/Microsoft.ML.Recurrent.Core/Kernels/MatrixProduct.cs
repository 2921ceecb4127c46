using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// C = op(A) op(B) or C += op(A) op(B), row-major with leading dimensions. Every element of C is one chain of fused multiply-adds over the depth in rising order, whatever the
/// blocking, the tile sizes and the number of threads, so results depend on the operands alone.
/// </summary>
internal static unsafe class MatrixProduct
{
    /// <summary>The part of the depth that is worked off at once: a packed panel of B and the rows of A then stay in the second-level cache.</summary>
    private const int DepthBlock = 384;

    /// <summary>Rows of A that are worked off at once, to stay in the second-level cache.</summary>
    private const int RowBlock = 96;

    /// <summary>Products of fewer multiplications than this run on one thread.</summary>
    private const long WorthThreads = 1 << 19;

    /// <summary>Vectors of a panel of packed columns.</summary>
    internal static int PanelVectors(CpuKernels kernels) => kernels.Accumulators >= 24 ? 4 : 2;

    /// <summary>
    /// C (+)= op(A) op(B), where op(A) is [rows, depth], op(B) is [depth, columns] and C is [rows, columns]. A transposed operand is stored the other way round.
    /// A leading dimension is the distance of two stored rows.
    /// </summary>
    /// <param name="transposeA">Whether A is stored as [depth, rows].</param>
    /// <param name="transposeB">Whether B is stored as [columns, depth].</param>
    /// <param name="rows">The rows of C.</param>
    /// <param name="columns">The columns of C.</param>
    /// <param name="depth">The products summed for each element.</param>
    /// <param name="a">The first operand.</param>
    /// <param name="lda">Its leading dimension.</param>
    /// <param name="b">The second operand.</param>
    /// <param name="ldb">Its leading dimension.</param>
    /// <param name="c">The result; it must not overlap the operands.</param>
    /// <param name="ldc">Its leading dimension.</param>
    /// <param name="accumulate">Whether the product is added to C.</param>
    /// <param name="kernels">The path to use; the current one by default.</param>
    public static void Multiply(
        bool transposeA, bool transposeB, int rows, int columns, int depth, float* a, nint lda, float* b, nint ldb, float* c, nint ldc,
        bool accumulate = false, CpuKernels? kernels = null)
    {
        kernels ??= CpuKernels.Current;
        if (rows == 0 || columns == 0)
            return;
        long begin = KernelProfile.Begin();
        PackedMatrix packed = PackedMatrix.Pack(kernels, transposeB, depth, columns, b, ldb);
        KernelProfile.End(KernelPart.Products, begin);
        Multiply(transposeA, rows, a, lda, packed, c, ldc, accumulate, kernels);
        packed.Dispose();
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
    /// <param name="kernels">The path to use; the current one by default.</param>
    public static void Multiply(
        bool transposeA, int rows, float* a, nint lda, in PackedMatrix b, float* c, nint ldc, bool accumulate = false, CpuKernels? kernels = null)
    {
        if (rows == 0 || b.Columns == 0)
            return;
        long begin = KernelProfile.Begin();
        var job = new Job
        {
            A = a, ARow = transposeA ? 1 : lda, AStep = transposeA ? lda : 1, B = b, C = c, CRow = ldc, Rows = rows, Accumulate = accumulate,
        };
        job.Kernels = kernels ?? CpuKernels.Current;
        long work = (long)rows * b.Columns * b.Depth;
        int threads = work < WorthThreads ? 1 : Workers.Available;
        if (threads == 1)
        {
            job.Run(0, rows, 0, b.Panels);
            KernelProfile.End(KernelPart.Products, begin);
            return;
        }
        // Cut the longer side, in units of register tiles; each thread gets about two parts.
        int parts = threads * 2, panels = b.Panels, rowUnits = (rows + 11) / 12;
        (job.RowParts, job.PanelParts) = rowUnits >= panels ? (Math.Min(parts, rowUnits), 1) : (1, Math.Min(parts, panels));
        Workers.Run(job.RowParts * job.PanelParts, &RunPart, Unsafe.AsPointer(ref job));
    }

#pragma warning disable CS8500 // The job holds a reference, but lives on the caller's stack while its parts run.
    private static void RunPart(void* context, int part)
    {
        ref Job job = ref *(Job*)context;
        int rowPart = part / job.PanelParts, panelPart = part % job.PanelParts, units = (job.Rows + 11) / 12, panels = job.B.Panels;
        int firstRow = (int)((long)units * rowPart / job.RowParts * 12), endRow = Math.Min(job.Rows, (int)((long)units * (rowPart + 1) / job.RowParts * 12));
        int firstPanel = (int)((long)panels * panelPart / job.PanelParts), endPanel = (int)((long)panels * (panelPart + 1) / job.PanelParts);
        job.Run(firstRow, endRow, firstPanel, endPanel);
    }

    private struct Job
    {
        public float* A, C;
        public nint ARow, AStep, CRow;
        public PackedMatrix B;
        public int Rows, RowParts, PanelParts;
        public bool Accumulate;
        public CpuKernels Kernels;

        public readonly void Run(int firstRow, int endRow, int firstPanel, int endPanel)
        {
            var tile = new MatrixTile { ARow = ARow, AStep = AStep, CRow = CRow };
            int depth = B.Depth;
            for (int k = 0; k < depth || k == 0; k += DepthBlock)
            {
                tile.Depth = Math.Min(DepthBlock, depth - k);
                tile.Accumulate = Accumulate || k > 0;
                for (int row = firstRow; row < endRow; row += RowBlock)
                    for (int panel = firstPanel; panel < endPanel; panel++)
                    {
                        tile.B = B.Panel(panel, out int rowLength) + ((nint)k * rowLength);
                        tile.BStep = rowLength;
                        tile.A = A + (row * ARow) + (k * AStep);
                        tile.C = C + (row * CRow) + ((nint)panel * B.PanelColumns);
                        Kernels.Panel(tile, Math.Min(RowBlock, endRow - row), Math.Min(B.PanelColumns, B.Columns - (panel * B.PanelColumns)));
                    }
            }
        }
    }
#pragma warning restore CS8500
}
