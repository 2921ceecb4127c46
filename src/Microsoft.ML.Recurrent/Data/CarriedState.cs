namespace Microsoft.ML.Recurrent.Data;

/// <summary>The state that a model carries along one series: after its last row, and after the row before, from which the last row can be read again.</summary>
internal sealed class CarriedState(int size)
{
    private float[] _before = new float[size], _after = new float[size];

    /// <summary>The state before the last row.</summary>
    public Span<float> Before => _before;

    /// <summary>The state after the last row.</summary>
    public Span<float> After => _after;

    /// <summary>Whether the next row is the first of a series: it begins with zeros.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>Whether the last row was read: one that lacks a number is not, where none may be missing.</summary>
    public bool HasLast { get; set; }

    /// <summary>Goes on to the next row.</summary>
    public void Advance() => (_before, _after) = (_after, _before);

    /// <summary>Goes on to the first row of a series.</summary>
    public void Begin() => _before.AsSpan().Clear();

    public void CopyFrom(CarriedState other)
    {
        other.Before.CopyTo(_before);
        other.After.CopyTo(_after);
        (IsNew, HasLast) = (other.IsNew, other.HasLast);
    }
}
