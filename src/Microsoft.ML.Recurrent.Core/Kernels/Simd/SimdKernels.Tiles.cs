using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <content>
/// The register tiles of the matrix product. One body serves all sizes: rows and vectors are type parameters, so branches on them are removed and every size
/// from 1 x 1 to 12 x 2, 8 x 3 and 6 x 4 vectors is a loop with its accumulators in registers. Rows are split into tiles of nearly equal
/// height.
/// </content>
internal sealed unsafe partial class SimdKernels<S, V>
{
    internal override void Panel(in MatrixTile tile, int rows, int columns) => RunPanel(tile, rows, columns);

    /// <summary>The maximum rows of a tile with this number of vectors.</summary>
    internal static int MaximumRows(int vectors) => Math.Min(12, S.Accumulators / vectors);

    /// <summary>Computes <paramref name="rows"/> rows of one panel of up to four vectors of columns.</summary>
    internal static void RunPanel(in MatrixTile panel, int rows, int columns)
    {
        var vectors = (columns + S.Width - 1) / S.Width;
        var tile = panel;
        tile.LastColumns = columns - ((vectors - 1) * S.Width);
        var tiles = (rows + MaximumRows(vectors) - 1) / MaximumRows(vectors);
        for (var i = 0; i < tiles; i++)
        {
            var height = (rows + tiles - 1 - i) / tiles;
            tile.Next = i < tiles - 1 ? tile.C + (height * tile.CRow) : null;
            RunTile(height, vectors, tile);
            tile.A += height * tile.ARow;
            tile.C += height * tile.CRow;
        }
    }

