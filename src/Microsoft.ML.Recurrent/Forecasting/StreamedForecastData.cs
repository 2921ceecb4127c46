using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// The streamed rows of a forecaster: two passes collect statistics, categories and the number of windows, then each epoch is one pass. Other data-dependent
/// choices (season, initial weights, intervals) use a sample of whole series in memory.
/// </summary>
internal sealed class StreamedForecastData
{
    private readonly RecurrentForecastingEstimator.Options _options;
    private SeriesLayout _layout;
    private readonly SeriesTime _time;
    private readonly IDataView _data;
    private readonly bool _holdsBack;
    private int _stride;
    private StretchShape _shape = null!;
    private readonly List<(int Positions, int Stretches)> _stretches = [];
    private readonly List<int> _carried = [], _held = [];

    /// <param name="options">Options with MaximumRowsInMemory.</param>
    /// <param name="layout">The columns, with open categories.</param>
    /// <param name="time">The result of reading the time column.</param>
    /// <param name="data">The rows.</param>
    /// <param name="holdsBack">Whether the last part of each series is held out.</param>
    public StreamedForecastData(RecurrentForecastingEstimator.Options options, SeriesLayout layout, SeriesTime time, IDataView data, bool holdsBack)
    {
        (_options, _layout, _time, _data, _holdsBack) = (options, layout, time, data, holdsBack);
        FeatureMoments = new(layout.Features);
        StaticMoments = new(layout.Statics);
        Normalizer = ForecastData.CreateNormalizer(options, layout);
        Findings = new(layout, time, options.MissingValues.FillTimeGaps);
    }

    /// <summary>The columns.</summary>
    public SeriesLayout Layout => _layout;

    /// <summary>The level and scale of each series; null if windows use their own.</summary>
    public SeriesNormalizer? Normalizer { get; }

    public Moments FeatureMoments { get; }

    public Moments StaticMoments { get; }

    /// <summary>The rows whose time comes twice.</summary>
    public DoubledTimes Doubled { get; } = new();

    /// <summary>What the rows give reason to warn of.</summary>
    public SeriesFindings Findings { get; }

    /// <summary>Whether values are missing.</summary>
    public bool HasMissing { get; private set; }

    /// <summary>Whether values are missing in training rows.</summary>
    public bool HasMissingLearned { get; private set; }

    /// <summary>Whether future features are missing in training rows.</summary>
    public bool HasMissingFuture { get; private set; }

    /// <summary>For each category, by id, whether it occurs in the training part.</summary>
    public bool[][] SeenCategories { get; private set; } = [];

    /// <summary>The sample of series in memory.</summary>
    public SeriesTable Sample { get; private set; } = null!;

