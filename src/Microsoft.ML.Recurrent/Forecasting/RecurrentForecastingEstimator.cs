using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns to forecast the next steps of series by a recurrent network, all steps of the horizon at once or one after the other
/// (<see cref="Options.Strategy"/>).
/// </summary>
/// <remarks>
/// <para>Rows that are series: the input column is <c>Single</c> (or <c>Vector&lt;Single, k&gt;</c>: k targets forecast together), one row a time step.
/// Training sorts each series by the time column. The transformer answers every row from the rows up to it of its own series.</para>
/// <para>Rows that hold windows: with <see cref="Options.LabelColumnName"/>, the input column is <c>Vector&lt;Single, windowSize&gt;</c> (or <c>&lt;Single,
/// windowSize, k&gt;</c>) and the label <c>Vector&lt;Single, horizon&gt;</c>, the steps that follow (for m targets, the window's first m numbers a step,
/// horizon x m numbers step by step). Then rows are independent of one another, so that PredictionEngine and cross-validation hold; covariates are vectors of
/// their own. <c>mlContext.Data.CreateWindows</c> makes such rows.</para>
/// </remarks>
public sealed partial class RecurrentForecastingEstimator : RecurrentTrainer<RecurrentForecastingTransformer>
{
    private readonly Options _options;

