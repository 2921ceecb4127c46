namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>
/// The vector operations of all kernels; one struct per instruction set implements them. All members are inlined, so a generic kernel instantiated with such a
/// struct compiles to that instruction set only.
/// </summary>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>The name of the path in MLRECURRENT_KERNELS.</summary>
    static abstract string Name { get; }

    /// <summary>Floats per vector.</summary>
    static abstract int Width { get; }

    /// <summary>The maximum number of accumulators that a register-blocked product keeps besides its operands.</summary>
    static abstract int Accumulators { get; }

    static abstract TVector Zero { get; }
    static abstract TVector Create(float value);
    static abstract TVector Load(float* source);
    static abstract void Store(float* destination, TVector value);

    /// <summary>Loads the first <paramref name="count"/> elements (1 to Width), followed by zeros; does not read memory past them.</summary>
    static abstract TVector LoadPartial(float* source, int count);

    /// <summary>Stores the first <paramref name="count"/> elements (1 to Width) only.</summary>
    static abstract void StorePartial(float* destination, TVector value, int count);

    /// <summary>Prefetches this number of vectors.</summary>
    static abstract void Prefetch(float* source, int vectors);

    static abstract TVector Add(TVector a, TVector b);
    static abstract TVector Subtract(TVector a, TVector b);
    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>a * b + c, rounded once if the instruction set can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>c - a * b, rounded once if the instruction set can.</summary>
    static abstract TVector MultiplyAddNegated(TVector a, TVector b, TVector c);

    /// <summary>
    /// The smaller element. May return <paramref name="b"/> if <paramref name="a"/> is NaN, so pass the variable as <paramref name="b"/> to propagate NaN.
    /// </summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>The larger element, with the same rule for NaN as <see cref="Min"/>.</summary>
    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Sqrt(TVector a);
    static abstract TVector Abs(TVector a);

    /// <summary>The nearest integer, ties to even.</summary>
    static abstract TVector Round(TVector a);

    /// <summary>1 / a to within one unit in the last place; 1 / 0 and 1 / infinity need not be exact.</summary>
    static abstract TVector Reciprocal(TVector a);

    /// <summary>a * 2^n for integral n between -252 and 252; values below the normal range may become 0.</summary>
    static abstract TVector Scale(TVector a, TVector n);

    /// <summary>Splits a positive normal number into a mantissa in [1, 2) and its binary exponent.</summary>
    static abstract TVector Decompose(TVector a, out TVector exponent);

    /// <summary>All bits set if a &gt; b, otherwise none.</summary>
    static abstract TVector GreaterThan(TVector a, TVector b);

    /// <summary><paramref name="a"/> where the bits of the mask are set, otherwise <paramref name="b"/>.</summary>
    static abstract TVector Select(TVector mask, TVector a, TVector b);

    /// <summary>The sum of all elements, in a fixed order.</summary>
    static abstract float Sum(TVector a);

    /// <summary>The largest element.</summary>
    static abstract float MaxElement(TVector a);
}
