using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The examples of a forecaster, split in time, with their description for the network and the manifest.</summary>
internal sealed partial record ForecastData
{
    public required ITrainingSet Train { get; init; }

    public ITrainingSet? Validation { get; init; }

    /// <summary>Creates the stretches of the training rows; null if there are only windows.</summary>
    public Func<ITrainingSet>? Stretches { get; init; }

    /// <summary>Creates the stretches that carry their states; null if there are only windows.</summary>
    public Func<CarriedStretchSet>? CarriedStretches { get; init; }

    /// <summary>Finds the series of windows, for a network that carries its states.</summary>
    public Func<ExampleSet, CarriedWindows>? Carried { get; init; }

    /// <summary>In-memory training windows (all or a sample) from which data-dependent defaults are chosen.</summary>
    public required ExampleSet Sample { get; init; }

    /// <summary>In-memory validation windows.</summary>
    public ExampleSet? ValidationSample { get; init; }

    public required ModelManifest Manifest { get; init; }

    /// <summary>Numbers per step.</summary>
    public required int Features { get; init; }

    /// <summary>Number of targets, the first of them.</summary>
    public required int Targets { get; init; }

    public required int Statics { get; init; }

    /// <summary>Number of future features per step of the horizon.</summary>
    public int Future { get; init; }

    /// <summary>Number of future features in the window, its last features.</summary>
    public int FutureFeatures { get; init; }

    /// <summary>Whether missing values are masked.</summary>
    public bool AllowsMissing { get; init; }

    /// <summary>Whether missing-value indicators are extra input features. Off if no training value is missing: they would be constant.</summary>
    public bool MasksMissing { get; init; }

    /// <summary>Number of future features, the first ones, with missing-value indicators; 0 if none is missing in training.</summary>
    public int FutureMasks { get; init; }

    /// <summary>The training rows whose time comes twice.</summary>
    public DoubledTimes Doubled { get; init; } = new();

    /// <summary>What is said of the times.</summary>
    public SeriesTime? Times { get; init; }

    /// <summary>What the training rows give reason to warn of: codes of <see cref="Hosting.WarningCode"/> and messages.</summary>
    public IReadOnlyList<(string Code, string Message)> Warnings { get; init; } = [];

    /// <summary>The lags of the targets, in steps.</summary>
    public ImmutableArray<int> Lags { get; init; } = [];

    /// <summary>The categorical inputs.</summary>
    public ImmutableArray<CategoryDescription> Categories { get; init; } = [];

    /// <summary>For each category, by id, whether it occurs in the training part.</summary>
    public IReadOnlyList<bool[]> SeenCategories { get; init; } = [];

    /// <summary>The level and scale of each series; null if windows use their own.</summary>
    public SeriesNormalizer? Normalizer { get; init; }

    /// <summary>The columns whose numbers are more than Singles.</summary>
    public NumberPrecision? Precision { get; init; }

    /// <summary>The spread of the training series.</summary>
    public Func<SeriesScales> Scales { get; init; } = static () => SeriesScales.None;

    /// <summary>Mean and standard deviation over the training part.</summary>
    public required Func<Moments> FeatureMoments { get; init; }

    /// <inheritdoc cref="FeatureMoments"/>
    public required Func<Moments> StaticMoments { get; init; }

    /// <inheritdoc cref="FeatureMoments"/>
    /// <remarks>For the future features; null if they equal those of the window's <see cref="FutureFeatures"/>.</remarks>
    public Func<Moments>? FutureMoments { get; init; }

