namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>The sizes of a tensor of one to four dimensions, outermost first. A value type: copying, comparing and hashing do not allocate.</summary>
internal readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest number of dimensions.</summary>
    public const int MaximumRank = 4;

    private readonly int _d0, _d1, _d2, _d3;

    public Shape(int d0) : this(1, d0, 1, 1, 1) { }
    public Shape(int d0, int d1) : this(2, d0, d1, 1, 1) { }
    public Shape(int d0, int d1, int d2) : this(3, d0, d1, d2, 1) { }
    public Shape(int d0, int d1, int d2, int d3) : this(4, d0, d1, d2, d3) { }

    /// <summary>Creates a shape of the given sizes.</summary>
    /// <exception cref="ArgumentException">There are no sizes, more than <see cref="MaximumRank"/>, or a negative one.</exception>
    public Shape(ReadOnlySpan<int> sizes)
        : this(sizes.Length, sizes.Length > 0 ? sizes[0] : 1, sizes.Length > 1 ? sizes[1] : 1, sizes.Length > 2 ? sizes[2] : 1,
            sizes.Length > 3 ? sizes[3] : 1)
    { }

    private Shape(int rank, int d0, int d1, int d2, int d3)
    {
        if (rank is < 1 or > MaximumRank)
            throw new ArgumentException($"A shape has 1 to {MaximumRank} dimensions, not {rank}.", "sizes");
        if ((d0 | d1 | d2 | d3) < 0)
            throw new ArgumentException("The sizes of a shape must not be negative.", "sizes");
        var length = (long)d0 * d1;
        if (length > int.MaxValue || (length *= d2) > int.MaxValue || (length *= d3) > int.MaxValue)
            throw new ArgumentException($"A tensor holds at most {int.MaxValue} elements.", "sizes");
        (Rank, _d0, _d1, _d2, _d3, Length) = (rank, d0, d1, d2, d3, (int)length);
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank { get; }

    /// <summary>The number of elements: the product of all sizes.</summary>
    public int Length { get; }

    /// <summary>The size of a dimension; <c>^1</c> is the innermost one.</summary>
    public int this[int dimension] => (uint)dimension >= (uint)Rank
        ? throw new ArgumentOutOfRangeException(nameof(dimension), dimension, $"The shape {this} has {Rank} dimensions.")
        : dimension switch { 0 => _d0, 1 => _d1, 2 => _d2, _ => _d3 };

    /// <inheritdoc cref="this[int]"/>
    public int this[Index dimension] => this[dimension.GetOffset(Rank)];

    /// <summary>The innermost size: the length of a row.</summary>
    public int Columns => this[Rank - 1];

    /// <summary>The number of rows: the product of all but the innermost size.</summary>
    public int Rows => Columns == 0 ? 0 : Length / Columns;

    public bool Equals(Shape other) =>
        Rank == other.Rank && _d0 == other._d0 && _d1 == other._d1 && _d2 == other._d2 && _d3 == other._d3;

    public override bool Equals(object? obj) => obj is Shape other && Equals(other);
    public override int GetHashCode() => HashCode.Combine(Rank, _d0, _d1, _d2, _d3);
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The sizes as an array, for descriptions and messages.</summary>
    public int[] ToArray() => Rank switch { 1 => [_d0], 2 => [_d0, _d1], 3 => [_d0, _d1, _d2], _ => [_d0, _d1, _d2, _d3] };

    public override string ToString() => "[" + string.Join(", ", ToArray()) + "]";
}
