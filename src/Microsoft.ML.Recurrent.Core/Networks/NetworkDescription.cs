using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The configuration of a network, without weights: inputs, normalization, layers, and outputs. The body ends in one vector per sequence; static features are
/// concatenated to it; the head's linear layer (<c>head.weight</c> [Outputs, n], <c>head.bias</c>) comes last.
/// </summary>
internal sealed record NetworkDescription
{
    /// <summary>Numeric features per time step; 0 for none. Beside tokens they join the vectors of the first layer, which is their embedding.</summary>
    public required int Features { get; init; }

    /// <summary>
    /// Size of the vocabulary of the tokens that the first layer reads, ids 0 to Vocabulary - 1 where 0 means missing or unknown; 0 for none.
    /// </summary>
    public int Vocabulary { get; init; }

    /// <summary>Steps of every sequence; null if the length varies.</summary>
    public int? Time { get; init; }

    /// <summary>Static features per row; 0 for none.</summary>
    public int Statics { get; init; }

    /// <summary>
    /// Known future features of each of the <see cref="Horizon"/> steps; 0 for none. Concatenated to the body's vector like static features, step by step.
    /// </summary>
    public int FutureFeatures { get; init; }

    /// <summary>Forecast steps; 0 if not needed.</summary>
    public int Horizon { get; init; }

    /// <summary>
    /// Categorical features, embedded and concatenated in this order: those of the window after its features, static ones after the static features, future
    /// ones after the future features. Those of the steps of a plain sequence are further columns of tokens.
    /// </summary>
    public ImmutableArray<CategoryDescription> Categories { get; init; } = [];

    /// <summary>
    /// Lags, each less than <see cref="Time"/>: the first <see cref="LaggedFeatures"/> features at each lag become additional features of each step of the
    /// window (0 before its start) and of the horizon (the latest value in the window a whole number of lags before). Empty for none.
    /// </summary>
    public ImmutableArray<int> Lags { get; init; } = [];

    /// <summary>The number of leading features with <see cref="Lags"/>.</summary>
    public int LaggedFeatures { get; init; }

    /// <summary>
    /// Whether the lagged values of a step of the window are differences from its own value, so that they do not depend on the level of the window.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RelativeLags { get; init; }

    /// <summary>
    /// Whether the recurrent layers carry their states along a series: of a window they read the last step only, from the states after the step before. What
    /// they read of a step is that of the window that ends there.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CarriesState { get; init; }

    /// <summary>Exponential averages of which the distance of a step is an additional feature; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RelativeAveragesDescription? RelativeAverages { get; init; }

    /// <summary>The transform of the first <see cref="TransformedFeatures"/> features of a step, applied before all else.</summary>
    public TargetTransform Transform { get; init; }

    /// <inheritdoc cref="Transform"/>
    public int TransformedFeatures { get; init; }

    /// <summary>
    /// Whether values may be missing (NaN): window normalization ignores them, and they become 0 in the network's space. Needs windows of a fixed size.
    /// </summary>
    public bool AllowsMissing { get; init; }

    /// <summary>Whether each feature of a step also has a missing-value indicator (1 if missing, otherwise 0) as an additional feature.</summary>
    public bool MasksMissing { get; init; }

    /// <summary>The number of leading future features with a missing-value indicator; only with <see cref="AllowsMissing"/>.</summary>
    public int FutureMasks { get; init; }

    /// <summary>Numbers per step: input features of the first layer, or what stands beside its tokens.</summary>
    [JsonIgnore]
    public int SequenceWidth => Features * (MasksMissing ? 2 : 1) + LaggedFeatures * Lags.Length
        + (Features - UnscaledFeatures) * (RelativeAverages?.Lengths.Length ?? 0)
        + Categories.Where(category => category.Place is not CategoryPlace.Static).Sum(category => category.Size);

    /// <summary>Numbers per step that join the vectors of tokens; 0 for none, and without tokens.</summary>
    [JsonIgnore]
    public int WidthBesideTokens => Vocabulary > 0 ? SequenceWidth : 0;

    /// <summary>Static features per row, including embedded categories.</summary>
    [JsonIgnore]
    public int StaticWidth => Statics + Categories.Where(category => category.Place is CategoryPlace.Static).Sum(category => category.Size);

    /// <summary>Future features per step, including embedded categories, lags and masks.</summary>
    [JsonIgnore]
    public int FutureWidth => FutureFeatures + FutureMasks + LaggedFeatures * Lags.Length
        + Categories.Where(category => category.Place is CategoryPlace.Future).Sum(category => category.Size);

