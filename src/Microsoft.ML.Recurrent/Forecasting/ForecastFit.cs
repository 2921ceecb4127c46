using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// One fit of a forecaster. <see cref="Prepare"/> reads the data and chooses the defaults that depend on them, <see cref="CreateHead"/> creates the forecast
/// head, <see cref="Start"/> sets statistics and the weights of the linear path, and <see cref="Finish"/> shrinks the trained forecasts and calibrates their
/// intervals.
/// </summary>
internal sealed class ForecastFit(Options options) : NetworkFit
{
    // Windows from which the spread of numbers around the mean of their window is taken.
    private const int SampledWindows = 1024;

    // Windows of a pass after training that is canceled.
    private const int CancelledWindows = 256;

    private ForecastData _data = null!;
    private SeriesScales _scales = null!;
    private ForecastHeadOptions _shape = null!;
    private Likelihood _likelihood = null!;
    private CancellationToken _cancellation;
    private EarlyResiduals? _early;
    private Network _network = null!;

    // Passes beside training end with the current batch if they are canceled.
    private ExampleSet Sample => _data.Sample with { Cancellation = _cancellation };

    private ExampleSet? Held => _data.ValidationSample is { } held ? held with { Cancellation = _cancellation } : null;

    private bool HasOrigins => _data.Manifest.Outputs[0].Kind is OutputKind.Double;

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        _cancellation = channel.Token;
        _data = options.RowsHoldWindows ? ForecastData.FromWindows(options, trainData, validationData)
            : ForecastData.FromSeries(options, trainData, validationData);
        _data.Times?.Report(channel);
        if (_data.Doubled.Count > 0) ReportDoubled(trainData.Schema[options.Series.TimeColumnName!].Type, channel);
        if (_data.Precision is { Warnings.Count: > 0 } precision) channel.Warning(WarningCode.RoundedNumbers, string.Join(' ', precision.Warnings));
        foreach (var (code, message) in _data.Warnings) channel.Warning(code, message);
        if (options.Decoding.Strategy is ForecastStrategy.Recursive) CheckFeedback();
        _shape = new(options.Input.WindowSize, options.Horizon, _data.Targets, 0, options.Output.HasBounds)
        {
            Paths = _data.Manifest.Forecast!.NumberOfPaths, HasSamples = options.Output.SamplesColumnName is not null, FeedsDraws = options.FeedsDraws,
            LowerLimit = HasOrigins ? null : ForecastLimits.Nearest(options.Output.LowerLimit, above: true),
            UpperLimit = HasOrigins ? null : ForecastLimits.Nearest(options.Output.UpperLimit, above: false),
        };
        _likelihood = options.Likelihood.Create(options.Output);
        _shape = _shape with { CalibratesLevels = _likelihood.CalibratesLevels };
        if (_shape.Bounds) CheckCalibration(_data.ValidationSample?.Count ?? 0);
        ForecastLimits.Check(options, _data.Sample, options.Horizon * _data.Targets, channel);
        if (_likelihood.Domain is { } domain) CheckTargets(domain);

