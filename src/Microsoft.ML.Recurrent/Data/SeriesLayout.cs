using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// The memory layout of series data: the numbers of the window (targets, past covariates, future covariates), the statics, then category ids (past, future,
/// static), the rests of numbers that are not Single, and the series id if requested. Ids are stored exactly as floats.
/// </summary>
internal sealed class SeriesLayout
{
    private readonly int _targets;

    // By number: the place of its rest, -1 for none; what to subtract in Double, NaN for nothing.
    private readonly int[] _rests;
    private readonly float[] _levels;

    private SeriesLayout(IEnumerable<SeriesInput> inputs)
    {
        // Sorting is stable: columns of one role keep their order.
        Inputs = [.. inputs.OrderBy(input => input.Categories is not null || input.Role is SeriesRole.Rest).ThenBy(input => input.Role)];
        var offsets = ImmutableArray.CreateBuilder<int>(Inputs.Length);
        foreach (var input in Inputs)
        {
            offsets.Add(Width);
            Width += input.Size;
        }
        Offsets = offsets.MoveToImmutable();
        (_rests, _levels) = (new int[Width], new float[Width]);
        for (var i = 0; i < Inputs.Length; i++)
        {
            var rest = RestOf(Inputs[i]);
            for (var number = 0; number < Inputs[i].Size; number++)
            {
                _rests[Offsets[i] + number] = rest < 0 ? -1 : rest + number;
                _levels[Offsets[i] + number] = Inputs[i].Levels.IsEmpty ? float.NaN : Inputs[i].Levels[number];
            }
        }
        _targets = Size(SeriesRole.Target);
        Future = Size(SeriesRole.Future);
        Features = _targets + Size(SeriesRole.Past) + Future;
        Statics = Size(SeriesRole.Static);
    }

    /// <summary>The columns in order.</summary>
    public ImmutableArray<SeriesInput> Inputs { get; }

    /// <summary>The offset of each column in a row.</summary>
    public ImmutableArray<int> Offsets { get; }

    /// <summary>Numbers per row.</summary>
    public int Width { get; }

    public int Targets => _targets;

    /// <summary>Numbers per step of a window.</summary>
    public int Features { get; }

    /// <summary>Number of future covariates, the last of them.</summary>
    public int Future { get; }

    /// <summary>Number of future covariates from rows, the first of them; the others are calendar features.</summary>
    public int FutureColumns =>
        Inputs.Where(input => input.Role is SeriesRole.Future && input.Categories is null && input.Calendar is CalendarFeatures.None).Sum(input => input.Size);

    /// <summary>Whether anything is known ahead: a future covariate, a category or the calendar.</summary>
    public bool KnowsFuture => Inputs.Any(input => input.Role is SeriesRole.Future);

    public int Statics { get; }

    /// <summary>The categories.</summary>
    public IEnumerable<SeriesInput> Categories => Inputs.Where(input => input.Categories is not null && input.Role is not SeriesRole.Series);

    /// <summary>The offset of the first category id.</summary>
    public int FirstCategory => Features + Statics;

    /// <summary>The series by name, if rows include the series id (as their last number); else null.</summary>
    public SeriesIndex? Series => Inputs.LastOrDefault() is { Role: SeriesRole.Series } series ? series.Categories : null;

    /// <summary>A number of a row; in Double if it has a rest.</summary>
    public double Number(ReadOnlySpan<float> row, int number) => _rests[number] < 0 ? row[number] : (double)row[number] + row[_rests[number]];

    /// <summary>Whether a number of a row is more than a Single (<see cref="SeriesInput.Levels"/>).</summary>
    public bool IsDouble(int number) => !float.IsNaN(_levels[number]);

    /// <summary>The number of a row that a network sees: less a level near it, if it is more than a Single.</summary>
    public float Seen(ReadOnlySpan<float> row, int number) =>
        _rests[number] < 0 || float.IsNaN(_levels[number]) ? row[number] : (float)((double)row[number] - _levels[number] + row[_rests[number]]);

    /// <summary>Writes forecasts in the place of the targets.</summary>
    public void WriteTargets(ReadOnlySpan<double> targets, Span<float> row)
    {
        for (var target = 0; target < targets.Length; target++)
        {
            row[target] = (float)targets[target];
            if (_rests[target] >= 0) row[_rests[target]] = Rounding.Rest(targets[target]);
        }
    }

    /// <summary>The layout with other properties of its columns, of the same order and sizes.</summary>
    public SeriesLayout With(Func<SeriesInput, SeriesInput> change) => new(Inputs.Select(change));

    /// <summary>Adds the series id to the columns.</summary>
    /// <param name="key">The columns that together identify the series.</param>
    /// <param name="known">Series that already have ids.</param>
    public SeriesLayout WithSeries(IEnumerable<string> key, IEnumerable<string> known) =>
        new(Inputs.Append(SeriesInput.OfSeries(key, SeriesIndex.OfSeries(known))));

