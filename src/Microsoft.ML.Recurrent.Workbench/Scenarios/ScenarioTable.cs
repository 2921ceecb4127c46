using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>A table of a scenario: rows of columns, or a file of sequences in one of the field's formats.</summary>
public sealed class ScenarioTable
{
    // Numbers beyond what a Single holds.
    private const string WideNumber = "WideNumber";

    private ScenarioTable(string path, IDataView view, TableSource? source, TableProfile? profile) =>
        (Path, View, Source, Profile) = (path, view, source, profile);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The rows.</summary>
    public IDataView View { get; }

    /// <summary>The table; null for a file of sequences.</summary>
    public TableSource? Source { get; }

    /// <summary>What the columns of the table hold; null for a file of sequences.</summary>
    public TableProfile? Profile { get; }

    /// <summary>The call that reads a file of sequences, <c>LoadFromTsFile</c>; null for a table.</summary>
    public string? LoaderName => Source is null ? SequenceFile.LoaderName(Path) : null;

    /// <summary>Opens a file.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">
    /// The file: a table (see <see cref="TableSource.Open"/>), or sequences: <c>.ts</c>, <c>.arff</c>, <c>.tsf</c>, <c>.conll</c>, <c>.bio</c>, <c>.iob</c>,
    /// <c>.conllu</c>, and <c>.txt</c> with a text a line.
    /// </param>
    /// <param name="options">How a text table is written, where that is known.</param>
    /// <param name="progress">Receives the number of rows read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no table; the message names the file and what is wrong.</exception>
    public static ScenarioTable Open(MLContext mlContext, string path, TableOptions? options = null, IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (SequenceFile.Open(mlContext, path) is { } sequences) return new(path, sequences, null, null);
        var source = TableSource.Open(path, options);
        return Create(source, TableProfile.Read(source, progress, cancellationToken));
    }

    /// <summary>A table whose columns are known.</summary>
    /// <param name="source">The table.</param>
    /// <param name="profile">What its columns hold.</param>
    public static ScenarioTable Create(TableSource source, TableProfile profile)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(profile);
        return new(source.Path, new TableView(source, profile), source, profile);
    }

    /// <summary>The same table with some columns read as texts, whatever they hold: the names of classes and series.</summary>
    /// <param name="columns">The columns.</param>
    public ScenarioTable WithTexts(IEnumerable<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (Source is null || Profile is null) return this;
        var names = columns.ToHashSet();
        if (!Profile.Columns.Any(IsNumberOrTime)) return this;
        return Create(Source,
            Profile with { Columns = [.. Profile.Columns.Select(column => IsNumberOrTime(column) ? column with { Kind = ColumnKind.Text } : column)] });

        bool IsNumberOrTime(ColumnProfile column) => names.Contains(column.Name) && column.Kind is not ColumnKind.Text;
    }

    /// <summary>The same columns as another table holds, read in the same way.</summary>
    /// <param name="other">The table whose kinds of columns are taken; a column that it lacks keeps its own.</param>
    /// <exception cref="ArgumentException">A column holds another kind of values than there.</exception>
    public ScenarioTable Like(ScenarioTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Source is null || Profile is null || other.Profile is null) return this;
        var kinds = other.Profile.Columns.ToDictionary(static column => column.Name);
        return Create(Source,
            Profile with { Columns = [.. Profile.Columns.Select(column => kinds.TryGetValue(column.Name, out var known) ? Take(column, known) : column)] });

        ColumnProfile Take(ColumnProfile column, ColumnProfile known)
        {
            if (column.Kind == known.Kind) return known.Kind is ColumnKind.Number ? Widen(column, known) : column;
            if (column.Kind is ColumnKind.Empty)
                return column with { Kind = known.Kind, Minimum = known.Minimum, Maximum = known.Maximum, TimeFormat = known.TimeFormat };
            if (known.Kind is ColumnKind.Text) return column with { Kind = ColumnKind.Text };
            throw new ArgumentException(
                $"The column '{column.Name}' of '{Path}' holds {ColumnContent.Describe(column)}, but in '{other.Path}' {ColumnContent.Describe(known)}: "
                + "both files need the same kind of values.");
        }
    }

    /// <summary>The same rows, read as columns of these kinds; a column that is not among them keeps its own.</summary>
    /// <param name="kinds">The kinds by column, as <see cref="DescribeKind"/> names them.</param>
    /// <exception cref="ArgumentException">A column holds another kind of values.</exception>
    public ScenarioTable WithKinds(IReadOnlyDictionary<string, string> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        if (Source is null || Profile is null) return this;
        return Create(Source, Profile with
        {
            Columns = [.. Profile.Columns.Select(column => kinds.TryGetValue(column.Name, out var kind) ? Take(column, kind) : column)],
        });

        ColumnProfile Take(ColumnProfile column, string kind)
        {
            if (kind is WideNumber or nameof(ColumnKind.Number) && column.Kind is ColumnKind.Number or ColumnKind.Empty)
            {
                var bound = kind == WideNumber ? double.MaxValue : 0;
                return column with { Kind = ColumnKind.Number, Minimum = -bound, Maximum = bound };
            }
            if (kind == column.Kind.ToString()) return column;
            if (kind == nameof(ColumnKind.Text)) return column with { Kind = ColumnKind.Text };
            if (kind == nameof(ColumnKind.Empty) || column.Kind is ColumnKind.Empty && kind == nameof(ColumnKind.Boolean)) return column;
            throw new ArgumentException($"The column '{column.Name}' of '{Path}' holds {ColumnContent.Describe(column)}, but where the model was trained "
                + $"{ColumnContent.Describe(Enum.TryParse<ColumnKind>(kind, out var known) ? known : ColumnKind.Number)}: both files need the same kind of "
                + $"values.");
        }
    }

    /// <summary>The kind of a column, by which the same column of other rows can be read.</summary>
    /// <param name="name">The column.</param>
    public string DescribeKind(string name) => View.Schema[name].Type.RawType == typeof(double) ? WideNumber
        : Profile?.Columns.FirstOrDefault(column => column.Name == name)?.Kind.ToString() ?? nameof(ColumnKind.Text);

    /// <summary>The columns by their names or numbers.</summary>
    /// <param name="names">The names, separated by commas.</param>
    /// <exception cref="ArgumentException">There is no such column; the message names those that are alike.</exception>
    public ImmutableArray<string> Find(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        // A column may have a comma in its name.
        if (View.Schema.GetColumnOrNull(names) is not null) return [names];
        return [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(FindOne)];
    }

    private string FindOne(string name) => Source is not null ? Source.Columns[Source.Find(name)].Name : Data.Columns.Find(View.Schema, name, "named").Name;

    // A column is read as Double where one of both needs it, so that a model of one file scores the other.
    private static ColumnProfile Widen(ColumnProfile column, ColumnProfile known) => column with
    {
        Minimum = Math.Min(column.Minimum!.Value, known.Minimum!.Value),
        Maximum = Math.Max(column.Maximum!.Value, known.Maximum!.Value),
    };
}
