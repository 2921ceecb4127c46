namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>A compile-time integer: the rows or vectors of a tile.</summary>
internal interface IConstInt
{
    static abstract int Value { get; }
}

internal readonly struct N1 : IConstInt
{
    public static int Value => 1;
}

internal readonly struct N2 : IConstInt
{
    public static int Value => 2;
}

internal readonly struct N3 : IConstInt
{
    public static int Value => 3;
}

internal readonly struct N4 : IConstInt
{
    public static int Value => 4;
}

internal readonly struct N5 : IConstInt
{
    public static int Value => 5;
}

internal readonly struct N6 : IConstInt
{
    public static int Value => 6;
}

internal readonly struct N7 : IConstInt
{
    public static int Value => 7;
}

internal readonly struct N8 : IConstInt
{
    public static int Value => 8;
}

internal readonly struct N9 : IConstInt
{
    public static int Value => 9;
}

internal readonly struct N10 : IConstInt
{
    public static int Value => 10;
}

internal readonly struct N11 : IConstInt
{
    public static int Value => 11;
}

internal readonly struct N12 : IConstInt
{
    public static int Value => 12;
}