    /// <summary>Finds and checks a forecaster's columns.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="target">The target column.</param>
    /// <param name="past">Past covariates.</param>
    /// <param name="ahead">Future covariates.</param>
    /// <param name="statics">Static columns.</param>
    /// <param name="time">The time column, for calendar features.</param>
    /// <param name="calendar">The calendar features.</param>
    /// <param name="zone">The zone of the calendar; null for the times as they are.</param>
    /// <param name="known">Categories with known ids, by column, such as those of an initial model.</param>
    /// <param name="doubles">Columns that an initial model reads as Double, whatever their type is here.</param>
    public static SeriesLayout Resolve(DataViewSchema schema, string target, string[] past, string[] ahead, string[] statics,
        ImmutableArray<CategoryManifest> known, string? time = null,
        CalendarFeatures calendar = CalendarFeatures.None, TimeZoneInfo? zone = null, IReadOnlyCollection<string>? doubles = null) =>
        new(new[] { (target, SeriesRole.Target) }.Concat(past.Select(name => (name, SeriesRole.Past))).Concat(ahead.Select(name => (name, SeriesRole.Future)))
            .Concat(statics.Select(name => (name, SeriesRole.Static)))
            .Select(column => SeriesInput.Resolve(schema, column.Item1, column.Item2))
            .Select(input => input.Categories is not null && known.FirstOrDefault(category => category.Column == input.Name) is { } learned
                ? Widened(schema, input, learned)
                : input)
            .SelectMany(input => input.Categories is null
                && (Columns.ItemType(schema[input.Name].Type).RawType != typeof(float) || doubles?.Contains(input.Name) == true)
                ? [input, input.Rest()]
                : new[] { input })
            .Concat(calendar is CalendarFeatures.None
                ? []
                : [new SeriesInput(time!, SeriesRole.Future, Calendar.Size(calendar)) { Calendar = calendar, Zone = zone }]));

    // Known values keep their ids; new ones follow.
    private static SeriesInput Widened(DataViewSchema schema, SeriesInput input, CategoryManifest learned)
    {
        var widened = input with { Categories = SeriesIndex.Create(learned) };
        widened.Find(schema);
        widened.Categories.IsClosed = false;
        return widened;
    }

    /// <summary>The layout of a trained model.</summary>
    public static SeriesLayout Create(ModelManifest manifest)
    {
        var forecast = manifest.Forecast!;
        var ahead = manifest.Inputs.Where(input => input.Kind is InputKind.Future).Select(input => (input.Column, input.Calendar)).ToHashSet();
        var (first, zone) = (manifest.Inputs[0].Name, forecast.Zone);
        var layout = new SeriesLayout(manifest.Inputs.Where(input => input is { Kind: not InputKind.Future, IsSeries: false })
            .Select(input => new SeriesInput(input.Column,
            input.Kind is InputKind.Static ? SeriesRole.Static : ahead.Contains((input.Column, input.Calendar)) ? SeriesRole.Future : input.Name == first
                ? SeriesRole.Target
                : SeriesRole.Past,
            input.Features, input.IsCategory
                ? SeriesIndex.Create(forecast.Categories.First(category => category.Column == input.Column))
                : null)
            { Calendar = input.Calendar, Zone = zone, Origins = input.Origins })
            .SelectMany(input => input.Origins.IsEmpty ? new[] { input } : [input, input.Rest()]));
        if (manifest.SeriesInput is null) return layout;
        layout = layout.WithSeries(forecast.SeriesKey, forecast.KnownSeries);
        layout.Close();
        return layout;
    }

    /// <summary>The layout of some columns.</summary>
    public static SeriesLayout OfColumns(IEnumerable<SeriesInput> columns) => new(columns);

    /// <summary>The future covariates only.</summary>
    public SeriesLayout OnlyFuture() => new(Inputs.Where(input => input.IsFuture));

    /// <summary>The future covariates from rows only.</summary>
    public SeriesLayout OnlyFutureColumns() => new(Inputs.Where(input => input.IsFuture && input.Calendar is CalendarFeatures.None));

    /// <summary>Copies the numbers of future covariates to their places in a full row.</summary>
    public void SpreadFuture(ReadOnlySpan<float> ahead, Span<float> row)
    {
        for (var i = 0; i < Inputs.Length; i++)
        {
            if (!Inputs[i].IsFuture) continue;
            ahead[..Inputs[i].Size].CopyTo(row[Offsets[i]..]);
            ahead = ahead[Inputs[i].Size..];
        }
    }

    /// <summary>The offset of the column of a graph input in a row.</summary>
    public int OffsetOf(InputColumn input) => Offsets[Inputs.IndexOf(Inputs.First(column => column.Name == input.Column && column.Calendar == input.Calendar))];

    /// <summary>The offset of the rest of that column; -1 for none.</summary>
    public int RestOf(InputColumn input) => input.Origins.IsEmpty ? -1
        : RestOf(Inputs.First(column => column.Name == input.Column && column.Calendar == input.Calendar));

    /// <summary>Whether a column has a rest.</summary>
    public bool HasRest(SeriesInput input) => RestOf(input) >= 0;

