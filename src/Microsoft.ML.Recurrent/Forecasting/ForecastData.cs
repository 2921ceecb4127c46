using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>A forecaster's examples, split in time, with what the network and the manifest need to know of them.</summary>
internal sealed partial record ForecastData
{
    public required ITrainingSet Train { get; init; }

    public ITrainingSet? Validation { get; init; }

    /// <summary>Training windows in memory, all or some, by which the data choose.</summary>
    public required ExampleSet Sample { get; init; }

    /// <summary>The same of those that validate.</summary>
    public ExampleSet? ValidationSample { get; init; }

    public required ModelManifest Manifest { get; init; }

    /// <summary>Numbers in one step.</summary>
    public required int Features { get; init; }

    /// <summary>How many of them, the first ones, are forecast.</summary>
    public required int Targets { get; init; }

    public required int Statics { get; init; }

    /// <summary>Numbers known ahead of each step of the horizon.</summary>
    public int Future { get; init; }

    /// <summary>How many features of the window's steps, the last ones, are among these.</summary>
    public int FutureFeatures { get; init; }

    /// <summary>Whether missing numbers are masked.</summary>
    public bool AllowsMissing { get; init; }

    /// <summary>
    /// Whether the network is told what is missing, beside that it does no harm: not where the rows that are learned lack nothing, for nothing would be learned
    /// of it.
    /// </summary>
    public bool MasksMissing { get; init; }

    /// <summary>
    /// How many of the numbers known ahead, the first ones, the network is told of that they are missing: none where the training rows lack none, for nothing
    /// would be learned of it.
    /// </summary>
    public int FutureMasks { get; init; }

    /// <summary>Steps back at which targets are looked up again.</summary>
    public ImmutableArray<int> Lags { get; init; } = [];

    /// <summary>Categories beside the numbers.</summary>
    public ImmutableArray<CategoryDescription> Categories { get; init; } = [];

    /// <summary>For each category, by id, whether the training part holds it.</summary>
    public IReadOnlyList<bool[]> SeenCategories { get; init; } = [];

    /// <summary>The series' own levels and scales; null where windows have theirs.</summary>
    public SeriesNormalizer? Normalizer { get; init; }

    /// <summary>How widely the training part's series spread.</summary>
    public Func<SeriesScales> Scales { get; init; } = static () => SeriesScales.None;

    /// <summary>Mean and spread over the training part alone.</summary>
    public required Func<Moments> FeatureMoments { get; init; }

    /// <inheritdoc cref="FeatureMoments"/>
    public required Func<Moments> StaticMoments { get; init; }

    /// <inheritdoc cref="FeatureMoments"/>
    /// <remarks>Of what is known ahead; null where they are those of the window's <see cref="FutureFeatures"/>.</remarks>
    public Func<Moments>? FutureMoments { get; init; }

    /// <summary>
    /// Rows that are series. Without a validation set the last part of each series is held back; its windows may look back into the training part, never the
    /// other way round.
    /// </summary>
    public static ForecastData FromSeries(RecurrentForecastingEstimator.Options options, IDataView trainData, IDataView? validationData)
    {
        var schema = trainData.Schema;
        var time = SeriesTime.Find(options, trainData);
        var layout = SeriesLayout.Resolve(schema, options.InputColumnName, options.PastCovariateColumnNames, options.FutureCovariateColumnNames,
            options.StaticColumnNames,
            options.InitialModel?.Manifest.Forecast?.Categories ?? [], options.TimeColumnName, time.Calendar);
        if (options.NormalizesSeries && options.SeriesKey() is { Length: > 0 } key)
            layout = layout.WithSeries(key, options.InitialModel?.Manifest.Forecast?.KnownSeries ?? []);
        if (options.MaximumRowsInMemory is not null) return FromStream(options, trainData, validationData, layout, time);
        var table = ReadSeries(options, trainData, layout, time, nameof(trainData));
        layout.Close();
        var masks = Masks(options, () => HasMissing(table, layout));
        Check(options, table, layout, masks);
        var windows = new SeriesWindowExamples(table, layout, options.WindowSize, options.Horizon, options.MinimumHistory);
        var stride = options.TrainingStride ?? SeriesScales.Stride(table.Lengths, options.WindowSize, options.Horizon);
        var (train, held, learned) = Split(options, table, windows, stride, holdsBack: validationData is null);
        if (train.Length == 0) throw TooShort(options, table, nameof(trainData));
        ExampleSet? validation = held.Length > 0 ? new(windows, held) : null;
        if (validationData is not null) validation = Given(options, validationData, layout, time, masks);
        var normalizer = CreateNormalizer(options, layout);
        normalizer?.Add(table, learned);
        return Create(options, schema, layout, time, masks, new ExampleSet(windows, train), validation) with
        {
            Normalizer = normalizer,
            SeenCategories = FindSeen(table, learned, layout),
            MasksMissing = MasksMissingOf(options, masks, () => learned.Any(part => HasMissing(table, part, layout))),
            FutureMasks = FutureMasksOf(options, layout.FutureColumns, masks, () => HasMissingFuture(table, learned, layout)),
            FeatureMoments = () => MomentsOf(table, learned, 0, layout.Features, options.TargetTransform, layout.Targets),
            Scales = () => SeriesScales.Create(table, learned, layout.Targets, layout.Features, options.TargetTransform),
            StaticMoments = () => MomentsOf(table, learned, layout.Features, layout.Statics),
        };
    }

