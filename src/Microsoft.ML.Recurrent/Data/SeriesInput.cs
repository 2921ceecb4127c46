using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The role of a column of series data in a forecaster.</summary>
internal enum SeriesRole
{
    /// <summary>The target.</summary>
    Target,

    /// <summary>A past covariate.</summary>
    Past,

    /// <summary>A future covariate.</summary>
    Future,

    /// <summary>A static feature of the series.</summary>
    Static,

    /// <summary>The id of the series, among those seen in training.</summary>
    Series,
}

/// <summary>A column of series data.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">Its role.</param>
/// <param name="Size">Numbers per row; 1 for categories.</param>
/// <param name="Categories">The values of a category, which map to ids; null for numbers.</param>
internal sealed record SeriesInput(string Name, SeriesRole Role, int Size, SeriesIndex? Categories = null)
{
    /// <summary>The calendar features computed from the column, which then holds times; none for numbers or categories.</summary>
    public CalendarFeatures Calendar { get; init; }

    /// <summary>The zone of the calendar; null for the times as they are.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>Writes the calendar features of a time.</summary>
    public void WriteCalendar(DateTime time, Span<float> destination) => Time.Calendar.Write(LocalTime.FromInstant(time, Zone), Calendar, destination);

    /// <summary>The columns that together identify the series, for that role, which has no column of its own.</summary>
    public ImmutableArray<string> Key { get; init; } = [];

    /// <summary>Number of ids of a category, including 0 for missing or unknown; 0 for numbers.</summary>
    public int Vocabulary => Categories is null ? 0 : Categories.Names.Count + 1;

    /// <summary>The series ids from 1, with 0 for unknown series.</summary>
    /// <param name="key">The columns that together identify the series.</param>
    /// <param name="index">The known series.</param>
    public static SeriesInput OfSeries(IEnumerable<string> key, SeriesIndex index) =>
        new(string.Join('|', key) + ".Series", SeriesRole.Series, 1, index) { Key = [.. key] };

    /// <summary>Finds and checks a column; its type determines whether it is a category.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="name">The column.</param>
    /// <param name="role">Its role; targets are numbers.</param>
    public static SeriesInput Resolve(DataViewSchema schema, string name, SeriesRole role)
    {
        var column = Columns.Find(schema, name, Describe(role));
        return role is not SeriesRole.Target && SeriesReader.IsPossible(column.Type)
            ? new(name, role, 1, new() { IsCategory = true })
            : new(name, role, Columns.Numbers(schema, name, Describe(role)).Size);
    }

    /// <summary>Checks a column of a schema shape.</summary>
    public static void Check(SchemaShape schema, string name, SeriesRole role)
    {
        var column = Columns.Find(schema, name, Describe(role));
        if (role is SeriesRole.Target || !SeriesReader.IsPossible(column)) Columns.CheckNumbers(schema, name, Describe(role));
    }

    /// <summary>Checks that a schema has the column as in training, and returns it.</summary>
    public DataViewSchema.Column Find(DataViewSchema schema)
    {
        if (Role is SeriesRole.Series) return SeriesReader.Resolve(schema, Key[0]);
        var role = Describe(Role);
        if (Calendar is not CalendarFeatures.None)
        {
            var time = TimeReader.Resolve(schema, Name);
            return TimeReader.IsDate(time.Type)
                ? time
                : throw ColumnErrors.Mismatch("time", Name, "DateTime or DateTimeOffset, for the calendar features", time.Type.ToString()!);
        }
        if (Categories is not null)
        {
            var category = Columns.Find(schema, Name, role);
            if (!SeriesReader.IsPossible(category.Type) || Categories.Names.Count > 0 && Categories.AreNumbers == category.Type is TextDataViewType)
                throw ColumnErrors.Mismatch(role, Name,
                    $"a category of {(Categories.AreNumbers ? "keys, integers or Booleans" : "texts")}, as in training", category.Type.ToString()!);
            return category;
        }
        var (column, size) = Columns.Numbers(schema, Name, role);
        return size == Size ? column : throw ColumnErrors.Mismatch(role, Name, Size == 1 ? "Single, as in training" : $"Vector<Single, {Size}>, as in training",
            column.Type.ToString()!);
    }

    /// <summary>
    /// Opens the column: each call writes the numbers of the current row (or the category id) and returns their count. An open index adds unknown values.
    /// </summary>
    public Reader Open(DataViewRow row)
    {
        if (Role is SeriesRole.Series) return Numbered(SeriesReader.Open(row, Key, Categories!)!);
        var column = row.Schema[Name];
        if (Calendar is not CalendarFeatures.None)
        {
            var time = TimeReader.Open(row, column, Zone);
            return destination =>
            {
                WriteCalendar(new DateTime(time().Ticks), destination);
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

    /// <summary>The name of the role.</summary>
    public static string Describe(SeriesRole role) => role switch { SeriesRole.Static => "static", SeriesRole.Future => "future covariate", _ => "input" };

    /// <summary>Reads the current row.</summary>
    public delegate int Reader(Span<float> destination);
}