    private int RestOf(SeriesInput input)
    {
        for (var i = 0; i < Inputs.Length; i++)
        {
            if (input.Role is not SeriesRole.Rest && Inputs[i] is { Role: SeriesRole.Rest } rest && rest.RestOf == input.Role && rest.Name == input.Name)
                return Offsets[i];
        }
        return -1;
    }

    /// <summary>The column of a number of a row.</summary>
    public string NameAt(int number)
    {
        var column = Inputs.Length - 1;
        while (Offsets[column] > number) column--;
        return Inputs[column].Name;
    }

    /// <summary>Whether a row has any of the targets.</summary>
    public bool HasTarget(ReadOnlySpan<float> row) => row[.._targets].ContainsAnyExcept(float.NaN);

    /// <summary>Creates the row of a missing time: its numbers are missing except calendar features and statics.</summary>
    /// <param name="before">A row of the same series.</param>
    /// <param name="time">The time; null before the first row of a series.</param>
    /// <param name="row">Receives the numbers.</param>
    public void WriteMissing(ReadOnlySpan<float> before, DateTime? time, Span<float> row)
    {
        for (var i = 0; i < Inputs.Length; i++)
        {
            var input = Inputs[i];
            var to = row.Slice(Offsets[i], input.Size);
            if (input.IsStatic) before.Slice(Offsets[i], input.Size).CopyTo(to);
            else if (input.Calendar is not CalendarFeatures.None && time is { } known) input.WriteCalendar(known, to);
            else to.Fill(input.Categories is null && input.Role is not SeriesRole.Rest ? float.NaN : 0);
        }
    }

    /// <summary>Rows before the first row of a series, in which all values are missing.</summary>
    public float[] MissingRows(int count)
    {
        var (rows, nothing) = (new float[count * Width], new float[Width]);
        for (var row = 0; row < count; row++) WriteMissing(nothing, null, rows.AsSpan(row * Width, Width));
        return rows;
    }

    /// <summary>Checks that a schema has the columns, and returns them.</summary>
    public IEnumerable<DataViewSchema.Column> Find(DataViewSchema schema) => [.. Inputs.Select(input => input.Find(schema))];

    /// <summary>Opens all columns of a row, each with its offset.</summary>
    public (SeriesInput.Reader Read, int Offset)[] Open(DataViewRow row) => [.. Inputs.Select((input, i) => (input.Open(row), Offsets[i]))];

    /// <summary>Closes the categories: values not seen so far are unknown from now on.</summary>
    public void Close()
    {
        foreach (var category in Categories) category.Categories!.IsClosed = true;
        if (Series is { } series) series.IsClosed = true;
    }

    /// <summary>The inputs of the graph: sequences, statics, future covariates.</summary>
    public ImmutableArray<InputColumn> GraphInputs(int windowSize, int horizon) =>
    [
        .. Inputs.Where(input => input.Role is not (SeriesRole.Static or SeriesRole.Series or SeriesRole.Rest))
            .Select(input => new InputColumn(GraphName(input), InputKind.Sequence, windowSize, input.Size, input.Vocabulary)
            { Source = input.Calendar is CalendarFeatures.None ? null : input.Name, Calendar = input.Calendar, Origins = input.Origins }),
        .. Inputs.Where(input => input.Role is SeriesRole.Static)
            .Select(input => new InputColumn(input.Name, InputKind.Static, null, input.Size, input.Vocabulary) { Origins = input.Origins }),
        .. Inputs.Where(input => input.Role is SeriesRole.Series)
            .Select(input => new InputColumn(input.Name, InputKind.Static, null, input.Size, input.Vocabulary) { IsSeries = true }),
        .. Inputs.Where(input => input.Role is SeriesRole.Future)
            .Select(input => new InputColumn(GraphName(input) + ".Future", InputKind.Future, horizon, input.Size, input.Vocabulary)
            { Source = input.Name, Calendar = input.Calendar, Origins = input.Origins }),
    ];

    /// <summary>The categories of the network, in layout order.</summary>
    /// <param name="size">Size of the embeddings; null for the default.</param>
    public ImmutableArray<CategoryDescription> NetworkCategories(int? size) =>
        [.. Categories.Select((input, i) => new CategoryDescription($"category_{i + 1}", PlaceOf(input.Role), input.Vocabulary,
            size ?? CategoryDescription.UsualSize(input.Vocabulary)))];

    /// <summary>The values of the categories, as saved with a model.</summary>
    public ImmutableArray<CategoryManifest> CategoryManifests() =>
        [.. Categories.Select(input => new CategoryManifest(input.Name, input.Categories!.AreNumbers, [.. input.Categories.Names]))];

    private static string GraphName(SeriesInput input) => input.Calendar is CalendarFeatures.None ? input.Name : input.Name + ".Calendar";

    private static CategoryPlace PlaceOf(SeriesRole role) =>
        role switch { SeriesRole.Static => CategoryPlace.Static, SeriesRole.Future => CategoryPlace.Future, _ => CategoryPlace.Past };

    private int Size(SeriesRole role) => Inputs.Where(input => input.Role == role && input.Categories is null).Sum(input => input.Size);
}