    /// <summary>
    /// Creates the data from series. Without a validation set, the last part of each series is held out; its windows may reach back into the training part,
    /// never the reverse.
    /// </summary>
    public static ForecastData FromSeries(RecurrentForecastingEstimator.Options options, IDataView trainData, IDataView? validationData)
    {
        var schema = trainData.Schema;
        var time = SeriesTime.Find(options, trainData);
        var layout = SeriesLayout.Resolve(schema, options.Input.InputColumnName, options.Input.PastCovariateColumnNames,
            options.Input.FutureCovariateColumnNames,
            options.Input.StaticColumnNames,
            options.Network.Initialization.Model?.Manifest.Forecast?.Categories ?? [], options.Series.TimeColumnName, time.Calendar, time.Zone,
            [.. options.Network.Initialization.Model?.Manifest.Inputs.Where(input => !input.Origins.IsEmpty).Select(input => input.Column) ?? []]);
        if (options.NormalizesSeries && options.Input.SeriesKey is { Length: > 0 } key)
            layout = layout.WithSeries(key, options.Network.Initialization.Model?.Manifest.Forecast?.KnownSeries ?? []);
        if (options.Series.MaximumRowsInMemory is not null) return FromStream(options, trainData, validationData, layout, time);
        var doubled = new DoubledTimes();
        var findings = new SeriesFindings(layout, time, options.MissingValues.FillTimeGaps);
        var table = ReadSeries(options, trainData, layout, time, nameof(trainData), doubled, findings);
        layout.Close();
        var masks = Masks(options, () => HasMissing(table, layout));
        Check(options, table, layout, masks);
        var precision = new NumberPrecision(options);
        precision.Add(table, layout);
        layout = layout.With(precision.Apply);
        var windows = new SeriesWindowExamples(table, layout, options.Input.WindowSize, options.Horizon, options.MissingValues.MinimumHistory);
        var stride = options.Series.TrainingStride ?? SeriesScales.Stride(table.Lengths, options.Input.WindowSize, options.Horizon,
            options.RegressesOnCovariates && layout.KnowsFuture);
        var (train, held, learned) = Split(options, table, windows, stride, holdsBack: validationData is null);
        if (train.Length == 0) throw TooShort(options, table, nameof(trainData));
        var normalizer = CreateNormalizer(options, layout);
        normalizer?.Add(table, learned);
        if (normalizer?.HasOrigins == true)
        {
            // The origins of the series are known only now.
            layout = normalizer.Apply(layout);
            windows = new(table, layout, options.Input.WindowSize, options.Horizon, options.MissingValues.MinimumHistory);
            (train, held, learned) = Split(options, table, windows, stride, holdsBack: validationData is null);
        }
        ExampleSet? validation = held.Length > 0 ? new(windows, held) : null;
        SeriesTable? given = null;
        if (validationData is not null) (validation, given) = Given(options, validationData, layout, time, masks);
        return Create(options, schema, layout, time, masks, new ExampleSet(windows, train), validation) with
        {
            Stretches = () => StretchesOf(options, table, layout, learned),
            CarriedStretches = () => new(CarriedSeries.Learned(options, table, layout, learned, masks)),
            Carried = set => CarriedSeries.Windows(options, set.Source == windows ? table : given!, layout, (SeriesWindowExamples)set.Source, masks),
            Normalizer = normalizer,
            Precision = precision,
            Doubled = doubled,
            Warnings = [.. findings.Warnings(), .. UnnamedTime.Warnings(options, trainData)],
            SeenCategories = FindSeen(table, learned, layout),
            MasksMissing = MasksMissingOf(options, masks, () => learned.Any(part => HasMissing(table, part, layout))),
            FutureMasks = FutureMasksOf(options, layout.FutureColumns, masks, () => HasMissingFuture(table, learned, layout)),
            FeatureMoments = () => MomentsOf(table, learned, layout, 0, layout.Features, options.Normalization.TargetTransform),
            Scales = () => SeriesScales.Create(table, learned, layout, options.Normalization.TargetTransform),
            StaticMoments = () => MomentsOf(table, learned, layout, layout.Features, layout.Statics),
        };
    }

    private static StretchSet StretchesOf(RecurrentForecastingEstimator.Options options, SeriesTable table, SeriesLayout layout, (int From, int To)[] learned)
    {
        var shape = StretchShapeOf(options, table.Lengths);
        return new(StretchesOf(options, table, layout, learned, shape), shape);
    }

