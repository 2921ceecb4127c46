using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// The right-hand operand of a product, [depth, columns], in the order in which the register tiles read it: panels of <see cref="PanelColumns"/> columns, each
/// depth-major, the last one zero-padded to whole vectors. A struct over pooled memory: rent it, pack it once, use it in many products, dispose it.
/// </summary>
internal unsafe struct PackedMatrix : IDisposable
{
    private float* _data;
    private long _length;

    /// <summary>The inner dimension.</summary>
    public int Depth { get; private set; }

    /// <summary>The columns of the result.</summary>
    public int Columns { get; private set; }

    /// <summary>Columns of a full panel.</summary>
    public int PanelColumns { get; private set; }

    /// <summary>Columns per vector; the last panel is padded to a multiple of this.</summary>
    public int Width { get; private set; }

    /// <summary>The number of panels.</summary>
    public readonly int Panels => (Columns + PanelColumns - 1) / PanelColumns;

    /// <summary>Rents memory for a matrix of this size; its content is undefined until packed.</summary>
    public static PackedMatrix Rent(CpuKernels kernels, int depth, int columns)
    {
        int width = kernels.VectorWidth, padded = (columns + width - 1) / width * width;
        var length = Math.Max(1, (long)depth * padded);
        return new PackedMatrix
        {
            Depth = depth, Columns = columns, Width = width, PanelColumns = MatrixProduct.PanelVectors(kernels) * width,
            _length = length, _data = BufferPool.Shared.RentFloats(length),
        };
    }

    /// <summary>Rents and packs op(B): B is [depth, columns] row-major, or [columns, depth] if transposed.</summary>
    public static PackedMatrix Pack(CpuKernels kernels, bool transposed, int depth, int columns, float* b, nint leadingDimension)
    {
        var packed = Rent(kernels, depth, columns);
        packed.PackRows(0, depth, b, transposed ? 1 : leadingDimension, transposed ? leadingDimension : 1);
        return packed;
    }

    /// <summary>The first element of a panel and the length of its rows.</summary>
    public readonly float* Panel(int panel, out int rowLength)
    {
        rowLength = Math.Min(PanelColumns, (Columns - (panel * PanelColumns) + Width - 1) / Width * Width);
        return _data + ((nint)panel * PanelColumns * Depth);
    }

    /// <summary>Packs rows [first, first + count) of the operand, whose element (k, n) is source[(k - first) * rowStride + n * columnStride].</summary>
    public readonly void PackRows(int first, int count, float* source, nint rowStride, nint columnStride)
    {
        for (var panel = 0; panel < Panels; panel++)
        {
            var to = Panel(panel, out var rowLength) + ((nint)first * rowLength);
            int column = panel * PanelColumns, columns = Math.Min(PanelColumns, Columns - column);
            Packing.PackPanel(source + (column * columnStride), rowStride, columnStride, count, columns, to, rowLength);
        }
    }

    /// <summary>Returns the memory to the pool.</summary>
    public void Dispose()
    {
        BufferPool.Shared.ReturnFloats(_data, _length);
        _data = null;
        _length = 0;
    }
}
