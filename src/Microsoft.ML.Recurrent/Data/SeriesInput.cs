using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>What a column of rows that are series is to a forecaster.</summary>
internal enum SeriesRole
{
    /// <summary>Forecast.</summary>
    Target,

    /// <summary>Known up to the forecast.</summary>
    Past,

    /// <summary>Known up to the horizon.</summary>
    Future,

    /// <summary>The same for the whole series.</summary>
    Static,

    /// <summary>Tells which series it is, among those that training met.</summary>
    Series,
}

/// <summary>A column of rows that are series.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Size">Numbers a row; 1 for categories.</param>
/// <param name="Categories">The values of a category, by which it becomes ids; null for numbers.</param>
internal sealed record SeriesInput(string Name, SeriesRole Role, int Size, SeriesIndex? Categories = null)
{
    /// <summary>What of the calendar is made of the column, which then holds times; none for a column of numbers or a category.</summary>
    public CalendarFeatures Calendar { get; init; }

    /// <summary>The columns that together tell the series, where the role is that; they lie in none of the column's name.</summary>
    public ImmutableArray<string> Key { get; init; } = [];

    /// <summary>Ids of a category, 0 for missing or unknown among them; 0 for numbers.</summary>
    public int Vocabulary => Categories is null ? 0 : Categories.Names.Count + 1;

    /// <summary>The series as numbers from 1 on, 0 for unknown ones.</summary>
    /// <param name="key">The columns that together tell the series.</param>
    /// <param name="index">Those that are known.</param>
    public static SeriesInput OfSeries(IEnumerable<string> key, SeriesIndex index) =>
        new(string.Join('|', key) + ".Series", SeriesRole.Series, 1, index) { Key = [.. key] };

    /// <summary>Finds and checks a column, whose type tells whether it is a category.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="name">The column.</param>
    /// <param name="role">What it is for; targets are numbers.</param>
    public static SeriesInput Resolve(DataViewSchema schema, string name, SeriesRole role)
    {
        var column = Columns.Find(schema, name, Describe(role));
        return role is not SeriesRole.Target && SeriesReader.IsPossible(column.Type)
            ? new(name, role, 1, new() { IsCategory = true })
            : new(name, role, Columns.Numbers(schema, name, Describe(role)).Size);
    }

    /// <summary>Checks what a schema shape tells.</summary>
    public static void Check(SchemaShape schema, string name, SeriesRole role)
    {
        var column = Columns.Find(schema, name, Describe(role));
        if (role is SeriesRole.Target || !SeriesReader.IsPossible(column)) Columns.CheckNumbers(schema, name, Describe(role));
    }

    /// <summary>Checks that a schema has the column as it was in training, and returns it.</summary>
    public DataViewSchema.Column Find(DataViewSchema schema)
    {
        if (Role is SeriesRole.Series) return SeriesReader.Resolve(schema, Key[0]);
        var role = Describe(Role);
        if (Calendar is not CalendarFeatures.None)
        {
            var time = TimeReader.Resolve(schema, Name);
            return TimeReader.IsDate(time.Type)
                ? time
                : throw ColumnErrors.Mismatch("time", Name, "DateTime or DateTimeOffset, which the calendar is made of", time.Type.ToString()!);
        }
        if (Categories is not null)
        {
            var category = Columns.Find(schema, Name, role);
            if (!SeriesReader.IsPossible(category.Type) || Categories.Names.Count > 0 && Categories.AreNumbers == category.Type is TextDataViewType)
                throw ColumnErrors.Mismatch(role, Name,
                    $"a category of {(Categories.AreNumbers ? "keys, whole numbers or Booleans" : "texts")}, as in training", category.Type.ToString()!);
            return category;
        }
        var (column, size) = Columns.Numbers(schema, Name, role);
        return size == Size ? column : throw ColumnErrors.Mismatch(role, Name, Size == 1 ? "Single, as in training" : $"Vector<Single, {Size}>, as in training",
            column.Type.ToString()!);
    }

    /// <summary>
    /// Opens the column: each call writes the current row's numbers (or the category's id) and returns how many. Values that an open index does not know are
    /// added to it.
    /// </summary>
    public Reader Open(DataViewRow row)
    {
        if (Role is SeriesRole.Series) return Numbered(SeriesReader.Open(row, Key, Categories!)!);
        var column = row.Schema[Name];
        if (Calendar is not CalendarFeatures.None)
        {
            var time = TimeReader.Open(row, column);
            return destination =>
            {
                Time.Calendar.Write(new DateTime(time()), Calendar, destination);
                return Size;
            };
        }
        if (Categories is null)
        {
            var numbers = NumberReader.Create(row, column, Size);
            return numbers.Read;
        }
        return Numbered(SeriesReader.Open(row, column, Categories));

        static Reader Numbered(Func<int> read) => destination =>
        {
            destination[0] = read() + 1;
            return 1;
        };
    }

    /// <summary>The role in words.</summary>
    public static string Describe(SeriesRole role) => role switch { SeriesRole.Static => "static", SeriesRole.Future => "future covariate", _ => "input" };

    /// <summary>Reads the current row.</summary>
    public delegate int Reader(Span<float> destination);
}
