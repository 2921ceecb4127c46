using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// How rows that are series lie in memory: the window's numbers (targets, covariates of the past, covariates known ahead), the statics, then the ids of
/// categories (of the past, known ahead, static), and the series' own where that is asked for. Ids are whole numbers in floats, which hold them exactly.
/// </summary>
internal sealed class SeriesLayout
{
    private readonly int _targets;

    private SeriesLayout(IEnumerable<SeriesInput> inputs)
    {
        // Sorting is stable: columns of one role keep the order in which they were named.
        Inputs = [.. inputs.OrderBy(input => input.Categories is not null).ThenBy(input => input.Role)];
        var offsets = ImmutableArray.CreateBuilder<int>(Inputs.Length);
        foreach (var input in Inputs)
        {
            offsets.Add(Width);
            Width += input.Size;
        }
        Offsets = offsets.MoveToImmutable();
        _targets = Size(SeriesRole.Target);
        Future = Size(SeriesRole.Future);
        Features = _targets + Size(SeriesRole.Past) + Future;
        Statics = Size(SeriesRole.Static);
    }

    /// <summary>The columns in their order.</summary>
    public ImmutableArray<SeriesInput> Inputs { get; }

    /// <summary>Where each one begins within a row.</summary>
    public ImmutableArray<int> Offsets { get; }

    /// <summary>Numbers a row.</summary>
    public int Width { get; }

    public int Targets => _targets;

    /// <summary>Numbers of a window's step.</summary>
    public int Features { get; }

    /// <summary>How many of them, the last ones, are known ahead.</summary>
    public int Future { get; }

    /// <summary>How many of those, the first ones, rows tell; the others are made of the calendar.</summary>
    public int FutureColumns =>
        Inputs.Where(input => input.Role is SeriesRole.Future && input.Categories is null && input.Calendar is CalendarFeatures.None).Sum(input => input.Size);

    public int Statics { get; }

    /// <summary>The categories.</summary>
    public IEnumerable<SeriesInput> Categories => Inputs.Where(input => input.Categories is not null && input.Role is not SeriesRole.Series);

    /// <summary>Where the first category's id lies.</summary>
    public int FirstCategory => Features + Statics;

    /// <summary>The series by name, where rows tell theirs (as the last of their numbers); null elsewhere.</summary>
    public SeriesIndex? Series => Inputs.LastOrDefault() is { Role: SeriesRole.Series } series ? series.Categories : null;

    /// <summary>The same columns, and beside them which series a row belongs to.</summary>
    /// <param name="key">The columns that together tell the series.</param>
    /// <param name="known">Series that have numbers already.</param>
    public SeriesLayout WithSeries(IEnumerable<string> key, IEnumerable<string> known) =>
        new(Inputs.Append(SeriesInput.OfSeries(key, SeriesIndex.OfSeries(known))));

    /// <summary>Finds and checks a forecaster's columns.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="target">The column that is forecast.</param>
    /// <param name="past">Covariates of the past.</param>
    /// <param name="ahead">Covariates known ahead.</param>
    /// <param name="statics">What is the same for a whole series.</param>
    /// <param name="time">The time column, where the calendar is to be made of it.</param>
    /// <param name="calendar">What of the calendar.</param>
    /// <param name="known">Categories some of whose values have numbers already, by column, as those of a model that is trained further.</param>
    public static SeriesLayout Resolve(DataViewSchema schema, string target, string[] past, string[] ahead, string[] statics,
        ImmutableArray<CategoryManifest> known, string? time = null,
        CalendarFeatures calendar = CalendarFeatures.None) =>
        new(new[] { (target, SeriesRole.Target) }.Concat(past.Select(name => (name, SeriesRole.Past))).Concat(ahead.Select(name => (name, SeriesRole.Future)))
            .Concat(statics.Select(name => (name, SeriesRole.Static)))
            .Select(column => SeriesInput.Resolve(schema, column.Item1, column.Item2))
            .Select(input => input.Categories is not null && known.FirstOrDefault(category => category.Column == input.Name) is { } learned
                ? Widened(schema, input, learned)
                : input)
            .Concat(calendar is CalendarFeatures.None ? [] : [new SeriesInput(time!, SeriesRole.Future, Calendar.Size(calendar)) { Calendar = calendar }]));

