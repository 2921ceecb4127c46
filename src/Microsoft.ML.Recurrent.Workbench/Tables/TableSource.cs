using System.Globalization;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>A table in a file: its columns, and its rows as often as they are asked for. Nothing of it is kept in memory.</summary>
public abstract class TableSource
{
    private const int MostListed = 20;

    private protected TableSource(string path, IReadOnlyList<TableColumn> columns, IReadOnlyList<string>? leftOut = null) =>
        (Path, Columns, LeftOut) = (path, columns, leftOut ?? []);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The columns, in the order of the file.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Columns of the file that hold no single values: lists, structures, bytes.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Whether the first line was taken for the names of the columns although it looks like all others, which are texts.</summary>
    public virtual bool IsHeaderDoubtful => false;

    /// <summary>Opens a table.</summary>
    /// <param name="path">The file: comma- or tab-separated values, also compressed by gzip; Parquet; Arrow, also Feather of version 2.</param>
    /// <param name="options">How a text file is written, where it is known. Default: all is found from the file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no table; the message names the file and what is wrong.</exception>
    public static TableSource Open(string path, TableOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.", path);
        Span<byte> start = stackalloc byte[6];
        int count;
        using (var file = File.OpenRead(path)) count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        start = start[..count];
        return start.StartsWith("PAR1"u8) ? ParquetSource.OpenParquet(path) : start.StartsWith("ARROW1"u8) ? ArrowSource.OpenArrow(path)
            : DelimitedSource.OpenText(path, options ?? new());
    }

    /// <summary>The place of a column.</summary>
    /// <param name="name">Its name, or its number from 0, as in the command line of ML.NET.</param>
    /// <exception cref="ArgumentException">There is no such column; the message names those that are alike.</exception>
    public int Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        for (var i = 0; i < Columns.Count; i++)
            if (Columns[i].Name == name) return i;
        if (int.TryParse(name, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < Columns.Count) return index;
        var names = Columns.Select(static column => column.Name).ToArray();
        var near = ColumnErrors.Near(name, names);
        if (near.Length == 0) near = $"Its columns are {string.Join(", ", names.Take(MostListed))}{(names.Length > MostListed ? ", ..." : "")}.";
        throw new ArgumentException($"'{Path}' has no column '{name}'. {near}", nameof(name));
    }

    internal abstract TableRows OpenRows();
}
