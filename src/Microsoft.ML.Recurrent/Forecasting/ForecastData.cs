using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
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
    public Func<ITrainingSet>? CarriedStretches { get; init; }

    /// <summary>Finds the series of windows, for a network that carries its states.</summary>
    public Func<ExampleSet, CarriedWindows>? Carried { get; init; }

    /// <summary>Creates the streamed validation windows for a network that carries its states; null if they are not streamed.</summary>
    public Func<Func<Network>, ITrainingSet>? CarriedHeld { get; init; }

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
        var table = SeriesParts.Read(options, trainData, layout, time, nameof(trainData), doubled, findings);
        layout.Close();
        var masks = MissingMasks.Applies(options, () => MissingMasks.HasMissing(table, layout));
        SeriesChecks.Check(options, table, layout, masks);
        var precision = new NumberPrecision(options);
        precision.Add(table, layout);
        layout = layout.With(precision.Apply);
        var windows = new SeriesWindowExamples(table, layout, options.Input.WindowSize, options.Horizon, options.MissingValues.MinimumHistory);
        var stride = options.Series.TrainingStride ?? SeriesScales.Stride(table.Lengths, options.Input.WindowSize, options.Horizon,
            options.RegressesOnCovariates && layout.KnowsFuture);
        var (train, held, learned) = SeriesParts.Split(options, table, windows, stride, holdsBack: validationData is null);
        if (train.Length == 0) throw SeriesChecks.TooShort(options, table, nameof(trainData));
        var normalizer = CreateNormalizer(options, layout);
        normalizer?.Add(table, learned);
        if (normalizer?.HasOrigins == true)
        {
            // The origins of the series are known only now.
            layout = normalizer.Apply(layout);
            windows = new(table, layout, options.Input.WindowSize, options.Horizon, options.MissingValues.MinimumHistory);
            (train, held, learned) = SeriesParts.Split(options, table, windows, stride, holdsBack: validationData is null);
        }
        ExampleSet? validation = held.Length > 0 ? new(windows, held) : null;
        SeriesTable? given = null;
        if (validationData is not null) (validation, given) = Given(options, validationData, layout, time, masks);
        return Create(options, schema, layout, time, masks, new ExampleSet(windows, train), validation) with
        {
            Stretches = () => ForecastStretches.Create(options, table, layout, learned),
            CarriedStretches = () => new CarriedStretchSet(CarriedSeries.Learned(options, table, layout, learned, masks)),
            Carried = set => CarriedSeries.Windows(options, set.Source == windows ? table : given!, layout, (SeriesWindowExamples)set.Source, masks),
            Normalizer = normalizer,
            Precision = precision,
            Doubled = doubled,
            Warnings = [.. findings.Warnings(), .. UnnamedTime.Warnings(options, trainData)],
            SeenCategories = SeriesMoments.FindSeen(table, learned, layout),
            MasksMissing = MissingMasks.AppliesToSteps(options, masks, () => learned.Any(part => MissingMasks.HasMissing(table, part, layout))),
            FutureMasks = MissingMasks.CountFuture(options, layout.FutureColumns, masks, () => MissingMasks.HasMissingFuture(table, learned, layout)),
            FeatureMoments = () => SeriesMoments.Create(table, learned, layout, 0, layout.Features, options.Normalization.TargetTransform),
            Scales = () => SeriesScales.Create(table, learned, layout, options.Normalization.TargetTransform),
            StaticMoments = () => SeriesMoments.Create(table, learned, layout, layout.Features, layout.Statics),
        };
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
        var masks = MissingMasks.Applies(options, () => stream.HasMissing);
        var (train, held) = stream.Count(table => SeriesChecks.Check(options, table, layout, masks));
        if (train.Count == 0) throw SeriesChecks.TooShort(options, stream.Sample, nameof(trainData));
        var (sample, heldSample) = stream.Windows(stream.Sample);
        // Bounds and initial weights need some windows, so a sample without a series of sufficient length is an error.
        if (sample.Count == 0)
            throw SeriesChecks.TooShort(options, stream.Sample, nameof(trainData), "Input.MaximumRowsInMemory is too small to sample series that are: ");
        ITrainingSet? validation = held;
        ExampleSet? validationSample = heldSample.Count > 0 ? heldSample : null;
        var given = stream.Sample;
        if (validationData is not null)
        {
            (var windows, given) = Given(options, validationData, layout, time, masks);
            validation = validationSample = windows;
        }
        var learned = Enumerable.Range(0, stream.Sample.Series).Select(series => SeriesParts.Learned(options, stream.Sample, series, validationData is null))
            .ToArray();
        return Create(options, trainData.Schema, layout, time, masks, sample, validationSample) with
        {
            Train = train,
            Validation = validation,
            Stretches = stream.Stretches,
            CarriedStretches = () => stream.CarriedStretches(masks),
            Carried = set => CarriedSeries.Windows(options, set.Source == sample.Source ? stream.Sample : given, layout, (SeriesWindowExamples)set.Source,
                masks),
            CarriedHeld = network => stream.CarriedHeld(masks, network),
            Normalizer = stream.Normalizer,
            Precision = precision,
            Doubled = stream.Doubled,
            Warnings = [.. stream.Findings.Warnings()],
            SeenCategories = stream.SeenCategories,
            MasksMissing = MissingMasks.AppliesToSteps(options, masks, () => stream.HasMissingLearned),
            FutureMasks = MissingMasks.CountFuture(options, layout.FutureColumns, masks, () => stream.HasMissingFuture),
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
            Manifest = ForecastManifests.Create(options, layout.GraphInputs(options.Input.WindowSize, options.Horizon),
            ForecastManifests.TargetNames(schema, options.Input.InputColumnName, layout.Targets), layout.CategoryManifests(), time, masks,
            layout.Series?.Names),
        };

    private static (ExampleSet Windows, SeriesTable Table) Given(RecurrentForecastingEstimator.Options options, IDataView validationData, SeriesLayout layout,
        SeriesTime time, bool masks)
    {
        var table = SeriesParts.Read(options, validationData, layout, time, nameof(validationData), new());
        SeriesChecks.Check(options, table, layout, masks);
        var windows = new SeriesWindowExamples(table, layout, options.Input.WindowSize, options.Horizon, options.MissingValues.MinimumHistory);
        int[] held = [.. Enumerable.Range(0, table.Series).SelectMany(series => windows.Add(series, 0, table.Starts[series + 1] - table.Starts[series]))];
        return held.Length > 0 ? (new(windows, held), table) : throw SeriesChecks.TooShort(options, table, nameof(validationData));
    }
}