    /// <summary>Known numbers and embedded categories of a step, without lags and masks: the first of <see cref="FutureWidth"/>.</summary>
    [JsonIgnore]
    public int CovariateWidth => FutureFeatures + Categories.Where(category => category.Place is CategoryPlace.Future).Sum(category => category.Size);

    /// <summary>Future features that reach the head's linear layer, of all steps: none if a <see cref="DynamicRegression"/> reads them.</summary>
    [JsonIgnore]
    public int FlatFutureWidth => DynamicRegression is null ? Horizon * FutureWidth : 0;

    /// <summary>
    /// Whether features are standardized by mean and standard deviation of the training set, saved as the constants <c>input.mean</c>, <c>input.scale</c>
    /// [Features], <c>static.mean</c>, <c>static.scale</c> [Statics], <c>future.mean</c> and <c>future.scale</c> [FutureFeatures]: x' = (x - mean) / scale.
    /// Constant channels have scale 1.
    /// </summary>
    public bool Standardize { get; init; } = true;

    /// <summary>The normalization of each window, after standardization.</summary>
    public WindowNormalization WindowNormalization { get; init; }

    /// <summary>
    /// With <see cref="WindowNormalization.Difference"/>: whether forecasts are divided by the standard deviation of their window, and what the layers read by
    /// the root mean square of the differences up to the step, which does not depend on the steps after it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RunningScale { get; init; }

    /// <summary>Levels and scales per series, which replace those of the windows; null for those of the windows.</summary>
    public SeriesScaling? SeriesScaling { get; init; }

    /// <summary>
    /// The number of trailing features that window normalization leaves unchanged: known future features, such as the hour of the day, are not relative to the
    /// level of the window.
    /// </summary>
    public int UnscaledFeatures { get; init; }

    public required ImmutableArray<LayerDescription> Layers { get; init; }

    /// <summary>
    /// Whether the network has an output per step: the layers end in a sequence, and the head's linear layer is applied to each step (tagging, language
    /// models). Not with static features.
    /// </summary>
    public bool PerStep { get; init; }

    /// <summary>
    /// Whether the head's linear layer uses the embedding table as its weight (weight tying, Press and Wolf 2017). The first layer must be an embedding, the
    /// body must end in as many features as the embedding size, and the head must have one output per word of the vocabulary. There is no <c>head.weight</c>
    /// then. With a decoder of tokens, the table is that of its embedding.
    /// </summary>
    public bool TieHead { get; init; }

    /// <summary>
    /// A decoder, for output step by step; null to output all steps at once. The head's linear layer is then applied per step, <c>head.weight</c> [Outputs /
    /// Steps, n], and the layers end in a sequence.
    /// </summary>
    public DecoderDescription? Decoder { get; init; }

    /// <summary>A linear skip connection from the window of each target; null for none.</summary>
    [JsonPropertyName("linearPath")] // as saved models have it
    public LinearSkipDescription? LinearSkip { get; init; }

    /// <summary>A linear path over n-grams of the tokens, whose outputs join those of the layers; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NgramsDescription? Ngrams { get; init; }

    /// <summary>A regression of each step on its known covariates; null if all of them reach the head's linear layer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DynamicRegressionDescription? DynamicRegression { get; init; }

    /// <summary>A network over the letters of each token; null for none. Only with tokens, after whose embedding its vectors are concatenated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LettersDescription? Letters { get; init; }

    /// <summary>Whether the outputs of the steps are scores of tags in a conditional random field (<see cref="CrfWeights"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Crf { get; init; }

    /// <summary>An adaptive softmax, with which the outputs are log-probabilities; null if they are those of a linear layer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AdaptiveSoftmaxDescription? AdaptiveSoftmax { get; init; }

    /// <summary>
    /// Of a network with per-step outputs: outputs of the whole sequence besides, a linear layer <c>sequence_head</c> over the maximum of each feature over the
    /// steps; 0 for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SequenceOutputs { get; init; }

    /// <summary>
    /// The latent variables of an autoencoder, whose distributions are the outputs: twice <see cref="LatentDescription.Size"/>. Null for none. The network
    /// takes numbers only, and ends in one vector per row.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LatentDescription? Latent { get; init; }

    /// <summary>Outputs per row, or per step.</summary>
    public required int Outputs { get; init; }
}
