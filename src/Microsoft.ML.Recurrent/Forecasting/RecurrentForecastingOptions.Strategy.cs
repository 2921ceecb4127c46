using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentForecastingEstimator
{
    /// <content>How the horizon's steps are come by.</content>
    public sealed partial class Options
    {
        /// <summary>
        /// How the steps of the horizon are forecast: all at once, or one after the other, each from the forecast before. The steps' means (medians of
        /// quantiles) are what is fed on. Default: at once.
        /// </summary>
        public ForecastStrategy Strategy { get; set; } = ForecastStrategy.Direct;

        /// <summary>
        /// With the strategies <see cref="ForecastStrategy.Recursive"/> and <see cref="ForecastStrategy.EncoderDecoder"/>: how often the truth is fed on in
        /// training instead of the forecast. Default: null, always with Recursive, which so learns from every step of the data alike, and never with
        /// EncoderDecoder, which so learns what it is measured by.
        /// </summary>
        public TeacherForcing? TeacherForcing { get; set; }

        /// <summary>
        /// With the strategy <see cref="ForecastStrategy.EncoderDecoder"/>: how each step of the horizon looks back at all steps of the window (Luong et al.
        /// 2015). Default: null, it does not.
        /// </summary>
        public AttentionForm? DecoderAttention { get; set; }

        /// <summary>
        /// With <see cref="DecoderAttention"/>: whether what a step has seen in the window goes into the next step, too (Luong et al. 2015). Default: false.
        /// </summary>
        public bool InputFeeding { get; set; }

        private void CheckStrategy()
        {
            Defined(Strategy);
            if (DecoderAttention is { } form) Defined(form, nameof(DecoderAttention));
            if (Strategy is ForecastStrategy.Direct && TeacherForcing is not null)
                throw new ArgumentException(
                    "The option TeacherForcing goes with the strategies Recursive and EncoderDecoder: a direct forecaster feeds nothing on.",
                    nameof(TeacherForcing));
            if (Strategy is not ForecastStrategy.EncoderDecoder && DecoderAttention is not null)
                throw new ArgumentException($"The option DecoderAttention goes with the strategy EncoderDecoder, not with {Strategy}.",
                    nameof(DecoderAttention));
            if (InputFeeding && DecoderAttention is null)
                throw new ArgumentException("The option InputFeeding feeds on what attention has seen: set DecoderAttention, too.", nameof(InputFeeding));
            if (Strategy is ForecastStrategy.Direct) return;
            if (Network is null && Pooling is not SequencePooling.Last)
                throw new ArgumentException($"The strategy {Strategy} goes on from the last states, so the option Pooling has to be Last, not {Pooling}.",
                    nameof(Pooling));
            if (Strategy is not ForecastStrategy.Recursive) return;
            if (Network is null && Bidirectional)
                throw new ArgumentException(
                    "The strategy Recursive goes on step by step from its own forecasts, so its layers cannot read backward: leave Bidirectional out, or "
                        + "choose EncoderDecoder.", nameof(Bidirectional));
            if (PastCovariateColumnNames.Length > 0)
                throw new ArgumentException(
                    $"The strategy Recursive feeds on its own forecasts, but nobody forecasts '{PastCovariateColumnNames[0]}': leave past covariates out, "
                        + $"forecast them as further targets, or choose Direct or EncoderDecoder.", nameof(PastCovariateColumnNames));
        }

        /// <summary>
        /// Whether a step's distribution is one given the steps before, so that paths are drawn step by step: a decoder that was trained by the truth at least
        /// every other time (in the end) has learned that. One that is left to itself has learned what a step's distribution is without knowing them.
        /// </summary>
        internal bool FeedsDraws => Strategy is not ForecastStrategy.Direct && Likelihood.Create().IsDistribution
            && (TeacherForcing?.LastProbability ?? (Strategy is ForecastStrategy.Recursive ? 1 : 0)) >= 0.5f;

        internal override TrainingSettings Settings(ulong seed) =>
            base.Settings(seed) with { TeacherForcing = TeacherForcing ?? (Strategy is ForecastStrategy.EncoderDecoder ? TeacherForcing.Constant(0) : null) };

        // One model of one step that sees differences can only answer differences; layers of their own know how far they have come.
        private bool Cumulates(WindowNormalization normalization) =>
            Strategy is ForecastStrategy.Recursive && normalization is Recurrent.WindowNormalization.Difference;

        /// <summary>The decoder that the strategy asks for, behind these layers; null for none.</summary>
        internal DecoderDescription? Decoder(int targets, Likelihood likelihood, int seasonLength, WindowNormalization normalization,
            ImmutableArray<LayerDescription> encoder) => Strategy is ForecastStrategy.Direct ? null : new()
        {
            Steps = Horizon,
            Targets = targets,
            Location = likelihood.ForecastParameter,
            Distribution = likelihood.IsDistribution ? likelihood : null,
            SeasonLength = seasonLength,
            FeedsDifferences = normalization is Recurrent.WindowNormalization.Difference,
            CumulatedFirst = Cumulates(normalization) ? likelihood.LocationParameters.First : 0,
            CumulatedCount = Cumulates(normalization) ? likelihood.LocationParameters.Count : 0,
            Layers = Strategy is ForecastStrategy.EncoderDecoder ? NetworkBuilder.DecoderLayers(encoder) : [],
            // A window whose last value was taken out tells where it will end.
            LearnsWindow = Strategy is ForecastStrategy.Recursive && normalization is not Recurrent.WindowNormalization.LastValue,
            Attention = DecoderAttention,
            InputFeeding = InputFeeding,
        };
    }
}