    /// <summary>The shape of stretches of series of some lengths.</summary>
    internal static StretchShape StretchShapeOf(RecurrentForecastingEstimator.Options options, IEnumerable<int> lengths) =>
        StretchShape.For(options.Input.WindowSize, options.Horizon, options.Series.TrainingStride ?? PositionStride(options, lengths),
            options.Decoding.Attention is not null);

    // Rows from position to position by default.
    private static int PositionStride(RecurrentForecastingEstimator.Options options, IEnumerable<int> lengths)
    {
        // Each position explains its window anew.
        if (options.RegressesOnCovariates) return SeriesScales.Stride(lengths, options.Input.WindowSize, options.Horizon, knowsAhead: true);
        // An epoch reads each row about once, so that its steps are the positions.
        var stride = SeriesScales.Stride(lengths, 1, options.Horizon);
        // A model of one step learns a row from the rows before it, whichever position it follows.
        return options.Decoding.Strategy is ForecastStrategy.Recursive ? Math.Max(stride, options.Horizon) : stride;
    }

    /// <summary>The stretches of the training rows of a table.</summary>
    internal static SeriesStretches StretchesOf(RecurrentForecastingEstimator.Options options, SeriesTable table, SeriesLayout layout,
        (int From, int To)[] learned, StretchShape shape)
    {
        var stretches = new SeriesStretches(table, layout, shape, options.MissingValues.MinimumHistory);
        for (var series = 0; series < table.Series; series++) stretches.Add(series, learned[series].To - table.Starts[series]);
        return stretches;
    }

    /// <summary>Creates the data from streamed series.</summary>
    private static ForecastData FromStream(RecurrentForecastingEstimator.Options options, IDataView trainData, IDataView? validationData, SeriesLayout layout,
        SeriesTime time)
    {
        var precision = new NumberPrecision(options);
        // Which numbers are more than Singles is decided by the first part of the rows.
        foreach (var first in SeriesTable.ReadChunks(trainData, layout.Inputs, options.Input.SeriesKey, options.Series.TimeColumnName,
            options.Series.MaximumRowsInMemory!.Value, options.CancellationToken).Take(1)) precision.Add(first, layout);
        layout = layout.With(precision.Apply);
        var stream = new StreamedForecastData(options, layout, time, trainData, holdsBack: validationData is null);
        stream.Gather(nameof(trainData));
        layout.Close();
        layout = stream.Layout;
        var masks = Masks(options, () => stream.HasMissing);
        var (train, held) = stream.Count(table => Check(options, table, layout, masks));
        if (train.Count == 0) throw TooShort(options, stream.Sample, nameof(trainData));
        var (sample, heldSample) = stream.Windows(stream.Sample);
        // Bounds and initial weights need some windows, so a sample without a series of sufficient length is an error.
        if (sample.Count == 0) throw TooShort(options, stream.Sample, nameof(trainData), "Input.MaximumRowsInMemory is too small to sample series that are: ");
        ITrainingSet? validation = held;
        ExampleSet? validationSample = heldSample.Count > 0 ? heldSample : null;
        if (validationData is not null) validation = validationSample = Given(options, validationData, layout, time, masks).Windows;
        var learned = Enumerable.Range(0, stream.Sample.Series).Select(series => LearnedPart(options, stream.Sample, series, validationData is null)).ToArray();
        return Create(options, trainData.Schema, layout, time, masks, sample, validationSample) with
        {
            Train = train,
            Validation = validation,
            Stretches = stream.Stretches,
            Normalizer = stream.Normalizer,
            Precision = precision,
            Doubled = stream.Doubled,
            Warnings = [.. stream.Findings.Warnings()],
            SeenCategories = stream.SeenCategories,
            MasksMissing = MasksMissingOf(options, masks, () => stream.HasMissingLearned),
            FutureMasks = FutureMasksOf(options, layout.FutureColumns, masks, () => stream.HasMissingFuture),
            FeatureMoments = () => stream.FeatureMoments,
            StaticMoments = () => stream.StaticMoments,
            Scales = () => SeriesScales.Create(stream.Sample, learned, layout, options.Normalization.TargetTransform),
        };
    }