    /// <summary>The first pass.</summary>
    /// <param name="parameterName">The name of the parameter with the rows, for errors.</param>
    public void Gather(string parameterName)
    {
        var sample = new List<(int Series, float[] Values, long[] Times)>();
        var (every, series, sampled, lengths) = (1, 0, 0L, new List<int>());
        var met = _layout.Categories.Select(_ => new HashSet<int>()).ToArray();
        foreach (var table in Chunks(CheckTimes))
        {
            HasMissing |= MissingMasks.HasMissing(table, _layout);
            var learned = Learned(table);
            HasMissingLearned |= learned.Any(part => MissingMasks.HasMissing(table, part, _layout));
            HasMissingFuture |= MissingMasks.HasMissingFuture(table, learned, _layout);
            SeriesMoments.Add(FeatureMoments, table, learned, _layout, 0, _options.Normalization.TargetTransform);
            SeriesMoments.Add(StaticMoments, table, learned, _layout, _layout.Features);
            Normalizer?.Add(table, learned);
            foreach (var (from, to) in learned)
            {
                for (var row = from; met.Length > 0 && row < to; row++)
                {
                    var ids = table.Values(row, 1)[_layout.FirstCategory..];
                    for (var i = 0; i < met.Length; i++) met[i].Add((int)ids[i]);
                }
            }
            for (var i = 0; i < table.Series; i++, series++)
            {
                lengths.Add(table.Starts[i + 1] - table.Starts[i]);
                if (series % every != 0) continue;
                var (values, times) = table.Copy(i);
                sample.Add((series, values, times));
                sampled += lengths[^1];
                while (sampled > _options.Series.MaximumRowsInMemory && sample.Count > 1)
                {
                    every *= 2;
                    sampled -= sample.Where(one => one.Series % every != 0).Sum(one => (long)(one.Values.Length / _layout.Width));
                    sample.RemoveAll(one => one.Series % every != 0);
                }
            }
        }
        if (Normalizer?.HasOrigins == true) _layout = Normalizer.Apply(_layout);
        if (series == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the trainer.", parameterName);
        Sample = SeriesTable.Create([.. sample.Select(one => (one.Values, one.Times))], _layout.Width);
        SeenCategories = [.. _layout.Categories.Select((category, i) => Enumerable.Range(0, category.Vocabulary).Select(met[i].Contains).ToArray())];
        _stride = _options.Series.TrainingStride ?? SeriesScales.Stride(lengths, _options.Input.WindowSize, _options.Horizon,
            _options.RegressesOnCovariates && _layout.KnowsFuture);
        _shape = ForecastStretches.CreateShape(_options, lengths);
    }

    /// <summary>The second pass: the training and validation windows (null for none), which are read again in every epoch.</summary>
    /// <param name="check">Called with each table.</param>
    public (StreamedSet Train, StreamedSet? Held) Count(Action<SeriesTable> check)
    {
        List<int> train = [];
        foreach (var table in Chunks())
        {
            check(table);
            var (learned, aside) = Windows(table);
            train.Add(learned.Count);
            _held.Add(aside.Count);
            if (_options.CarriesStates) _carried.Add(Carried(table, masks: false).Positions);
            var stretches = StretchesOf(table);
            _stretches.Add((stretches.Count, stretches.Stretches));
        }
        return (new(() => Chunks().Select(table => (ITrainingSet)Windows(table).Train), train), _held.Sum() == 0
            ? null
            : new(() => Chunks().Select(table => (ITrainingSet)Windows(table).Held), _held));
    }

    /// <summary>The stretches of the training rows, which are read again in every epoch; known after <see cref="Count"/>.</summary>
    public ITrainingSet Stretches()
    {
        var whole = _stretches.Sum(part => part.Stretches);
        return StretchSet.Stream(() => Chunks().Select(table => StretchesOf(table, whole)), _shape, _stretches);
    }

    /// <summary>The stretches that carry their states; known after <see cref="Count"/>.</summary>
    /// <param name="masks">Whether missing values are masked.</param>
    public ITrainingSet CarriedStretches(bool masks)
    {
        var whole = _carried.Sum();
        return CarriedStretchSet.Stream(() => Chunks().Select(table => new CarriedStretchSet(Carried(table, masks), whole)), CarriedSeries.Shape(_options),
            _carried);
    }

    /// <summary>The validation windows for a network that carries its states, with those of their rows; known after <see cref="Count"/>.</summary>
    /// <param name="masks">Whether missing values are masked.</param>
    /// <param name="network">Gives the network when they are read.</param>
    public ITrainingSet CarriedHeld(bool masks, Func<Network> network) => new StreamedSet(() => Chunks().Select(table =>
        (ITrainingSet)new CarriedValidation(Windows(table).Held, set =>
            CarriedSeries.Windows(_options, table, _layout, (SeriesWindowExamples)set.Source, masks).Encode(network(), set))), _held);

    private StretchSet StretchesOf(SeriesTable table, int? whole = null) =>
        new(ForecastStretches.Create(_options, table, _layout, Learned(table), _shape), _shape, whole);

    private SeriesStretches Carried(SeriesTable table, bool masks) => CarriedSeries.Learned(_options, table, _layout, Learned(table), masks);

    private (int From, int To)[] Learned(SeriesTable table) =>
        [.. Enumerable.Range(0, table.Series).Select(series => SeriesParts.Learned(_options, table, series, _holdsBack))];

    /// <summary>The windows of a table.</summary>
    public (ExampleSet Train, ExampleSet Held) Windows(SeriesTable table)
    {
        var windows = new SeriesWindowExamples(table, _layout, _options.Input.WindowSize, _options.Horizon, _options.MissingValues.MinimumHistory);
        var (train, held, _) = SeriesParts.Split(_options, table, windows, _stride, _holdsBack);
        return (new(windows, train), new(windows, held));
    }

    private void CheckTimes(SeriesTable table)
    {
        var own = new DoubledTimes();
        own.Add(table);
        SeriesChecks.CheckTimes(_options, own, table);
        Doubled.Add(table);
        Findings.Add(table);
    }

    private IEnumerable<SeriesTable> Chunks(Action<SeriesTable>? see = null)
    {
        // One half is learned while the other is read.
        var chunks = SeriesTable.ReadChunks(_data, _layout.Inputs, _options.Input.SeriesKey, _options.Series.TimeColumnName,
            _options.Series.MaximumRowsInMemory!.Value / 2, _options.CancellationToken, _time.Zone);
        foreach (var table in chunks)
        {
            see?.Invoke(table);
            yield return SeriesParts.Regular(_options, table, _layout, _time);
        }
    }
}
