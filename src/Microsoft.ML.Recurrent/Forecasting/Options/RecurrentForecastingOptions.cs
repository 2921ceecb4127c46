using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentForecastingEstimator
{
    /// <summary>Options of <see cref="RecurrentForecastingEstimator"/>.</summary>
    [NotSearched("Network.Pooling", "Network.Regularization.EmbeddingDropoutRate")]
    public sealed class Options : RecurrentTrainerOptions
    {
        /// <summary>
        /// The columns that go in: <c>new SeriesInputOptions { ... }</c> where rows are time steps, <c>new WindowInputOptions { ... }</c> where each row holds
        /// a window. Default: rows are time steps; the input column and the window size have to be set.
        /// </summary>
        public ForecastInputOptions Input { get; set => field = OptionChecks.NotNull(value); } = new SeriesInputOptions();

        /// <summary>Number of steps to forecast, at least 1. Default: 1.</summary>
        public int Horizon { get; set; } = 1;

        /// <summary>What is learned of each step: a number, quantiles, or a distribution. Default: a number.</summary>
        [SearchChoice("Point", "Point(SquaredError)", "Point(AbsoluteError)", "Point(Huber)", "StudentT")]
        public ForecastLikelihood Likelihood { get; set => field = OptionChecks.NotNull(value); } = ForecastLikelihood.Point();

        /// <summary>How targets are transformed and normalized. Default: chosen by the data; see the group.</summary>
        public NormalizationOptions Normalization { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>How the steps of the horizon are forecast. Default: all at once, beside a linear skip connection.</summary>
        public DecodingOptions Decoding { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>How missing values and gaps are treated. Default: missing values are masked if the training rows have any.</summary>
        public MissingValueOptions MissingValues { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>The columns that are added. Default: forecasts in the column "Forecast".</summary>
        public ForecastOutputOptions Output { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>The input, where rows are time steps.</summary>
        internal SeriesInputOptions Series => (SeriesInputOptions)Input;

        /// <summary>The time zone of the series. Fine-tuning keeps that of the model.</summary>
        internal string? TimeZone => Input.Features.TimeZone ?? Network.Initialization.Model?.Manifest.Forecast?.TimeZone;

        internal bool RowsHoldWindows => Input is WindowInputOptions;

        internal override RecurrentTask Task => ForecastingTask.Instance;

        /// <summary>Whether options ask for masks even if the training rows have no missing values.</summary>
        internal bool AsksForMasks => MissingValues.Handling is MissingValueHandling.Mask || MissingValues.FillTimeGaps ||
            MissingValues.MinimumHistory < Input.WindowSize;

        /// <summary>
        /// Whether each step is a non-linear regression on its covariates, if there are any: with all steps at once, unless they are shrunk toward the naive
        /// forecast, step by step.
        /// </summary>
        // A calendar alone is served as well by the layers of the window: daily temperatures gain nothing.
        internal bool RegressesOnCovariates => Input.FutureCovariateColumnNames.Length > 0
            && Decoding is { Strategy: ForecastStrategy.Direct, ShrinkTowardNaive: false }
            && Network.Initialization.Model is not { Description.DynamicRegression: null };

        /// <summary>Whether the layers carry their states along a series: an initial model as it was trained.</summary>
        internal bool CarriesStates => Decoding.Stateful || Network.Initialization.Model is { Description.CarriesState: true };

        /// <summary>Whether series have statistics of their own.</summary>
        internal bool NormalizesSeries => Normalization.Scope is { } scope ? scope is NormalizationScope.Series
            : Network.Initialization.Model?.Metadata.Network?.SeriesScaling is not null;

        /// <summary>How series with statistics of their own are normalized: an initial model as it was trained.</summary>
        internal WindowNormalization SeriesNormalization =>
            Network.Initialization.Model?.Metadata.Network?.WindowNormalization ?? Normalization.Window ?? WindowNormalization.LastValue;

        /// <summary>
        /// Whether a step's distribution is one given the steps before, so that paths are drawn step by step: a decoder that was trained with teacher forcing
        /// at least every other time (in the end) has learned that. One that was trained on its own forecasts has learned the distribution without knowing
        /// them.
        /// </summary>
        internal bool FeedsDraws => Decoding.Strategy is not ForecastStrategy.Direct && Likelihood.Create().IsDistribution
            && (Decoding.TeacherForcing?.LastProbability ?? (Decoding.Strategy is ForecastStrategy.Recursive ? 1 : 0)) >= 0.5f;

        private protected override float DefaultEmaDecay => 0.999f;

        private protected override int DefaultPatience => 5;

        internal override void Check()
        {
            base.Check();
            Optimizer.Gradients.RefuseMaximumSteps("the windows of a forecaster all have the same length: set Optimizer.BatchSize.");
            new OptionChecks().AtLeastOne(Horizon);
            Input.Check();
            Normalization.Check(Input);
            CheckLikelihood();
            Output.Check(Likelihood);
            Decoding.Check(Input);
            CheckStrategy();
            MissingValues.Check(Input);
            if (Normalization.TargetTransform is not TargetTransform.None && Output.StandardDeviationColumnName is not null)
            {
                throw new ArgumentException("A standard deviation of logarithms is none of values: with Normalization.TargetTransform ask for quantiles " +
                    "(Output.QuantileColumnNames) or bounds.", "Output.StandardDeviationColumnName");
            }
            if (Input.StepColumns().Concat(Input.StaticColumnNames).Intersect(Output.Columns()).FirstOrDefault() is { } both)
                throw new ArgumentException($"The column '{both}' is an input and an output: the output needs another name.", "Output.ForecastColumnName");
        }

        private void CheckLikelihood()
        {
            var likelihood = Likelihood.Create();
            if (Decoding.ShrinkTowardNaive && (Decoding.Strategy is not ForecastStrategy.Direct || !likelihood.ShrinksTowardNaive))
            {
                throw new ArgumentException("The option Decoding.ShrinkTowardNaive goes with the strategy Direct and the likelihoods " +
                    $"{ForecastLikelihood.Those(other => other.ShrinksTowardNaive)}, not with {Decoding.Strategy} and {Likelihood}: leave it out.",
                    "Decoding.ShrinkTowardNaive");
            }
            if (!likelihood.IsInDataUnit) return;
            if (Normalization.TargetTransform is not TargetTransform.None)
            {
                throw new ArgumentException($"The likelihood {Likelihood} is one of {likelihood.Domain!.Name}, not of what a transform makes of them: " +
                    "leave the option Normalization.TargetTransform out.", "Normalization.TargetTransform");
            }
            if (Normalization.SeasonLength > 0)
            {
                throw new ArgumentException($"The likelihood {Likelihood} is one of {likelihood.Domain!.Name}, and their differences from a season before " +
                    "are none: leave the option Normalization.SeasonLength out.", "Normalization.SeasonLength");
            }
            if (Normalization.Window is WindowNormalization.Difference && Decoding.Strategy is ForecastStrategy.Recursive)
            {
                throw new ArgumentException("With Normalization.Window = Difference the strategy Recursive forecasts the steps from value to value, which are "
                    +
                    $"no {likelihood.Domain!.Name}: choose another normalization, strategy or likelihood.", "Normalization.Window");
            }
        }

        private void CheckStrategy()
        {
            if (Decoding.Strategy is ForecastStrategy.Direct) return;
            if (Network is { Custom: null, Pooling: not (null or SequencePooling.Last) })
            {
                throw new ArgumentException($"The strategy {Decoding.Strategy} goes on from the last states, so the option Network.Pooling has to be Last, not "
                    +
                    $"{Network.Pooling}.", "Network.Pooling");
            }
            if (Decoding.Strategy is not ForecastStrategy.Recursive) return;
            if (Network is { Custom: null, Bidirectional: true })
            {
                throw new ArgumentException("The strategy Recursive goes on step by step from its own forecasts, so its layers cannot read backward: leave " +
                    "Network.Bidirectional out, or choose EncoderDecoder.", "Network.Bidirectional");
            }
            if (Input.PastCovariateColumnNames is [var covariate, ..])
            {
                throw new ArgumentException($"The strategy Recursive is fed with its own forecasts, but nobody forecasts '{covariate}': leave past covariates "
                    +
                    "out, forecast them as further targets, or choose Direct or EncoderDecoder.", "Input.PastCovariateColumnNames");
            }
        }

        internal override TrainingSettings Settings(ulong seed) => base.Settings(seed) with
        {
            TeacherForcing = Decoding.TeacherForcing ?? (Decoding.Strategy is ForecastStrategy.EncoderDecoder ? TeacherForcing.Constant(0) : null),
        };

        /// <summary>The columns of rows that hold windows.</summary>
        internal WindowColumnNames WindowColumns() => new(
            [
                (Input.InputColumnName, SeriesRole.Target), .. Input.PastCovariateColumnNames.Select(name => (name, SeriesRole.Past)),
                .. Input.FutureCovariateColumnNames.Select(name => (name, SeriesRole.Future)),
                .. Input.StaticColumnNames.Select(name => (name, SeriesRole.Static)),
            ], Input.TargetColumn, Input.WindowSize, Horizon);

        /// <summary>The regression on covariates of a network; null for none.</summary>
        internal DynamicRegressionDescription? Regression(NetworkDescription network, int targets, Likelihood likelihood, TimeFrequency? frequency)
        {
            if (!RegressesOnCovariates || network.CovariateWidth == 0) return null;
            // Rows of windows may have covariates of the horizon alone.
            var readsWindow = network.LinearSkip is not null && network.UnscaledFeatures == network.FutureFeatures;
            var description = new DynamicRegressionDescription(2 * Network.HiddenSize, targets, likelihood.ForecastParameter) { ReadsWindow = readsWindow };
            if (Network.Initialization.Model?.Description.DynamicRegression is { } known)
                return description with { Units = known.Units, Averages = known.Averages, ExponentialAverages = known.ExponentialAverages };
            // What was known of earlier steps has an effect, too: buildings keep their heat for hours and days, and the days after a holiday are no usual ones.
            var season = (frequency ?? Input.Frequency)?.Season is > 1 and var usual ? usual : Horizon;
            return description with { ExponentialAverages = readsWindow ? [.. new[] { season / 6, season, 3 * season }.Select(Length).Distinct()] : [] };

            int Length(int steps) => Math.Clamp(steps, 2, Math.Max(2, Input.WindowSize));
        }

        /// <summary>The decoder that the strategy asks for, behind these layers; null for none.</summary>
        internal DecoderDescription? Decoder(
            int targets, Likelihood likelihood, int seasonLength, WindowNormalization normalization, ImmutableArray<LayerDescription> encoder)
        {
            var (strategy, differences) = (Decoding.Strategy, normalization is WindowNormalization.Difference);
            if (strategy is ForecastStrategy.Direct) return null;
            // One model of one step that sees differences can only answer differences; layers of their own know how far they have come.
            var cumulates = strategy is ForecastStrategy.Recursive && differences;
            return new()
            {
                Steps = Horizon,
                Targets = targets,
                Location = likelihood.ForecastParameter,
                Distribution = likelihood.IsDistribution ? likelihood : null,
                SeasonLength = seasonLength,
                FeedsDifferences = differences,
                CumulatedFirst = cumulates ? likelihood.LocationParameters.First : 0,
                CumulatedCount = cumulates ? likelihood.LocationParameters.Count : 0,
                Layers = strategy is ForecastStrategy.EncoderDecoder ? NetworkBuilder.DecoderLayers(encoder) : [],
                // A window whose last value was taken out tells where it will end.
                LearnsWindow = strategy is ForecastStrategy.Recursive && normalization is not WindowNormalization.LastValue,
                Attention = Decoding.Attention,
                InputFeeding = Decoding.InputFeeding,
            };
        }
    }
}