    internal static SeriesNormalizer? CreateNormalizer(RecurrentForecastingEstimator.Options options, SeriesLayout layout) =>
        options.NormalizesSeries ? new(layout, options.SeriesNormalization, options.Normalization.TargetTransform, options.Input.WindowSize) : null;

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
            Categories = layout.NetworkCategories(options.Input.Features.CategoryEmbeddingSize),
            Lags = time.Lags,
            Times = time,
            AllowsMissing = masks,
            FeatureMoments = static () => throw new InvalidOperationException("The statistics of the features were not computed."),
            StaticMoments = static () => throw new InvalidOperationException("The statistics of the statics were not computed."),
            Manifest = CreateManifest(options, layout.GraphInputs(options.Input.WindowSize, options.Horizon),
            TargetNames(schema, options.Input.InputColumnName, layout.Targets), layout.CategoryManifests(), time, masks, layout.Series?.Names),
        };

    private static (ExampleSet Windows, SeriesTable Table) Given(RecurrentForecastingEstimator.Options options, IDataView validationData, SeriesLayout layout,
        SeriesTime time, bool masks)
    {
        var table = ReadSeries(options, validationData, layout, time, nameof(validationData), new());
        Check(options, table, layout, masks);
        var windows = new SeriesWindowExamples(table, layout, options.Input.WindowSize, options.Horizon, options.MissingValues.MinimumHistory);
        int[] held = [.. Enumerable.Range(0, table.Series).SelectMany(series => windows.Add(series, 0, table.Starts[series + 1] - table.Starts[series]))];
        return held.Length > 0 ? (new(windows, held), table) : throw TooShort(options, table, nameof(validationData));
    }

    private static bool Masks(RecurrentForecastingEstimator.Options options, Func<bool> lacks) =>
        options.Network.Initialization.Model is { } initial
            ? initial.Description.AllowsMissing
            : options.AsksForMasks || options.MissingValues.Handling is MissingValueHandling.Auto && lacks();

    // Steps before a short series count as missing. A network that reads its own forecasts has no missing targets and no indicators.
    private static bool MasksMissingOf(RecurrentForecastingEstimator.Options options, bool masks, Func<bool> lacks) =>
        options.Network.Initialization.Model is { } initial
            ? initial.Description.MasksMissing
            : masks && options.Decoding.Strategy is not ForecastStrategy.Recursive
                && (options.MissingValues.MinimumHistory < options.Input.WindowSize || lacks());

    private static int FutureMasksOf(RecurrentForecastingEstimator.Options options, int numbers, bool masks, Func<bool> lacks) =>
        options.Network.Initialization.Model is { } initial
            ? initial.Description.FutureMasks
            : masks && options.Decoding.Strategy is not ForecastStrategy.Recursive && lacks()
            ? numbers
            : 0;

    private static void Check(RecurrentForecastingEstimator.Options options, SeriesTable table, SeriesLayout layout, bool masks)
    {
        CheckWhole(table, layout, masks);
        CheckLogarithms(table, layout, options.Normalization.TargetTransform);
    }

    /// <summary>The training and validation windows of a table, and its training rows.</summary>
    internal static (int[] Train, int[] Held, (int From, int To)[] Learned) Split(RecurrentForecastingEstimator.Options options, SeriesTable table,
        SeriesWindowExamples windows, int stride, bool holdsBack)
    {
        var most = table.Rows / stride + table.Series;
        List<int> train = new(most), held = [];
        windows.Reserve(most);
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

    /// <summary>The training rows of a series; the others are held out.</summary>
    internal static (int From, int To) LearnedPart(RecurrentForecastingEstimator.Options options, SeriesTable table, int series, bool holdsBack)
    {
        var length = table.Starts[series + 1] - table.Starts[series];
        var aside = holdsBack && options.Stopping.ValidationShare > 0 ? Math.Max((int)(length * options.Stopping.ValidationShare), options.Horizon) : 0;
        // A series that is too short to split is used for training only.
        if (length - aside < (options.MissingValues.MinimumHistory ?? options.Input.WindowSize) + options.Horizon) aside = 0;
        return (table.Starts[series], table.Starts[series + 1] - aside);
    }

    private static SeriesTable ReadSeries(RecurrentForecastingEstimator.Options options, IDataView data, SeriesLayout layout, SeriesTime time,
        string parameterName, DoubledTimes doubled, SeriesFindings? findings = null)
    {
        var table = SeriesTable.Read(data, layout.Inputs, options.Input.SeriesKey, options.Series.TimeColumnName, options.CancellationToken,
            zone: time.Zone);
        if (table.Rows == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the trainer.", parameterName);
        doubled.Add(table);
        CheckTimes(options, doubled, table);
        findings?.Add(table);
        return Regular(options, table, layout, time);
    }

    /// <summary>The rows of a table with one row per time and without gaps, if the options want that.</summary>
    internal static SeriesTable Regular(RecurrentForecastingEstimator.Options options, SeriesTable table, SeriesLayout layout, SeriesTime time)
    {
        if (options.MissingValues.DuplicateTimes is DuplicateTimes.Replace && table.Times.Length > 0) table = table.KeepNewest();
        return options.MissingValues.FillTimeGaps ? table.FillGaps(time.Steps!, layout) : table;
    }

    /// <summary>Whether values are missing.</summary>
    internal static bool HasMissing(SeriesTable table, SeriesLayout layout) => HasMissing(table, (0, table.Rows), layout);

    /// <summary>Whether values are missing in some rows.</summary>
    internal static bool HasMissing(SeriesTable table, (int From, int To) rows, SeriesLayout layout) => HasMissing(table, rows, 0, layout.FirstCategory);

    /// <summary>Whether future features are missing in some rows.</summary>
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

    // Several series read as one would be forecast as one without any other sign. A repeated hour at the end of daylight saving time, or a duplicate row, is
    // accepted.
    internal static void CheckTimes(RecurrentForecastingEstimator.Options options, DoubledTimes doubled, SeriesTable table)
    {
        var twice = doubled.Count;
        if (options.MissingValues.DuplicateTimes is DuplicateTimes.Refuse && twice > 0)
            throw ColumnErrors.Value("time", options.Series.TimeColumnName!, doubled.FirstRow,
                "is the time of an earlier row of the series, which MissingValues.DuplicateTimes = Refuse does not allow: keep one row per time.");
        if (twice * 10L <= table.Rows) return;
        var key = options.Input.SeriesKey;
        throw new ArgumentException(
            $"{twice} of {table.Rows} rows have the same time in the column '{options.Series.TimeColumnName}' as another "
                + $"row{(key.Length == 0 ? "" : $" of the same series ('{string.Join("', '", key)}')")}, but a series has one row per time step. If they "
                + $"are several series, name "
                + (key.Length == 0
                    ? "the column that distinguishes them in the option Input.SeriesColumnNames"
                    : "all columns that distinguish them in the option Input.SeriesColumnNames")
                + "; otherwise keep one row per time, or omit the option Input.TimeColumnName to use the order of the rows.", "data");
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
                    ? "holds NaN: mask missing values (the option MissingValues.Handling), or replace it "
                        + "(mlContext.Transforms.ReplaceMissingValues, or "
                        + "interpolate) before training; dropping the row would break the regular steps of the series."
                    : $"holds {values[i]}: replace it before training; dropping the row would break the regular steps of the series.");
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
                    $"holds {value}, which has no logarithm: {(transform is TargetTransform.Log ? "Log1p takes zeros, or " : "")}omit the option "
                        + $"Normalization.TargetTransform.");
            }
        }
    }

    // The values of each category in the training part; others have no embedding.
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
        var rows = (options.MissingValues.MinimumHistory ?? options.Input.WindowSize) + options.Horizon;
        if (longest >= rows)
        {
            return new($"{reason}The column '{options.Input.InputColumnName}' holds no number (only NaN) within any window and horizon " +
                "of the training data: fill it, or remove the rows.", parameterName);
        }
        var (name, remedy) = options.MissingValues.MinimumHistory is not null ? ("MissingValues.MinimumHistory", "")
            : ("Input.WindowSize", " Set them lower; MissingValues.MinimumHistory allows series shorter than a window.");
        return new($"{reason}No series is long enough for one window: {name} {rows - options.Horizon} and Horizon {options.Horizon} need {rows} rows, the " +
            $"longest series has {longest}.{remedy}", parameterName);
    }

    private static Moments MomentsOf(SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout, int offset, int width,
        TargetTransform transform = TargetTransform.None)
    {
        var moments = new Moments(width);
        AddMoments(moments, table, parts, layout, offset, transform);
        return moments;
    }

    /// <summary>Adds the numbers of some rows from an offset on, with the targets transformed.</summary>
    internal static void AddMoments(Moments moments, SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout, int offset,
        TargetTransform transform = TargetTransform.None)
    {
        var values = new float[moments.Channels];
        foreach (var (from, to) in parts)
        {
            for (var row = from; values.Length > 0 && row < to; row++)
            {
                var numbers = table.Values(row, 1);
                for (var i = 0; i < values.Length; i++) values[i] = layout.Seen(numbers, offset + i);
                for (var i = 0; transform is not TargetTransform.None && i < layout.Targets; i++) values[i] = LoggedInputs.Log(values[i], transform);
                moments.Add(values);
            }
        }
    }

    private static ModelManifest CreateManifest(RecurrentForecastingEstimator.Options options, ImmutableArray<InputColumn> inputs,
        ImmutableArray<string> targets,
        ImmutableArray<CategoryManifest> categories = default, SeriesTime? time = null, bool allowsMissing = false,
        IReadOnlyList<string>? series = null)
    {
        return new()
        {
            Task = ModelTask.Forecasting,
            Inputs = inputs,
            Outputs = [.. options.Output.Columns().Select(name => name == options.Output.SamplesColumnName
            ? new OutputColumn(name, KindOf(name),
                checked(options.Horizon * targets.Length * options.Output.NumberOfSamples)) { Steps = options.Horizon * targets.Length }
            : new OutputColumn(name, KindOf(name), options.Horizon * targets.Length))],
            Forecast = new(options.Input.WindowSize, options.Horizon, targets, options.RowsHoldWindows, options.Input.TimeColumn,
            options.Input.SeriesKey is [var only] ? only : null, options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn,
            options.Output.ConfidenceLevel)
            {
                SeriesColumns = options.Input.SeriesKey.Length > 1 ? [.. options.Input.SeriesKey] : [],
                Frequency = time?.Frequency,
                TimeZone = time?.TimeZone,
                UsualGap = time?.UsualGap,
                AllowsMissing = allowsMissing,
                NumberOfSamples = options.Output.SamplesColumnName is null ? 0 : options.Output.NumberOfSamples,
                NumberOfPaths = options.Output.SamplesColumnName is not null || options.FeedsDraws
                && (options.Output.StandardDeviationColumnName is not null || options.Output.QuantileColumnNames.Count > 0)
                ? options.Output.NumberOfSamples
                : 0,
                FeedsDraws = options.FeedsDraws,
                FillsTimeGaps = options.MissingValues.FillTimeGaps,
                DuplicateTimes = options.MissingValues.DuplicateTimes,
                MinimumHistory = options.MissingValues.MinimumHistory ?? 0,
                Categories = categories.IsDefault ? [] : categories,
                KnownSeries = [.. series ?? []],
                HasDoubleColumns = options.Output.DoubleColumns,
            },
        };

        // A standard deviation is a distance.
        OutputKind KindOf(string name) =>
            inputs[0].Origins.IsEmpty || name == options.Output.StandardDeviationColumnName ? OutputKind.Single : OutputKind.Double;
    }

    /// <summary>The names of the targets: that of the column, of its slots, or numbered.</summary>
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
