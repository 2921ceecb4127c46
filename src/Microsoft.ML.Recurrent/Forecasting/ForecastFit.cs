using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// One fit of a forecaster. <see cref="Prepare"/> reads the data and chooses the defaults that depend on them, <see cref="CreateHead"/> creates the forecast
/// head, <see cref="Start"/> sets statistics and the weights of the linear skip, and <see cref="Finish"/> shrinks the trained forecasts and calibrates their
/// intervals.
/// </summary>
internal sealed class ForecastFit(Options options) : NetworkFit
{
    private ForecastData _data = null!;
    private SeriesScales _scales = null!;
    private ForecastHeadOptions _shape = null!;
    private Likelihood _likelihood = null!;

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        _data = options.RowsHoldWindows ? ForecastData.FromWindows(options, trainData, validationData)
            : ForecastData.FromSeries(options, trainData, validationData);
        _data.Times?.Report(channel);
        if (_data.Doubled.Count > 0) ReportDoubled(trainData.Schema[options.Series.TimeColumnName!].Type, channel);
        foreach (var (code, message) in _data.Warnings) channel.Warning(code, message);
        if (options.Decoding.Strategy is ForecastStrategy.Recursive) CheckFeedback();
        _shape = new(options.Input.WindowSize, options.Horizon, _data.Targets, 0, options.Output.HasBounds)
        {
            Paths = _data.Manifest.Forecast!.NumberOfPaths, HasSamples = options.Output.SamplesColumnName is not null, FeedsDraws = options.FeedsDraws,
        };
        _likelihood = options.Likelihood.Create(options.Output);
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
        // A linear skip also learns the season.
        var none = _likelihood.IsInDataUnit || Description.LinearSkip is not null;
        if ((options.Normalization.SeasonLength ?? known?.SeasonLength ?? (none ? 0 : null)) is not { } season)
        {
            using var network = SeasonChoice.CreateNetwork(Description, _shape);
            Standardize(network);
            _data.Normalizer?.CopyTo(network);
            season = SeasonChoice.Find(network, _shape, _data.Sample);
            channel.Info(season > 0 ? $"Forecasts are differences from {season} steps before (found in the training windows)."
                : "No season was found in the training windows.");
        }
        Description = Description with { Decoder = options.Decoder(_data.Targets, _likelihood, season, Description.WindowNormalization, Description.Layers) };
        if (Description.Decoder is not null && DecoderExporter.Obstacle(Description) is { } obstacle)
            throw new ArgumentException($"With the strategy {options.Decoding.Strategy} {obstacle}.", "Network.Custom");
        (Train, Validation, _shape) = (_data.Train, _data.Validation, _shape with { SeasonLength = season });
        Manifest = _data.Manifest with
        {
            Forecast = _data.Manifest.Forecast with
            {
                SeasonLength = season,
                Likelihood = options.Likelihood.Create(),
                SampleSeed = seed,
                HasDeviations = options.Output.StandardDeviationColumnName is not null,
            },
        };
    }

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

    protected override Head CreateHead(Network network) => ForecastHead.Create(_likelihood, options.Likelihood.Loss ?? _scales.Loss,
        options.Output.QuantileLevels(), options.Output.StandardDeviationColumnName is not null, _shape, network);

    protected override void Start(Network network, Head head, bool isNew)
    {
        if (isNew) Standardize(network);
        // New series of an initial model need scales too.
        _data.Normalizer?.CopyTo(network);
        if (isNew && Description.LinearSkip is not null) LinearStart.Apply(network, (ForecastHead)head, _data.Sample, _data.ValidationSample);
    }

    protected override ModelManifest Finish(Network network, Head head, TrainingChannel channel)
    {
        var forecasts = (ForecastHead)head;
        if (options.Network.Initialization.Model is null) network.Inputs.FillUnknown(_data.SeenCategories);
        if (options.Decoding.ShrinkTowardNaive && _data.ValidationSample is { } unlearned && ShrinkTowardNaive.Applies(network, forecasts))
        {
            var kept = ShrinkTowardNaive.Apply(network, forecasts, unlearned);
            channel.Info(
                $"Shrunk toward the naive forecast, as chosen on the validation windows: {kept.Average():P0} of the difference is kept on average over the "
                    + $"horizon " +
                $"({kept[0]:P0} at the first step, {kept[^1]:P0} at the last).");
        }
        // Without bounds, the correlations of neighboring steps are still needed to draw paths.
        if (!_shape.Bounds && (_shape.FeedsDraws || !forecasts.Likelihood.IsDistribution)) return Manifest;
        if (_shape.Bounds && Validation is null)
        {
            channel.Warning(WarningCode.BoundsWithoutValidation, "There are no validation examples, so the bounds come from the training residuals and " +
                "will be too narrow: give Fit validation data, or set Stopping.ValidationFraction.");
        }
        var (quantiles, correlations) = ConformalCalibration.Calibrate(
            network, forecasts, _data.ValidationSample ?? _data.Sample, options.Output.ConfidenceLevel);
        forecasts.Paths?.Tie(correlations.AsSpan());
        forecasts.KeepResiduals(quantiles.AsSpan());
        return Manifest with { Forecast = Manifest.Forecast! with { ResidualQuantiles = quantiles, StepCorrelations = correlations } };
    }

    private void Standardize(Network network)
    {
        if (!network.Description.Standardize) return;
        Standardize(network, "input", _data.FeatureMoments());
        var (mean, scale) = (network["input.mean"].Value, network["input.scale"].Value);
        // If windows have their own scales, the minimum scale of a flat window must not hide small series.
        var minimum = _data.Normalizer?.Minimum() ?? (network.Description.WindowNormalization
            is WindowNormalization.Standard or WindowNormalization.Mean or WindowNormalization.Robust ? _scales.Minimum : []);
        for (var i = 0; i < Math.Min(minimum.Length, _data.Features - _data.FutureFeatures); i++) (mean[i], scale[i]) = (0, minimum[i]);
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
        foreach (var (_, batch) in _data.Train.Batches(256).ForInference())
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