    /// <summary>The same, some series at a time.</summary>
    private static ForecastData FromStream(RecurrentForecastingEstimator.Options options, IDataView trainData, IDataView? validationData, SeriesLayout layout,
        SeriesTime time)
    {
        var stream = new StreamedForecastData(options, layout, time, trainData, holdsBack: validationData is null);
        stream.Gather(nameof(trainData));
        layout.Close();
        var masks = Masks(options, () => stream.HasMissing);
        var (train, held) = stream.Count(table => Check(options, table, layout, masks));
        if (train.Count == 0) throw TooShort(options, stream.Sample, nameof(trainData));
        var (sample, heldSample) = stream.Windows(stream.Sample);
        // Bounds and first weights need some windows at least, though none of the sample's series be long enough for one.
        if (sample.Count == 0) throw TooShort(options, stream.Sample, nameof(trainData), "MaximumRowsInMemory is too small to sample series that are: ");
        ITrainingSet? validation = held;
        ExampleSet? validationSample = heldSample.Count > 0 ? heldSample : null;
        if (validationData is not null) validation = validationSample = Given(options, validationData, layout, time, masks);
        var learned = Enumerable.Range(0, stream.Sample.Series).Select(series => LearnedPart(options, stream.Sample, series, validationData is null)).ToArray();
        return Create(options, trainData.Schema, layout, time, masks, sample, validationSample) with
        {
            Train = train,
            Validation = validation,
            Normalizer = stream.Normalizer,
            SeenCategories = stream.SeenCategories,
            MasksMissing = MasksMissingOf(options, masks, () => stream.HasMissingLearned),
            FutureMasks = FutureMasksOf(options, layout.FutureColumns, masks, () => stream.HasMissingFuture),
            FeatureMoments = () => stream.FeatureMoments,
            StaticMoments = () => stream.StaticMoments,
            Scales = () => SeriesScales.Create(stream.Sample, learned, layout.Targets, layout.Features, options.TargetTransform),
        };
    }

    internal static SeriesNormalizer? CreateNormalizer(RecurrentForecastingEstimator.Options options, SeriesLayout layout) =>
        options.NormalizesSeries ? new(layout, options.SeriesNormalization, options.TargetTransform, options.WindowSize) : null;

    private static ForecastData Create(RecurrentForecastingEstimator.Options options, DataViewSchema schema, SeriesLayout layout, SeriesTime time, bool masks,
        ExampleSet train, ExampleSet? validation) => new()
    {
        Train = train,
        Validation = validation,
        Sample = train,
        ValidationSample = validation,
        Features = layout.Features,
        Targets = layout.Targets,
        Statics = layout.Statics,
        Future = layout.Future,
        FutureFeatures = layout.Future,
        Categories = layout.NetworkCategories(options.CategoryEmbeddingSize),
        Lags = time.Lags,
        AllowsMissing = masks,
        FeatureMoments = static () => throw new InvalidOperationException("The features' figures were not gathered."),
        StaticMoments = static () => throw new InvalidOperationException("The statics' figures were not gathered."),
        Manifest = CreateManifest(options, layout.GraphInputs(options.WindowSize, options.Horizon),
            TargetNames(schema, options.InputColumnName, layout.Targets), layout.CategoryManifests(), time.Frequency, masks, layout.Series?.Names),
    };

