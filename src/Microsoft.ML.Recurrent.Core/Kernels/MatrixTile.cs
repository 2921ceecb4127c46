namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// The operands of one register tile, C (+)= A B. A is read element by element with free strides, so rows, columns (a transposed operand) and packed panels use
/// the same kernel. B is read in whole vectors: elements past its last column are read but not used.
/// </summary>
internal unsafe struct MatrixTile
{
    /// <summary>Element (r, k) is A[r * ARow + k * AStep].</summary>
    public float* A;
    public nint ARow, AStep;

    /// <summary>Row k begins at B[k * BStep].</summary>
    public float* B;
    public nint BStep;

    /// <summary>Row r begins at C[r * CRow].</summary>
    public float* C;
    public nint CRow;

    /// <summary>A row added to every row of C, unless C is accumulated; null for none.</summary>
    public float* Bias;

    /// <summary>The inner dimension.</summary>
    public int Depth;

    /// <summary>Columns used in the last vector.</summary>
    public int LastColumns;

    /// <summary>The next tile of C, to prefetch; null for none.</summary>
    public float* Next;

    /// <summary>Whether the product is added to C.</summary>
    public bool Accumulate;
}
