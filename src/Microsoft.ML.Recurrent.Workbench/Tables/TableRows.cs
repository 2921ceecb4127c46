namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>Reads the rows of a table once, from the first to the last.</summary>
internal abstract class TableRows : IDisposable
{
    /// <summary>The line of the current row in a text file, else its number; from 1.</summary>
    public abstract long Line { get; }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False after the last.</returns>
    /// <exception cref="InvalidDataException">The file is broken; the message names it and the line.</exception>
    public abstract bool Read();

    /// <summary>Whether a cell has no value.</summary>
    public abstract bool IsMissing(int column);

    /// <summary>The text of a cell that has a value, valid until the next row is read.</summary>
    public abstract ReadOnlySpan<char> Text(int column);

    /// <summary>The number of a cell, where its column has that kind; false if it is none.</summary>
    public abstract bool TryGetNumber(int column, out double number);

    /// <summary>The time of a cell, where the file has times of its own; false in text files.</summary>
    public virtual bool TryGetTime(int column, out DateTime time)
    {
        time = default;
        return false;
    }

    public abstract void Dispose();
}