    private static ExampleSet Given(RecurrentForecastingEstimator.Options options, IDataView validationData, SeriesLayout layout, SeriesTime time, bool masks)
    {
        var table = ReadSeries(options, validationData, layout, time, nameof(validationData));
        Check(options, table, layout, masks);
        var windows = new SeriesWindowExamples(table, layout, options.WindowSize, options.Horizon, options.MinimumHistory);
        int[] held = [.. Enumerable.Range(0, table.Series).SelectMany(series => windows.Add(series, 0, table.Starts[series + 1] - table.Starts[series]))];
        return held.Length > 0 ? new(windows, held) : throw TooShort(options, table, nameof(validationData));
    }

    private static bool Masks(RecurrentForecastingEstimator.Options options, Func<bool> lacks) =>
        options.InitialModel is { } initial
            ? initial.Description.AllowsMissing
            : options.AsksForMasks || options.MissingValues is MissingValueHandling.Auto && lacks();

    // What lies before a short series counts as missing. What feeds on its own forecasts lacks nothing of them, and has no place for masks.
    private static bool MasksMissingOf(RecurrentForecastingEstimator.Options options, bool masks, Func<bool> lacks) =>
        options.InitialModel is { } initial
            ? initial.Description.MasksMissing
            : masks && options.Strategy is not ForecastStrategy.Recursive && (options.MinimumHistory < options.WindowSize || lacks());

    private static int FutureMasksOf(RecurrentForecastingEstimator.Options options, int numbers, bool masks, Func<bool> lacks) =>
        options.InitialModel is { } initial ? initial.Description.FutureMasks : masks && options.Strategy is not ForecastStrategy.Recursive && lacks()
            ? numbers
            : 0;

    private static void Check(RecurrentForecastingEstimator.Options options, SeriesTable table, SeriesLayout layout, bool masks)
    {
        CheckTimes(options, table);
        CheckWhole(table, layout, masks);
        CheckLogarithms(table, layout, options.TargetTransform);
    }

    /// <summary>The windows of a table that are learned, those that are held back, and the rows that are learned.</summary>
    internal static (int[] Train, int[] Held, (int From, int To)[] Learned) Split(RecurrentForecastingEstimator.Options options, SeriesTable table,
        SeriesWindowExamples windows, int stride, bool holdsBack)
    {
        List<int> train = [], held = [];
        var learned = new (int From, int To)[table.Series];
        for (var series = 0; series < table.Series; series++)
        {
            learned[series] = LearnedPart(options, table, series, holdsBack);
            var (length, kept) = (table.Starts[series + 1] - table.Starts[series], learned[series].To - table.Starts[series]);
            train.AddRange(windows.Add(series, 0, kept, stride));
            if (kept < length) held.AddRange(windows.Add(series, kept, length));
        }
        return ([.. train], [.. held], learned);
    }

    /// <summary>The rows of a series that are learned; the others are held back.</summary>
    internal static (int From, int To) LearnedPart(RecurrentForecastingEstimator.Options options, SeriesTable table, int series, bool holdsBack)
    {
        var length = table.Starts[series + 1] - table.Starts[series];
        var aside = holdsBack && options.ValidationFraction > 0 ? Math.Max((int)(length * options.ValidationFraction), options.Horizon) : 0;
        // A series that is too short to be split is learned whole.
        if (length - aside < (options.MinimumHistory ?? options.WindowSize) + options.Horizon) aside = 0;
        return (table.Starts[series], table.Starts[series + 1] - aside);
    }

    private static SeriesTable ReadSeries(RecurrentForecastingEstimator.Options options, IDataView data, SeriesLayout layout, SeriesTime time,
        string parameterName)
    {
        var table = SeriesTable.Read(data, layout.Inputs, options.SeriesKey(), options.TimeColumnName, options.CancellationToken);
        if (table.Rows == 0) throw new ArgumentException("The data have no rows: check the file, and the filters before the trainer.", parameterName);
        return options.FillTimeGaps ? table.FillGaps(time.Frequency!, layout) : table;
    }

    /// <summary>Whether numbers are missing.</summary>
    internal static bool HasMissing(SeriesTable table, SeriesLayout layout) => HasMissing(table, (0, table.Rows), layout);

