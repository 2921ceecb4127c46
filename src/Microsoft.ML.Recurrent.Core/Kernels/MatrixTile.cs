namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// The operands of one register tile, C (+)= A B. A is read element by element, so both strides are free: rows of a matrix, columns of one (a transposed
/// operand), or a packed panel need no different kernel. B is read in whole vectors, so what lies behind its last column is read, but not used.
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

    /// <summary>A row that is added to every row of C where C is not added to; null for none.</summary>
    public float* Bias;

    /// <summary>The number of products that are summed.</summary>
    public int Depth;

    /// <summary>Columns used of the last vector.</summary>
    public int LastColumns;

    /// <summary>The tile of C that comes next, to be brought into the cache meanwhile; null for none.</summary>
    public float* Next;

    /// <summary>Whether C is added to.</summary>
    public bool Accumulate;
}
