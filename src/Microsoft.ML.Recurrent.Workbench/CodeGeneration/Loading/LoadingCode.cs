using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>The code that reads a file of training data.</summary>
internal abstract class LoadingCode
{
    /// <summary>The packages that it needs beside ML.NET.</summary>
    public virtual ImmutableArray<string> Packages => [];

    /// <summary>The namespaces that it needs.</summary>
    public virtual ImmutableArray<string> Usings => [];

    /// <summary>The class of the rows of the file; null where the file has its own columns.</summary>
    public RowClass? Rows { get; private init; }

    /// <summary>The code for a file of sequences in one of the field's formats.</summary>
    /// <param name="loader">The method of <c>mlContext.Data</c> that reads it.</param>
    public static LoadingCode ForSequences(string loader) => new SequenceFileCode(loader);

    /// <summary>
    /// The code for a table: ML.NET's own reader where that gives the same values, bit for bit, as the tool has read, else the library that the tool has read
    /// it with.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns that are used.</param>
    /// <param name="className">The class of its rows.</param>
    public static LoadingCode ForTable(MLContext mlContext, GeneratedTable table, IEnumerable<string> columns, string className)
    {
        var view = new TableView(table.Source, table.Profile);
        var used = columns.ToHashSet();
        DataViewSchema.Column[] chosen = [.. view.Schema.Where(column => used.Contains(column.Name))];
        Func<string, int?>? indexOf = table.Source is DelimitedSource ? name => table.Source.Find(name) : null;
        var rows = RowClass.Create(className, "A row of the training data.", chosen, indexOf);
        if (table.Source is DelimitedSource text)
        {
            if (TextLoaderCode.Reads(mlContext, text, view, rows)) return new TextLoaderCode(text) { Rows = rows };
            // The places of columns are for ML.NET's reader.
            return new CsvCode(text, table.Profile) { Rows = RowClass.Create(className, rows.Summary, chosen) };
        }
        return table.Source is ParquetSource ? new ParquetCode(table.Profile) { Rows = rows } : new ArrowCode(table.Profile) { Rows = rows };
    }

    /// <summary>The members of the model's class by which a file is read: a method <c>LoadIDataViewFromFile(mlContext, inputDataFilePath)</c>.</summary>
    public abstract IEnumerable<string> Members();

    /// <summary>A method that makes a view of an enumerable of rows, read anew by each cursor.</summary>
    protected string LoadRows() => $$"""
        /// <summary>Opens a file. Its rows are read, anew each time, when they are needed.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="inputDataFilePath">The file.</param>
        public static IDataView LoadIDataViewFromFile(MLContext mlContext, string inputDataFilePath) =>
            mlContext.Data.LoadFromEnumerable(ReadRows(inputDataFilePath));
        """;
}