    // The values that are known keep their numbers; further ones follow.
    private static SeriesInput Widened(DataViewSchema schema, SeriesInput input, CategoryManifest learned)
    {
        var widened = input with { Categories = SeriesIndex.Create(learned) };
        widened.Find(schema);
        widened.Categories.IsClosed = false;
        return widened;
    }

    /// <summary>The same columns as a model was trained on.</summary>
    public static SeriesLayout Create(ModelManifest manifest)
    {
        var forecast = manifest.Forecast!;
        var ahead = manifest.Inputs.Where(input => input.Kind is InputKind.Future).Select(input => (input.Column, input.Calendar)).ToHashSet();
        var first = manifest.Inputs[0].Name;
        var layout = new SeriesLayout(manifest.Inputs.Where(input => input is { Kind: not InputKind.Future, IsSeries: false })
            .Select(input => new SeriesInput(input.Column,
            input.Kind is InputKind.Static ? SeriesRole.Static : ahead.Contains((input.Column, input.Calendar)) ? SeriesRole.Future : input.Name == first
                ? SeriesRole.Target
                : SeriesRole.Past,
            input.Features, input.IsCategory
                ? SeriesIndex.Create(forecast.Categories.First(category => category.Column == input.Column))
                : null) { Calendar = input.Calendar }));
        if (manifest.SeriesInput is null) return layout;
        layout = layout.WithSeries(forecast.SeriesKey, forecast.KnownSeries);
        layout.Close();
        return layout;
    }

    /// <summary>The layout of some columns.</summary>
    public static SeriesLayout OfColumns(IEnumerable<SeriesInput> columns) => new(columns);

    /// <summary>Only what is known ahead.</summary>
    public SeriesLayout OnlyFuture() => new(Inputs.Where(input => input.Role is SeriesRole.Future));

    /// <summary>Only those of them that rows tell.</summary>
    public SeriesLayout OnlyFutureColumns() => new(Inputs.Where(input => input.Role is SeriesRole.Future && input.Calendar is CalendarFeatures.None));

    /// <summary>Puts the numbers of the columns that are known ahead, side by side, into their places of a whole row.</summary>
    public void SpreadFuture(ReadOnlySpan<float> ahead, Span<float> row)
    {
        for (var i = 0; i < Inputs.Length; i++)
        {
            if (Inputs[i].Role is not SeriesRole.Future) continue;
            ahead[..Inputs[i].Size].CopyTo(row[Offsets[i]..]);
            ahead = ahead[Inputs[i].Size..];
        }
    }

    /// <summary>Where the column of a graph input begins within a row.</summary>
    public int OffsetOf(InputColumn input) => Offsets[Inputs.IndexOf(Inputs.First(column => column.Name == input.Column && column.Calendar == input.Calendar))];

    /// <summary>The column of one of a row's numbers.</summary>
    public string NameAt(int number)
    {
        var column = Inputs.Length - 1;
        while (Offsets[column] > number) column--;
        return Inputs[column].Name;
    }

    /// <summary>Whether a row has any of the targets.</summary>
    public bool HasTarget(ReadOnlySpan<float> row) => row[.._targets].ContainsAnyExcept(float.NaN);