    /// <summary>Whether numbers are missing in some rows.</summary>
    internal static bool HasMissing(SeriesTable table, (int From, int To) rows, SeriesLayout layout) => HasMissing(table, rows, 0, layout.FirstCategory);

    /// <summary>Whether numbers known ahead are missing in some rows.</summary>
    internal static bool HasMissingFuture(SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout) =>
        layout.FutureColumns > 0 && parts.Any(part => HasMissing(table, part, layout.Features - layout.Future, layout.FutureColumns));

    private static bool HasMissing(SeriesTable table, (int From, int To) rows, int first, int count)
    {
        for (var row = rows.From; row < rows.To; row++)
        {
            foreach (var value in table.Values(row, 1).Slice(first, count))
            {
                if (float.IsNaN(value)) return true;
            }
        }
        return false;
    }

    // Several series that are taken for one would be forecast as one, without any other sign of it. An hour that comes twice at the end of summer time, or a
    // row that was sent twice, is let pass.
    private static void CheckTimes(RecurrentForecastingEstimator.Options options, SeriesTable table)
    {
        var twice = 0;
        for (var series = 0; table.Times.Length > 0 && series < table.Series; series++)
        {
            for (var row = table.Starts[series] + 1; row < table.Starts[series + 1]; row++) twice += table.Times[row] == table.Times[row - 1] ? 1 : 0;
        }
        if (twice * 10L <= table.Rows) return;
        var key = options.SeriesKey();
        throw new ArgumentException(
            $"{twice} of {table.Rows} rows have the same time in the column '{options.TimeColumnName}' as another "
                + $"row{(key.Length == 0 ? "" : $" of the same series ('{string.Join("', '", key)}')")}, though a series has one row a time step. If they "
                + $"are several series, name "
                + (key.Length == 0
                    ? "the column that tells them apart in the option SeriesColumnName"
                    : "all columns that tell them apart in the option SeriesColumnNames")
                + "; else leave one row a time, or leave the option TimeColumnName out: rows then follow each other as they come.", "data");
    }

    private static void CheckWhole(SeriesTable table, SeriesLayout layout, bool allowsMissing)
    {
        for (var row = 0; row < table.Rows; row++)
        {
            var values = table.Values(row, 1);
            for (var i = 0; i < values.Length; i++)
            {
                if (float.IsFinite(values[i]) || allowsMissing && float.IsNaN(values[i])) continue;
                throw ColumnErrors.Value("input", layout.NameAt(i), table.SourceRows[row], float.IsNaN(values[i])
                    ? "holds NaN: let missing values be masked (the option MissingValues), or replace it (mlContext.Transforms.ReplaceMissingValues, or "
                        + "interpolate) before training; dropping the row would break the series' even steps."
                    : $"holds {values[i]}: replace it before training; dropping the row would break the series' even steps.");
            }
        }
    }

    private static void CheckLogarithms(SeriesTable table, SeriesLayout layout, TargetTransform transform)
    {
        for (var row = 0; transform is not TargetTransform.None && row < table.Rows; row++)
        {
            foreach (var value in table.Values(row, 1)[..layout.Targets])
            {
                if (float.IsNaN(value) || !float.IsNaN(LoggedInputs.Log(value, transform))) continue;
                throw ColumnErrors.Value("input", layout.Inputs[0].Name, table.SourceRows[row],
                    $"holds {value}, which has no logarithm: {(transform is TargetTransform.Log ? "Log1p takes zeros, or " : "")}leave the option "
                        + $"TargetTransform out.");
            }
        }
    }

    // Which values of each category the training part holds; others have no vector of their own.
    private static bool[][] FindSeen(SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout)
    {
        bool[][] met = [.. layout.Categories.Select(category => new bool[category.Vocabulary])];
        foreach (var (from, to) in parts)
        {
            for (var row = from; met.Length > 0 && row < to; row++)
            {
                var ids = table.Values(row, 1)[layout.FirstCategory..];
                for (var i = 0; i < met.Length; i++) met[i][(int)ids[i]] = true;
            }
        }
        return met;
    }