    internal RecurrentForecastingEstimator(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentForecastingEstimator), options) => _options = (Options)CheckedOptions;

    private protected override IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema)
    {
        if (_options.RowsHoldWindows) _options.WindowColumns().Check(schema);
        else
        {
            SeriesInput.Check(schema, _options.InputColumnName, SeriesRole.Target);
            foreach (var name in _options.PastCovariateColumnNames) SeriesInput.Check(schema, name, SeriesRole.Past);
            foreach (var name in _options.FutureCovariateColumnNames) SeriesInput.Check(schema, name, SeriesRole.Future);
            foreach (var name in _options.StaticColumnNames) SeriesInput.Check(schema, name, SeriesRole.Static);
            foreach (var name in _options.SeriesKey()) SeriesReader.Check(schema, name);
            if (_options.TimeColumnName is { } time) TimeReader.Check(schema, time);
        }
        return _options.OutputColumns().Select(name => name == _options.SamplesColumnName ? ColumnShapes.Samples(name) : ColumnShapes.Forecast(name));
    }

    private protected override TrainingJob CreateJob(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel run)
    {
        var data = _options.RowsHoldWindows
            ? ForecastData.FromWindows(_options, trainData, validationData)
            : ForecastData.FromSeries(_options, trainData, validationData);
        var bounds = _options.ConfidenceLowerBoundColumn is not null;
        var known = _options.InitialModel?.Manifest.Forecast;
        var likelihood = _options.Likelihood.Create(new() { Asked = _options.QuantileLevels(), ConfidenceLevel = bounds ? _options.ConfidenceLevel : null });
        var linear = _options.LinearSkip && _options.Strategy is not ForecastStrategy.Recursive && likelihood.LocationParameters.Count > 0;
        // A linear path learns the season as well.
        var (scales, wanted) = (data.Scales(), _options.SeasonLength ?? known?.SeasonLength ?? (likelihood.IsInDataUnit || linear ? 0 : null));
        var loss = _options.Loss ?? scales.Loss;
        // A model that is trained further sees windows as it did before.
        var normalization = data.Normalizer is not null ? _options.SeriesNormalization : known is not null
            ? _options.InitialModel!.Description.WindowNormalization
            : _options.WindowNormalization ?? scales.Normalization;
        if (_options.Strategy is ForecastStrategy.Recursive && data.Future > data.FutureFeatures)
            throw new ArgumentException(
                "The strategy Recursive is fed with what is known ahead at every step, those of the window too: its columns (FutureCovariateColumnNames) "
                    + "need WindowSize + Horizon steps, as CreateWindows makes them.", nameof(trainData));
        if (_options.Strategy is ForecastStrategy.Recursive
            && (data.Features > data.Targets + data.FutureFeatures || data.Categories.Any(category => category.Place is CategoryPlace.Past)))
        {
            throw new ArgumentException(
                $"The strategy Recursive feeds on its own forecasts, but a step of '{_options.InputColumnName}' holds more than the {data.Targets} numbers "
                    + $"that are forecast: " +
                "leave the others out, or choose the strategy Direct or EncoderDecoder.", nameof(trainData));
        }
        if (likelihood.Domain is { } domain) CheckTargets(data, domain);
        var layers = _options.Strategy is ForecastStrategy.Direct ? NetworkBuilder.Layers(_options) : NetworkBuilder.EncoderLayers(_options);
        var description = new NetworkDescription
        {
            Features = data.Features,
            Time = _options.WindowSize,
            Statics = data.Statics,
            FutureFeatures = data.Future,
            Horizon = _options.Horizon,
            UnscaledFeatures = data.FutureFeatures,
            Categories = data.Categories,
            Transform = _options.TargetTransform,
            TransformedFeatures = _options.TargetTransform is TargetTransform.None ? 0 : data.Targets,
            AllowsMissing = data.AllowsMissing,
            MasksMissing = data.MasksMissing,
            FutureMasks = data.FutureMasks,
            Lags = data.Lags,
            LaggedFeatures = data.Lags.IsEmpty ? 0 : data.Targets,
            Standardize = _options.Standardize,
            WindowNormalization = normalization,
            SeriesScaling = data.Normalizer?.Description,
            Layers = layers,
            LinearSkip = linear ? new(data.Targets, likelihood.LocationParameters.First, likelihood.LocationParameters.Count) : null,
            Outputs = _options.Horizon * data.Targets * likelihood.ParametersPerStep,
        };
        var shape = new ForecastHeadOptions(_options.WindowSize, _options.Horizon, data.Targets, 0, bounds)
        {
            Paths = data.Manifest.Forecast!.NumberOfPaths, HasSamples = _options.SamplesColumnName is not null, FeedsDraws = _options.FeedsDraws,
        };
        var season = wanted ?? SeasonChoice.Find(description, PrepareWindows, shape, data.Sample);
        if (wanted is null)
            run.Info(season > 0
                ? $"Forecasts are differences from {season} steps before (found in the training windows)."
                : "No season was found in the training windows.");
        description = description with { Decoder = _options.Decoder(data.Targets, likelihood, season, normalization, layers) };
        if (description.Decoder is not null && DecoderExporter.Obstacle(description) is { } obstacle)
            throw new ArgumentException($"With the strategy {_options.Strategy} {obstacle}.", nameof(Options.Network));
        return new()
        {
            Train = data.Train,
            Validation = data.Validation,
            Manifest = data.Manifest,
            Description = description,
            Prepare = Prepare,
            CreateHead = network =>
            {
                data.Normalizer?.CopyTo(network);
                return CreateHead(network, shape with { SeasonLength = season }, loss);
            },
            Start = linear ? (network, head) => LinearStart.Apply(network, (ForecastHead)head, data.Sample, data.ValidationSample) : null,
            Finish = (network, head, hosted) =>
            {
                if (_options.InitialModel is null) network.Inputs.FillUnknown(data.SeenCategories);
                if (_options.ShrinkTowardNaive is true && data.ValidationSample is { } unlearned && ShrinkTowardNaive.Applies(network, (ForecastHead)head))
                {
                    var kept = ShrinkTowardNaive.Apply(network, (ForecastHead)head, unlearned);
                    hosted.Info(
                        $"Of the distance from the naive forecast {kept.Average():P0} is kept on average over the horizon ({kept[0]:P0} at its first "
                            + $"step, {kept[^1]:P0} at its last), as serves the validation windows best.");
                }
                var manifest = data.Manifest.Forecast! with { SeasonLength = season, Likelihood = _options.Likelihood,
                    HasDeviations = _options.StandardDeviationColumnName is not null, SampleSeed = seed };
                // Without bounds, what neighbouring steps have to do with each other is still to be known: paths are drawn by it.
                if (!bounds && (_options.FeedsDraws || !likelihood.IsDistribution)) return data.Manifest with { Forecast = manifest };
                if (bounds && data.Validation is null)
                    hosted.Warning(
                        "No examples were held back, so the bounds come from the training residuals and will be too narrow: give Fit validation data, or set "
                            + "ValidationFraction.");
                var (quantiles, correlations) = ConformalCalibration.Calibrate(network, (ForecastHead)head, data.ValidationSample ?? data.Sample,
                    _options.ConfidenceLevel);
                ((ForecastHead)head).Paths?.Tie(correlations.AsSpan());
                ((ForecastHead)head).KeepResiduals(quantiles.AsSpan());
                return data.Manifest with { Forecast = manifest with { ResidualQuantiles = quantiles, StepCorrelations = correlations } };
            },
        };

        void PrepareWindows(Network network)
        {
            Prepare(network);
            data.Normalizer?.CopyTo(network);
        }

        void Prepare(Network network)
        {
            if (!_options.Standardize) return;
            var mean = network["input.mean"].Value.Span;
            var scale = network["input.scale"].Value.Span;
            data.FeatureMoments().CopyTo(mean, scale);
            // Windows on scales of their own: a small series must not vanish beside what keeps a flat window's scale open.
            var least = data.Normalizer?.Minimum()
                ?? (normalization is WindowNormalization.Standard or WindowNormalization.Mean or WindowNormalization.Robust ? scales.Minimum : []);
            for (var i = 0; i < Math.Min(least.Length, data.Features - data.FutureFeatures); i++) (mean[i], scale[i]) = (0, least[i]);
            if (data.FutureMoments is { } ahead && data.Future > 0) ahead().CopyTo(network["future.mean"].Value.Span, network["future.scale"].Value.Span);
            else if (data.Future > 0)
            {
                mean[^data.Future..].CopyTo(network["future.mean"].Value.Span);
                scale[^data.Future..].CopyTo(network["future.scale"].Value.Span);
            }
            if (data.Statics > 0) data.StaticMoments().CopyTo(network["static.mean"].Value.Span, network["static.scale"].Value.Span);
        }
    }

    private void CheckTargets(ForecastData data, TargetDomain domain)
    {
        using var batch = new SequenceBatch();
        var batches = data.Train.Batches(256);
        for (batches.Begin(null); batches.Next(batch);)
        {
            foreach (var value in batch.Targets!.Span)
            {
                if (!float.IsNaN(value) && !domain.Holds(value))
                    throw new ArgumentException(
                        $"The column '{_options.LabelColumnName ?? _options.InputColumnName}' holds {value}, but the likelihood {_options.Likelihood} is one "
                            + $"of {domain.Name}: {domain.Rule}", "trainData");
            }
        }
    }

    private ForecastHead CreateHead(Network network, ForecastHeadOptions shape, RegressionLoss loss) =>
        ForecastHead.Create(_options.Likelihood, loss, _options.QuantileLevels(), _options.ConfidenceLevel, _options.StandardDeviationColumnName is not null,
            shape, network);

    private protected override RecurrentForecastingTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