        _scales = _data.Scales();
        var known = options.Network.Initialization.Model?.Manifest.Forecast;
        Description = new()
        {
            Features = _data.Features,
            Time = options.Input.WindowSize,
            Statics = _data.Statics,
            FutureFeatures = _data.Future,
            Horizon = options.Horizon,
            UnscaledFeatures = _data.FutureFeatures,
            Categories = _data.Categories,
            Transform = options.Normalization.TargetTransform,
            TransformedFeatures = options.Normalization.TargetTransform is TargetTransform.None ? 0 : _data.Targets,
            AllowsMissing = _data.AllowsMissing,
            MasksMissing = _data.MasksMissing,
            FutureMasks = _data.FutureMasks,
            Lags = _data.Lags,
            LaggedFeatures = _data.Lags.IsEmpty ? 0 : _data.Targets,
            RunningScale = known is not null && options.Network.Initialization.Model!.Description.RunningScale,
            RelativeLags = options.Network.Initialization.Model?.Description.RelativeLags ?? false,
            Standardize = options.Normalization.Standardize,
            // An initial model keeps its window normalization.
            WindowNormalization = _data.Normalizer is not null ? options.SeriesNormalization
                : known is not null
                    ? options.Network.Initialization.Model!.Description.WindowNormalization
                    : options.Normalization.Window ?? _scales.Normalization,
            SeriesScaling = _data.Normalizer?.Description,
            Layers = options.Decoding.Strategy is ForecastStrategy.Direct
                ? NetworkBuilder.Layers(options.Network)
                : NetworkBuilder.EncoderLayers(options.Network),
            LinearSkip = options.Decoding is { LinearSkip: true, Strategy: not ForecastStrategy.Recursive }
                && _likelihood.LocationParameters is { Count: > 0 } location ? new(_data.Targets, location.First, location.Count) : null,
            Outputs = options.Horizon * _data.Targets * _likelihood.ParametersPerStep,
        };
        var stretches = Stretches(channel);
        // A linear path also learns the season.
        var none = _likelihood.IsInDataUnit || Description.LinearSkip is not null;
        if ((options.Normalization.SeasonLength ?? known?.SeasonLength ?? (none ? 0 : null)) is not { } season)
        {
            season = FindSeason();
            channel.Info(season > 0 ? $"Forecasts are differences from {season} steps before (found in the training windows)."
                : "No season was found in the training windows.");
        }
        Description = Description with
        {
            Decoder = options.Decoder(_data.Targets, _likelihood, season, Description.WindowNormalization, Description.Layers),
            DynamicRegression = options.Regression(Description, _data.Targets, _likelihood, _data.Manifest.Forecast!.Frequency),
        };
        if (Description.Decoder is not null && DecoderExporter.Obstacle(Description) is { } obstacle)
            throw new ArgumentException($"With the strategy {options.Decoding.Strategy} {obstacle}.", "Network.Custom");
        (Train, Validation, _shape) = (stretches ?? _data.Train, _data.Validation, _shape with { SeasonLength = season });
        if (Description.CarriesState && Validation is { } held)
            Validation = held is ExampleSet windows ? new CarriedValidation(windows, Encoded) : _data.CarriedHeld!(() => _network);
        if (_shape.Bounds && _likelihood.DrawsFromResiduals)
        {
            _shape = _shape with
            {
                BoundScale = new(known?.BoundScale?.Lag ?? (season > 0 ? season : FindSeason(options.Input.WindowSize / 2)),
                    _data.FutureFeatures <= BoundScale.MostFutureFeatures ? _data.FutureFeatures : 0)
                {
                    HasDistance = true,
                },
            };
        }
        Manifest = _data.Manifest with
        {
            States = Description.CarriesState ? CarriedStates.Create(Description.Layers) : null,
            Forecast = _data.Manifest.Forecast with
            {
                SeasonLength = season,
                Likelihood = options.Likelihood.Create(),
                SampleSeed = seed,
                QuantileLevels = [.. options.Output.QuantileLevels()],
                HasDeviations = options.Output.StandardDeviationColumnName is not null,
                LowerLimit = HasOrigins ? options.Output.LowerLimit : _shape.LowerLimit,
                UpperLimit = HasOrigins ? options.Output.UpperLimit : _shape.UpperLimit,
                HasOrigins = HasOrigins,
                CalibratesLevels = _shape.CalibratesLevels,
                BoundScale = _shape.BoundScale,
            },
        };
    }

    protected override int BatchSize(RecurrentTrainerOptions common) =>
        common.Optimizer.BatchSize is null && Train.UsualBatchSize is { } usual ? usual : base.BatchSize(common);

    // The training set of the scheme Stretches, for which the network is adapted; null for windows.
    private ITrainingSet? Stretches(TrainingChannel channel)
    {
        if (options.Decoding.TrainingScheme is TrainingScheme.Windows && !options.CarriesStates) return null;
        var adapted = StretchScheme.Adapt(options, Description);
        var obstacle = StretchScheme.Obstacle(options, adapted);
        if (options.Decoding.TrainingScheme is null && !adapted.CarriesState && !options.Decoding.Stateful)
        {
            if (obstacle is not null || !StretchScheme.IsUsual(options, adapted, _data.Train.Count) || BeganOnWindows) return null;
            channel.Info("Training encodes stretches of the series once for all their windows (Decoding.TrainingScheme).");
        }
        if (obstacle is var (option, reason))
        {
            throw new ArgumentException(adapted.CarriesState || options.Decoding.Stateful
                ? $"The option Decoding.Stateful does not go with the option {option} as it is: {reason} Change one of them."
                : $"The option Decoding.TrainingScheme = Stretches does not go with the option {option} as it is: {reason} " +
                "Change one of them; TrainingScheme.Windows goes with all.", option);
        }
        Description = adapted;
        return adapted.CarriesState ? _data.CarriedStretches!() : _data.Stretches!();
    }

    // The windows of a network that carries its states, with the outputs of its layers along the series; of all training windows as many as are looked at.
    private ExampleSet Encoded(ExampleSet set)
    {
        if (!Description.CarriesState) return set;
        if (set.Examples == _data.Sample.Examples) set = set.Subsample(ConformalCalibration.MostTrainingWindows);
        return _data.Carried!(set).Encode(_network, set);
    }

    // A run that began when windows were the default goes on with them.
    private bool BeganOnWindows => options.Checkpoints is { Resume: true, Folder: { } folder }
        && _data.Train.Batches(options.BatchSizeFor(_data.Train.Count)) is var windows && Checkpoints.Holds(folder, windows.Count, windows.Batches);

    private void ReportDoubled(DataViewType timeType, TrainingChannel channel)
    {
        var (doubled, zone) = (_data.Doubled.Describe(timeType, _data.Times?.Zone), _data.Times?.Zone);
        if (options.MissingValues.DuplicateTimes is DuplicateTimes.Replace)
        {
            channel.Warning(WarningCode.DuplicateTimes,
                $"{doubled}: the newest row takes the place of the others. Keep one row per time, or set MissingValues.DuplicateTimes = Step if " +
                $"each is a step of its own.{DoubledTimes.HintAtZone(timeType, zone)}");
        }
        else if (_data.Doubled.ComeBack)
        {
            channel.Warning(WarningCode.DuplicateTimes,
                $"{doubled}, and these times come again after later ones: sorted by time, the rows that come again lie between the others." +
                DoubledTimes.HintAtZone(timeType, zone));
        }
    }

    protected override Head CreateHead(Network network) => ForecastHead.Create(_likelihood,
        options.Likelihood.Loss ?? (Description.DynamicRegression is null ? _scales.Loss : RegressionLoss.AbsoluteError),
        options.Output.QuantileLevels(), options.Output.StandardDeviationColumnName is not null, _shape, network);

    protected override void Start(Network network, Head head, bool isNew)
    {
        _network = network;
        if (isNew) Standardize(network);
        // New series of an initial model need scales too.
        _data.Normalizer?.CopyTo(network);
        if (isNew && Description.LinearSkip is not null) LinearStart.Apply(network, (ForecastHead)head, Sample, Held);
    }

    protected override IReadOnlyList<TrainingCallback> Callbacks(Network network, Head head)
    {
        if (_shape.BoundScale is null || Held is not { } held) return [];
        return [_early = new(network, (ForecastHead)head, held, Sample, options.Output.ConfidenceLevel, Encoded)];
    }

    protected override ModelManifest Finish(Network network, Head head, TrainingChannel channel)
    {
        var forecasts = (ForecastHead)head;
        if (options.Network.Initialization.Model is null) network.Inputs.FillUnknown(_data.SeenCategories);
        if (options.Decoding.ShrinkTowardNaive && Held is { } unlearned && ShrinkTowardNaive.Applies(network, forecasts))
        {
            var kept = Pass(part => ShrinkTowardNaive.Apply(network, forecasts, part(unlearned)));
            channel.Info(
                $"Shrunk toward the naive forecast, as chosen on the validation windows: {kept.Average():P0} of the difference is kept on average over the "
                    + $"horizon " +
                $"({kept[0]:P0} at the first step, {kept[^1]:P0} at the last).");
        }
        // Without bounds, the correlations of neighboring steps are still needed to draw paths.
        if (!_shape.Bounds && (_shape.FeedsDraws || !forecasts.Likelihood.IsDistribution)) return Manifest;
        // Without held-out windows the training residuals give the correlations, but no bounds.
        var held = Held;
        var calibration = Pass(part => ConformalCalibration.Calibrate(network, forecasts, part(held ?? Sample), part(Sample), options.Output.ConfidenceLevel,
            _early));
        var count = held is null ? 0 : calibration.Count;
        // A canceled fit returns what it has.
        if (_shape.Bounds && !_cancellation.IsCancellationRequested) CheckCalibration(count);
        if (held is null) forecasts.HalfWidths?.Value.Span.Fill(float.NaN);
        if (_shape.Bounds && !ConformalCalibration.Holds(count, options.Output.ConfidenceLevel))
        {
            channel.Warning(WarningCode.MissingBounds, $"Bounds are NaN (Output.AllowMissingBounds): the level {options.Output.ConfidenceLevel} needs " +
                $"{ConformalCalibration.Needed(options.Output.ConfidenceLevel)} validation windows, and there are {count}.");
        }
        forecasts.Paths?.Tie(calibration.Correlations.AsSpan());
        forecasts.KeepResiduals(calibration.Quantiles.AsSpan(), count);
        return Manifest with
        {
            Forecast = Manifest.Forecast! with
            {
                ResidualQuantiles = calibration.Quantiles,
                StepCorrelations = calibration.Correlations,
                CalibrationCount = count,
            },
        };
    }

    // A pass over windows after training. If it is canceled, a batch of evenly spaced windows must do, and more only if the level of the bounds needs them.
    private T Pass<T>(Func<Func<ExampleSet, ExampleSet>, T> pass)
    {
        try
        {
            return pass(Encoded);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            var most = Math.Max(CancelledWindows, 2 * ConformalCalibration.Needed(options.Output.ConfidenceLevel));
            return pass(set => Encoded(set.Subsample(most) with { Cancellation = default }));
        }
    }

    // The changes over the season of bounds need several in a window.
    private int FindSeason(int? longest = null)
    {
        using var network = SeasonChoice.CreateNetwork(Description, _shape);
        Standardize(network);
        _data.Normalizer?.CopyTo(network);
        return SeasonChoice.Find(network, _shape, Sample, longest);
    }

    // The level of the bounds, or that of a quantile from residuals, can be too high for the validation windows.
    private void CheckCalibration(int count)
    {
        double[] levels =
            [options.Output.ConfidenceLevel, .. _likelihood.DrawsFromResiduals ? options.Output.QuantileLevels().Select(level => Math.Abs(2 * level - 1)) : []];
        var level = levels.Max();
        if (options.Output.AllowMissingBounds || ConformalCalibration.Holds(count, level)) return;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"Too few validation windows to calibrate bounds on: {count}, but the level {(float)level} needs {ConformalCalibration.Needed(level)} ") +
            "(n windows support levels up to n / (n + 1)). Give Fit more rows or validation data, hold out more of them (Stopping.ValidationFraction), " +
            "ask for a lower level (Output.ConfidenceLevel), or set Output.AllowMissingBounds = true, which makes such bounds NaN.", "trainData");
    }

    private void Standardize(Network network)
    {
        if (!network.Description.Standardize) return;
        Standardize(network, "input", _data.FeatureMoments());
        var (mean, scale) = (network["input.mean"].Value, network["input.scale"].Value);
        // If windows have their own scales, the minimum scale of a flat window must not hide small series.
        var minimum = _data.Normalizer?.Minimum() ?? (network.Description.WindowNormalization
            is WindowNormalization.Standard or WindowNormalization.Mean or WindowNormalization.Robust || network.Description.RunningScale
                ? _scales.Minimum
                : []);
        for (var i = 0; i < Math.Min(minimum.Length, _data.Features - _data.FutureFeatures); i++) (mean[i], scale[i]) = (0, minimum[i]);
        StandardizeWindows(mean, scale, hasScales: minimum.Length > 0);
        if (_data.Future > 0)
        {
            if (_data.FutureMoments is { } moments) Standardize(network, "future", moments());
            else
            {
                mean.Span[^_data.Future..].CopyTo(network["future.mean"].Value.Span);
                scale.Span[^_data.Future..].CopyTo(network["future.scale"].Value.Span);
            }
        }
        if (_data.Statics > 0) Standardize(network, "static", _data.StaticMoments());
    }

    // A number whose level is subtracted in Double while the window is read lies around 0, within what it changes by in a window: levels may lie far apart.
    private void StandardizeWindows(Tensor mean, Tensor scale, bool hasScales)
    {
        bool[] isRelative = [.. _data.Manifest.Inputs.Where(input => input.Kind is InputKind.Sequence && !input.IsCategory)
            .SelectMany(input => Enumerable.Range(0, input.Features).Select(i => !input.Origins.IsEmpty && float.IsNaN(input.Origins[i])))];
        if (!isRelative.Contains(true)) return;
        var moments = new Moments(_data.Features);
        foreach (var (_, batch) in Sample.Subsample(SampledWindows).Batches(256).ForInference()) moments.Add(batch.Values!.Span);
        for (var i = 0; i < isRelative.Length; i++)
        {
            if (!isRelative[i]) continue;
            mean[i] = 0;
            if (!hasScales) scale[i] = moments.Scale(i);
        }
    }

    // With the strategy Recursive, a forecast is the input of the next step: all other numbers of a step must be known in advance.
    private void CheckFeedback()
    {
        if (_data.Future > _data.FutureFeatures)
        {
            throw new ArgumentException("The strategy Recursive needs future covariates at every step, including those of the window: " +
                "its columns (Input.FutureCovariateColumnNames) need Input.WindowSize + Horizon steps, as CreateWindows makes them.", "trainData");
        }
        if (_data.Features > _data.Targets + _data.FutureFeatures || _data.Categories.Any(category => category.Place is CategoryPlace.Past))
        {
            throw new ArgumentException($"The strategy Recursive reads its own forecasts, but a step of '{options.Input.InputColumnName}' holds more than " +
                $"the {_data.Targets} targets: remove the others, or choose the strategy Direct or EncoderDecoder.", "trainData");
        }
    }

    private void CheckTargets(TargetDomain domain)
    {
        foreach (var (_, batch) in _data.Train.Batches(256).ForInference(_cancellation))
        {
            foreach (var value in batch.Targets!.Span)
            {
                if (float.IsNaN(value) || domain.Holds(value)) continue;
                throw new ArgumentException($"The column '{options.Input.TargetColumn}' holds {value}, " +
                    $"but the likelihood {options.Likelihood} needs {domain.Name}: {domain.Rule}", "trainData");
            }
        }
    }
}