    private static ArgumentException TooShort(RecurrentForecastingEstimator.Options options, SeriesTable table, string parameterName, string reason = "")
    {
        var longest = 0;
        for (var series = 0; series < table.Series; series++) longest = Math.Max(longest, table.Starts[series + 1] - table.Starts[series]);
        var rows = (options.MinimumHistory ?? options.WindowSize) + options.Horizon;
        if (longest >= rows)
            return new($"{reason}The column '{options.InputColumnName}' holds no number (only NaN) within any window and horizon that could be learned from: "
                + $"fill it, or leave the rows out.", parameterName);
        return new($"{reason}No series is long enough for one "
            + $"window: {(options.MinimumHistory is null ? "WindowSize" : "MinimumHistory")} {rows - options.Horizon} and "
            + $"Horizon {options.Horizon} need {rows} rows, the longest series "
            + $"has {longest}.{(options.MinimumHistory is null ? " Set them lower; MinimumHistory lets series begin with less than a window." : "")}",
                parameterName);
    }

    private static Moments MomentsOf(SeriesTable table, IReadOnlyList<(int From, int To)> parts, int offset, int width,
        TargetTransform transform = TargetTransform.None, int targets = 0)
    {
        var moments = new Moments(width);
        AddMoments(moments, table, parts, offset, transform, targets);
        return moments;
    }

    /// <summary>Adds some rows' numbers from an offset on, the first ones as the model takes them.</summary>
    internal static void AddMoments(Moments moments, SeriesTable table, IReadOnlyList<(int From, int To)> parts, int offset,
        TargetTransform transform = TargetTransform.None, int targets = 0)
    {
        var values = new float[moments.Channels];
        foreach (var (from, to) in parts)
        {
            for (var row = from; values.Length > 0 && row < to; row++)
            {
                table.Values(row, 1).Slice(offset, values.Length).CopyTo(values);
                for (var i = 0; i < targets; i++) values[i] = LoggedInputs.Log(values[i], transform);
                moments.Add(values);
            }
        }
    }

    private static ModelManifest CreateManifest(RecurrentForecastingEstimator.Options options, ImmutableArray<InputColumn> inputs,
        ImmutableArray<string> targets,
        ImmutableArray<CategoryManifest> categories = default, TimeFrequency? frequency = null, bool allowsMissing = false,
        IReadOnlyList<string>? series = null) => new()
    {
        Task = ModelTask.Forecasting,
        Inputs = inputs,
        Outputs = [.. options.OutputColumns().Select(name => name == options.SamplesColumnName
            ? new OutputColumn(name, OutputKind.Single,
                checked(options.Horizon * targets.Length * options.NumberOfSamples)) { Steps = options.Horizon * targets.Length }
            : new OutputColumn(name, OutputKind.Single, options.Horizon * targets.Length))],
        Forecast = new(options.WindowSize, options.Horizon, targets, options.RowsHoldWindows, options.TimeColumnName, options.SeriesColumnName,
            options.ConfidenceLowerBoundColumn, options.ConfidenceUpperBoundColumn, options.ConfidenceLevel)
        {
            SeriesColumns = [.. options.SeriesColumnNames],
            Frequency = frequency,
            AllowsMissing = allowsMissing,
            NumberOfSamples = options.SamplesColumnName is null ? 0 : options.NumberOfSamples,
            NumberOfPaths = options.SamplesColumnName is not null || options.FeedsDraws
                && (options.StandardDeviationColumnName is not null || options.QuantileColumnNames.Count > 0) ? options.NumberOfSamples : 0,
            FeedsDraws = options.FeedsDraws,
            FillsTimeGaps = options.FillTimeGaps,
            MinimumHistory = options.MinimumHistory ?? 0,
            Categories = categories.IsDefault ? [] : categories,
            KnownSeries = [.. series ?? []],
        },
    };

    /// <summary>The targets' names: the column's own, its slots', or numbered ones.</summary>
    internal static ImmutableArray<string> TargetNames(DataViewSchema schema, string column, int targets)
    {
        if (targets == 1) return [column];
        if (schema[column].Type is VectorDataViewType { Size: var size } && size == targets && schema[column].HasSlotNames())
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            schema[column].GetSlotNames(ref names);
            return [.. names.DenseValues().Select((name, i) => name.IsEmpty ? Numbered(i) : name.ToString())];
        }
        return [.. Enumerable.Range(0, targets).Select(Numbered)];

        string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"{column}[{i}]");
    }
}