    /// <summary>Computes one tile.</summary>
    internal static void RunTile(int rows, int vectors, in MatrixTile t)
    {
        switch ((vectors * 16) + rows)
        {
            case 17: Tile<N1, N1>(t); break;
            case 18: Tile<N2, N1>(t); break;
            case 19: Tile<N3, N1>(t); break;
            case 20: Tile<N4, N1>(t); break;
            case 21: Tile<N5, N1>(t); break;
            case 22: Tile<N6, N1>(t); break;
            case 23: Tile<N7, N1>(t); break;
            case 24: Tile<N8, N1>(t); break;
            case 25: Tile<N9, N1>(t); break;
            case 26: Tile<N10, N1>(t); break;
            case 27: Tile<N11, N1>(t); break;
            case 28: Tile<N12, N1>(t); break;
            case 33: Tile<N1, N2>(t); break;
            case 34: Tile<N2, N2>(t); break;
            case 35: Tile<N3, N2>(t); break;
            case 36: Tile<N4, N2>(t); break;
            case 37: Tile<N5, N2>(t); break;
            case 38: Tile<N6, N2>(t); break;
            case 39: Tile<N7, N2>(t); break;
            case 40: Tile<N8, N2>(t); break;
            case 41: Tile<N9, N2>(t); break;
            case 42: Tile<N10, N2>(t); break;
            case 43: Tile<N11, N2>(t); break;
            case 44: Tile<N12, N2>(t); break;
            case 49: Tile<N1, N3>(t); break;
            case 50: Tile<N2, N3>(t); break;
            case 51: Tile<N3, N3>(t); break;
            case 52: Tile<N4, N3>(t); break;
            case 53: Tile<N5, N3>(t); break;
            case 54: Tile<N6, N3>(t); break;
            case 55: Tile<N7, N3>(t); break;
            case 56: Tile<N8, N3>(t); break;
            case 65: Tile<N1, N4>(t); break;
            case 66: Tile<N2, N4>(t); break;
            case 67: Tile<N3, N4>(t); break;
            case 68: Tile<N4, N4>(t); break;
            case 69: Tile<N5, N4>(t); break;
            case 70: Tile<N6, N4>(t); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows), rows, $"There is no tile of {rows} rows and {vectors} vectors.");
        }
    }

    [MethodImpl(Hot)]
    private static void Tile<R, C>(in MatrixTile t)
        where R : struct, IConstInt
        where C : struct, IConstInt
    {
        nint row = t.ARow, step = t.AStep, bStep = t.BStep;
        float* a = t.A, b = t.B;
        var a3 = R.Value > 3 ? a + (3 * row) : a;
        var a6 = R.Value > 6 ? a + (6 * row) : a;
        var a9 = R.Value > 9 ? a + (9 * row) : a;
        V c00 = S.Zero, c01 = S.Zero, c02 = S.Zero, c03 = S.Zero;
        V c10 = S.Zero, c11 = S.Zero, c12 = S.Zero, c13 = S.Zero;
        V c20 = S.Zero, c21 = S.Zero, c22 = S.Zero, c23 = S.Zero;
        V c30 = S.Zero, c31 = S.Zero, c32 = S.Zero, c33 = S.Zero;
        V c40 = S.Zero, c41 = S.Zero, c42 = S.Zero, c43 = S.Zero;
        V c50 = S.Zero, c51 = S.Zero, c52 = S.Zero, c53 = S.Zero;
        V c60 = S.Zero, c61 = S.Zero, c62 = S.Zero;
        V c70 = S.Zero, c71 = S.Zero, c72 = S.Zero;
        V c80 = S.Zero, c81 = S.Zero;
        V c90 = S.Zero, c91 = S.Zero;
        V ca0 = S.Zero, ca1 = S.Zero;
        V cb0 = S.Zero, cb1 = S.Zero;
        if (t.Accumulate)
        {
            var from = t.C;
            if (R.Value > 0)
            {
                if (C.Value > 0)
                    c00 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c01 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c02 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                if (C.Value > 3)
                    c03 = C.Value == 4 ? LoadUpTo(from + (3 * S.Width), t.LastColumns) : S.Load(from + (3 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 1)
            {
                if (C.Value > 0)
                    c10 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c11 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c12 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                if (C.Value > 3)
                    c13 = C.Value == 4 ? LoadUpTo(from + (3 * S.Width), t.LastColumns) : S.Load(from + (3 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 2)
            {
                if (C.Value > 0)
                    c20 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c21 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c22 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                if (C.Value > 3)
                    c23 = C.Value == 4 ? LoadUpTo(from + (3 * S.Width), t.LastColumns) : S.Load(from + (3 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 3)
            {
                if (C.Value > 0)
                    c30 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c31 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c32 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                if (C.Value > 3)
                    c33 = C.Value == 4 ? LoadUpTo(from + (3 * S.Width), t.LastColumns) : S.Load(from + (3 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 4)
            {
                if (C.Value > 0)
                    c40 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c41 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c42 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                if (C.Value > 3)
                    c43 = C.Value == 4 ? LoadUpTo(from + (3 * S.Width), t.LastColumns) : S.Load(from + (3 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 5)
            {
                if (C.Value > 0)
                    c50 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c51 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c52 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                if (C.Value > 3)
                    c53 = C.Value == 4 ? LoadUpTo(from + (3 * S.Width), t.LastColumns) : S.Load(from + (3 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 6)
            {
                if (C.Value > 0)
                    c60 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c61 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c62 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 7)
            {
                if (C.Value > 0)
                    c70 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c71 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                if (C.Value > 2)
                    c72 = C.Value == 3 ? LoadUpTo(from + (2 * S.Width), t.LastColumns) : S.Load(from + (2 * S.Width));
                from += t.CRow;
            }
            if (R.Value > 8)
            {
                if (C.Value > 0)
                    c80 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c81 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                from += t.CRow;
            }
            if (R.Value > 9)
            {
                if (C.Value > 0)
                    c90 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    c91 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                from += t.CRow;
            }
            if (R.Value > 10)
            {
                if (C.Value > 0)
                    ca0 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    ca1 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
                from += t.CRow;
            }
            if (R.Value > 11)
            {
                if (C.Value > 0)
                    cb0 = C.Value == 1 ? LoadUpTo(from, t.LastColumns) : S.Load(from);
                if (C.Value > 1)
                    cb1 = C.Value == 2 ? LoadUpTo(from + S.Width, t.LastColumns) : S.Load(from + S.Width);
            }
        }
        else if (t.Bias != null)
        {
            var bias0 = C.Value > 0 ? C.Value == 1 ? LoadUpTo(t.Bias, t.LastColumns) : S.Load(t.Bias) : S.Zero;
            var bias1 = C.Value > 1 ? C.Value == 2 ? LoadUpTo(t.Bias + S.Width, t.LastColumns) : S.Load(t.Bias + S.Width) : S.Zero;
            var bias2 = C.Value > 2 ? C.Value == 3 ? LoadUpTo(t.Bias + (2 * S.Width), t.LastColumns) : S.Load(t.Bias + (2 * S.Width)) : S.Zero;
            var bias3 = C.Value > 3 ? C.Value == 4 ? LoadUpTo(t.Bias + (3 * S.Width), t.LastColumns) : S.Load(t.Bias + (3 * S.Width)) : S.Zero;
            c00 = bias0; c01 = bias1; c02 = bias2; c03 = bias3;
            c10 = bias0; c11 = bias1; c12 = bias2; c13 = bias3;
            c20 = bias0; c21 = bias1; c22 = bias2; c23 = bias3;
            c30 = bias0; c31 = bias1; c32 = bias2; c33 = bias3;
            c40 = bias0; c41 = bias1; c42 = bias2; c43 = bias3;
            c50 = bias0; c51 = bias1; c52 = bias2; c53 = bias3;
            c60 = bias0; c61 = bias1; c62 = bias2;
            c70 = bias0; c71 = bias1; c72 = bias2;
            c80 = bias0; c81 = bias1;
            c90 = bias0; c91 = bias1;
            ca0 = bias0; ca1 = bias1;
            cb0 = bias0; cb1 = bias1;
        }
        if (t.Next != null)
        {
            var next = t.Next;
            for (var r = 0; r < R.Value; r++, next += t.CRow)
                S.Prefetch(next, C.Value);
        }
        for (var k = t.Depth; k > 0; k--)
        {
            V b0 = S.Load(b), b1 = C.Value > 1 ? S.Load(b + S.Width) : b0;
            V b2 = C.Value > 2 ? S.Load(b + (2 * S.Width)) : b0, b3 = C.Value > 3 ? S.Load(b + (3 * S.Width)) : b0;
            b += bStep;
            if (R.Value > 0)
            {
                var x = S.Create(*a);
                c00 = S.MultiplyAdd(x, b0, c00);
                if (C.Value > 1)
                    c01 = S.MultiplyAdd(x, b1, c01);
                if (C.Value > 2)
                    c02 = S.MultiplyAdd(x, b2, c02);
                if (C.Value > 3)
                    c03 = S.MultiplyAdd(x, b3, c03);
            }
            if (R.Value > 1)
            {
                var x = S.Create(a[row]);
                c10 = S.MultiplyAdd(x, b0, c10);
                if (C.Value > 1)
                    c11 = S.MultiplyAdd(x, b1, c11);
                if (C.Value > 2)
                    c12 = S.MultiplyAdd(x, b2, c12);
                if (C.Value > 3)
                    c13 = S.MultiplyAdd(x, b3, c13);
            }
            if (R.Value > 2)
            {
                var x = S.Create(a[2 * row]);
                c20 = S.MultiplyAdd(x, b0, c20);
                if (C.Value > 1)
                    c21 = S.MultiplyAdd(x, b1, c21);
                if (C.Value > 2)
                    c22 = S.MultiplyAdd(x, b2, c22);
                if (C.Value > 3)
                    c23 = S.MultiplyAdd(x, b3, c23);
            }
            if (R.Value > 3)
            {
                var x = S.Create(*a3);
                c30 = S.MultiplyAdd(x, b0, c30);
                if (C.Value > 1)
                    c31 = S.MultiplyAdd(x, b1, c31);
                if (C.Value > 2)
                    c32 = S.MultiplyAdd(x, b2, c32);
                if (C.Value > 3)
                    c33 = S.MultiplyAdd(x, b3, c33);
            }
            if (R.Value > 4)
            {
                var x = S.Create(a3[row]);
                c40 = S.MultiplyAdd(x, b0, c40);
                if (C.Value > 1)
                    c41 = S.MultiplyAdd(x, b1, c41);
                if (C.Value > 2)
                    c42 = S.MultiplyAdd(x, b2, c42);
                if (C.Value > 3)
                    c43 = S.MultiplyAdd(x, b3, c43);
            }
            if (R.Value > 5)
            {
                var x = S.Create(a3[2 * row]);
                c50 = S.MultiplyAdd(x, b0, c50);
                if (C.Value > 1)
                    c51 = S.MultiplyAdd(x, b1, c51);
                if (C.Value > 2)
                    c52 = S.MultiplyAdd(x, b2, c52);
                if (C.Value > 3)
                    c53 = S.MultiplyAdd(x, b3, c53);
            }
            if (R.Value > 6)
            {
                var x = S.Create(*a6);
                c60 = S.MultiplyAdd(x, b0, c60);
                if (C.Value > 1)
                    c61 = S.MultiplyAdd(x, b1, c61);
                if (C.Value > 2)
                    c62 = S.MultiplyAdd(x, b2, c62);
            }
            if (R.Value > 7)
            {
                var x = S.Create(a6[row]);
                c70 = S.MultiplyAdd(x, b0, c70);
                if (C.Value > 1)
                    c71 = S.MultiplyAdd(x, b1, c71);
                if (C.Value > 2)
                    c72 = S.MultiplyAdd(x, b2, c72);
            }
            if (R.Value > 8)
            {
                var x = S.Create(a6[2 * row]);
                c80 = S.MultiplyAdd(x, b0, c80);
                if (C.Value > 1)
                    c81 = S.MultiplyAdd(x, b1, c81);
            }
            if (R.Value > 9)
            {
                var x = S.Create(*a9);
                c90 = S.MultiplyAdd(x, b0, c90);
                if (C.Value > 1)
                    c91 = S.MultiplyAdd(x, b1, c91);
            }
            if (R.Value > 10)
            {
                var x = S.Create(a9[row]);
                ca0 = S.MultiplyAdd(x, b0, ca0);
                if (C.Value > 1)
                    ca1 = S.MultiplyAdd(x, b1, ca1);
            }
            if (R.Value > 11)
            {
                var x = S.Create(a9[2 * row]);
                cb0 = S.MultiplyAdd(x, b0, cb0);
                if (C.Value > 1)
                    cb1 = S.MultiplyAdd(x, b1, cb1);
            }
            a += step;
            if (R.Value > 3)
                a3 += step;
            if (R.Value > 6)
                a6 += step;
            if (R.Value > 9)
                a9 += step;
        }
        var to = t.C;
        if (R.Value > 0)
        {
            StoreRow<C>(to, c00, c01, c02, c03, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 1)
        {
            StoreRow<C>(to, c10, c11, c12, c13, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 2)
        {
            StoreRow<C>(to, c20, c21, c22, c23, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 3)
        {
            StoreRow<C>(to, c30, c31, c32, c33, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 4)
        {
            StoreRow<C>(to, c40, c41, c42, c43, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 5)
        {
            StoreRow<C>(to, c50, c51, c52, c53, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 6)
        {
            StoreRow<C>(to, c60, c61, c62, c60, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 7)
        {
            StoreRow<C>(to, c70, c71, c72, c70, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 8)
        {
            StoreRow<C>(to, c80, c81, c80, c80, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 9)
        {
            StoreRow<C>(to, c90, c91, c90, c90, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 10)
        {
            StoreRow<C>(to, ca0, ca1, ca0, ca0, t.LastColumns);
            to += t.CRow;
        }
        if (R.Value > 11)
        {
            StoreRow<C>(to, cb0, cb1, cb0, cb0, t.LastColumns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<C>(float* to, V v0, V v1, V v2, V v3, int lastColumns)
        where C : struct, IConstInt
    {
        if (C.Value > 1)
            S.Store(to, v0);
        if (C.Value > 2)
            S.Store(to + S.Width, v1);
        if (C.Value > 3)
            S.Store(to + (2 * S.Width), v2);
        StoreUpTo(to + ((C.Value - 1) * S.Width), C.Value == 1 ? v0 : C.Value == 2 ? v1 : C.Value == 3 ? v2 : v3, lastColumns);
    }
}
