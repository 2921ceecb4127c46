using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// A blocked matrix product: for each block of the depth and each group of column panels, B is packed into a buffer that stays in the L2 cache; then the tiles
/// run over it, row block by row block.
/// </summary>
internal unsafe struct MatrixJob
{
    // A panel of B of this depth and the matching rows of A fit the caches of current CPUs; larger blocks read C less often. Blocks have equal size, up to 1.5
    // times this depth.
    private const int DepthBlock = 384;
    private const int RowBlock = 96;

    // Panels packed together: 384 x 320 floats with AVX-512, half of an L2 cache of 1 MiB.
    private const int GroupPanels = 5;

    // Rows of a transposed A farther apart than this many floats are prefetched explicitly: the hardware prefetcher does not cross pages.
    private const int FarApart = 256;

    /// <summary>Element (r, k) of op(A) is A[r * ARow + k * AStep].</summary>
    public float* A;
    public nint ARow, AStep;

    /// <summary>Element (k, n) of op(B) is B[k * BStep + n * BColumn], unless B is packed.</summary>
    public float* B;
    public nint BStep, BColumn;
    public PackedMatrix Packed;
    public bool IsPacked;

    /// <summary>A row added to every row of C, unless C is accumulated; null for none.</summary>
    public float* Bias;

    public float* C;
    public nint CRow;
    public int Rows, Columns, Depth;
    public bool Accumulate;
    public CpuKernels Kernels;

    /// <summary>The partition of rows and panels among threads.</summary>
    public int RowParts, PanelParts;

    internal readonly int PanelColumns => MatrixProduct.PanelVectors(Kernels) * Kernels.VectorWidth;

    /// <summary>The number of column panels.</summary>
    public readonly int Panels => (Columns + PanelColumns - 1) / PanelColumns;

    /// <summary>Computes some rows and panels of C.</summary>
    public readonly void Run(int firstRow, int endRow, int firstPanel, int endPanel)
    {
        int width = PanelColumns, depthBlocks = Math.Max(1, (Depth + (DepthBlock / 2)) / DepthBlock),
            depthBlock = Math.Max(1, (Depth + depthBlocks - 1) / depthBlocks);
        var group = IsPacked ? endPanel - firstPanel : Math.Min(GroupPanels, endPanel - firstPanel);
        var packedLength = IsPacked ? 0 : (long)depthBlock * group * width;
        var packed = IsPacked ? null : BufferPool.Shared.RentFloats(packedLength);
        var tile = new MatrixTile { ARow = ARow, AStep = AStep, CRow = CRow };
        for (var k = 0; k < Depth || k == 0; k += depthBlock)
        {
            tile.Depth = Math.Min(depthBlock, Depth - k);
            tile.Accumulate = Accumulate || k > 0;
            for (var groupStart = firstPanel; groupStart < endPanel; groupStart += group)
            {
                var groupEnd = Math.Min(groupStart + group, endPanel);
                if (!IsPacked)
                    Pack(k, tile.Depth, groupStart, groupEnd, packed);
                for (var row = firstRow; row < endRow; row += RowBlock)
                {
                    var rows = Math.Min(RowBlock, endRow - row);
                    for (var panel = groupStart; panel < groupEnd; panel++)
                    {
                        if (ARow == 1 && AStep > FarApart && groupStart == firstPanel)
                            PrefetchNextBlock(k, tile.Depth, row + RowBlock, endRow, panel - groupStart, groupEnd - groupStart);
                        var columns = Math.Min(width, Columns - (panel * width));
                        if (IsPacked)
                        {
                            tile.B = Packed.Panel(panel, out var rowLength) + ((nint)k * rowLength);
                            tile.BStep = rowLength;
                        }
                        else
                        {
                            tile.B = packed + ((nint)(panel - groupStart) * width * tile.Depth);
                            tile.BStep = Padded(columns);
                        }
                        tile.A = A + (row * ARow) + (k * AStep);
                        tile.Bias = Bias == null || k > 0 ? null : Bias + ((nint)panel * width);
                        tile.C = C + (row * CRow) + ((nint)panel * width);
                        Kernels.Panel(tile, rows, columns);
                    }
                }
            }
        }
        BufferPool.Shared.ReturnFloats(packed, packedLength);
    }

    // While a panel of this row block is computed, a share of the next block of a transposed A is prefetched into the L2 cache.
    private readonly void PrefetchNextBlock(int k, int depth, int row, int endRow, int share, int shares)
    {
        var rows = Math.Min(RowBlock, endRow - row);
        if (rows <= 0 || !Sse.IsSupported)
            return;
        int first = (int)((long)depth * share / shares), end = (int)((long)depth * (share + 1) / shares);
        for (var i = first; i < end; i++)
        {
            var from = A + row + ((k + i) * AStep);
            for (var r = 0; r < rows; r += 16)
                Sse.Prefetch1(from + r);
        }
    }

    private readonly void Pack(int k, int depth, int firstPanel, int endPanel, float* packed)
    {
        var width = PanelColumns;
        for (var panel = firstPanel; panel < endPanel; panel++)
        {
            var columns = Math.Min(width, Columns - (panel * width));
            var to = packed + ((nint)(panel - firstPanel) * width * depth);
            Packing.PackPanel(B + (k * BStep) + (panel * width * BColumn), BStep, BColumn, depth, columns, to, Padded(columns));
        }
    }

    private readonly int Padded(int columns) => (columns + Kernels.VectorWidth - 1) / Kernels.VectorWidth * Kernels.VectorWidth;
}