    /// <summary>Makes the row of a time that has none: its numbers are missing but for the calendar and what holds for the whole series.</summary>
    /// <param name="before">A row of the same series.</param>
    /// <param name="time">The time; null where there was none, before a series' first row.</param>
    /// <param name="row">Takes the numbers.</param>
    public void WriteMissing(ReadOnlySpan<float> before, DateTime? time, Span<float> row)
    {
        for (var i = 0; i < Inputs.Length; i++)
        {
            var input = Inputs[i];
            var to = row.Slice(Offsets[i], input.Size);
            if (input.Role is SeriesRole.Static or SeriesRole.Series) before.Slice(Offsets[i], input.Size).CopyTo(to);
            else if (input.Calendar is not CalendarFeatures.None && time is { } known) Calendar.Write(known, input.Calendar, to);
            else to.Fill(input.Categories is null ? float.NaN : 0);
        }
    }

    /// <summary>Rows before the first row of a series, in which all is missing.</summary>
    public float[] MissingRows(int count)
    {
        var (rows, nothing) = (new float[count * Width], new float[Width]);
        for (var row = 0; row < count; row++) WriteMissing(nothing, null, rows.AsSpan(row * Width, Width));
        return rows;
    }

    /// <summary>Checks that a schema has the columns, and returns them.</summary>
    public IEnumerable<DataViewSchema.Column> Find(DataViewSchema schema) => [.. Inputs.Select(input => input.Find(schema))];

    /// <summary>Opens all columns of a row, each with where its numbers go.</summary>
    public (SeriesInput.Reader Read, int Offset)[] Open(DataViewRow row) => [.. Inputs.Select((input, i) => (input.Open(row), Offsets[i]))];

    /// <summary>Settles the categories: values not met so far are unknown from now on.</summary>
    public void Close()
    {
        foreach (var category in Categories) category.Categories!.IsClosed = true;
        if (Series is { } series) series.IsClosed = true;
    }

    /// <summary>The graph's inputs: sequences, statics, what is known ahead.</summary>
    public ImmutableArray<InputColumn> GraphInputs(int windowSize, int horizon) =>
    [
        .. Inputs.Where(input => input.Role is not (SeriesRole.Static or SeriesRole.Series))
            .Select(input => new InputColumn(GraphName(input), InputKind.Sequence, windowSize, input.Size, input.Vocabulary)
            { Source = input.Calendar is CalendarFeatures.None ? null : input.Name, Calendar = input.Calendar }),
        .. Inputs.Where(input => input.Role is SeriesRole.Static)
            .Select(input => new InputColumn(input.Name, InputKind.Static, null, input.Size, input.Vocabulary)),
        .. Inputs.Where(input => input.Role is SeriesRole.Series)
            .Select(input => new InputColumn(input.Name, InputKind.Static, null, input.Size, input.Vocabulary) { IsSeries = true }),
        .. Inputs.Where(input => input.Role is SeriesRole.Future)
            .Select(input => new InputColumn(GraphName(input) + ".Future", InputKind.Future, horizon, input.Size, input.Vocabulary)
            { Source = input.Name, Calendar = input.Calendar }),
    ];

    /// <summary>The network's categories, in the order of the layout.</summary>
    /// <param name="size">Length of the vectors; null for the usual one.</param>
    public ImmutableArray<CategoryDescription> NetworkCategories(int? size) =>
        [.. Categories.Select((input, i) => new CategoryDescription($"category_{i + 1}", PlaceOf(input.Role), input.Vocabulary,
            size ?? CategoryDescription.UsualSize(input.Vocabulary)))];

    /// <summary>The categories' values as a model keeps them.</summary>
    public ImmutableArray<CategoryManifest> CategoryManifests() =>
        [.. Categories.Select(input => new CategoryManifest(input.Name, input.Categories!.AreNumbers, [.. input.Categories.Names]))];

    private static string GraphName(SeriesInput input) => input.Calendar is CalendarFeatures.None ? input.Name : input.Name + ".Calendar";

    private static CategoryPlace PlaceOf(SeriesRole role) =>
        role switch { SeriesRole.Static => CategoryPlace.Static, SeriesRole.Future => CategoryPlace.Future, _ => CategoryPlace.Past };

    private int Size(SeriesRole role) => Inputs.Where(input => input.Role == role && input.Categories is null).Sum(input => input.Size);
}
