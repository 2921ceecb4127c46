using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A whole network, apart from its weights: what enters, how it is normalised, the layers, and how many numbers the head needs. The body ends in one vector
/// a sequence; static features, if any, are joined to it; the head's own linear map (<c>head.weight</c> [Outputs, n], <c>head.bias</c>) comes last.
/// </summary>
internal sealed record NetworkDescription
{
    /// <summary>Numbers in one time step; 0 where the sequence is one of tokens.</summary>
    public required int Features { get; init; }

    /// <summary>Size of the vocabulary, ids 0 to Vocabulary - 1 where 0 stands for missing or unknown; 0 where the sequence is numeric.</summary>
    public int Vocabulary { get; init; }

    /// <summary>Steps of every sequence, or null where the length varies from row to row.</summary>
    public int? Time { get; init; }

    /// <summary>Static numbers a row, 0 for none.</summary>
    public int Statics { get; init; }

    /// <summary>
    /// Numbers that are known ahead of each of the <see cref="Horizon"/> steps that are forecast, 0 for none. Joined to the body's vector like statics, step by
    /// step.
    /// </summary>
    public int FutureFeatures { get; init; }

    /// <summary>Steps that are forecast; 0 where the network needs not know.</summary>
    public int Horizon { get; init; }

    /// <summary>
    /// Categories beside the numbers, as vectors that are learned: in their order, those of the window after its features, of a row after its statics, those
    /// known ahead after its future features.
    /// </summary>
    public ImmutableArray<CategoryDescription> Categories { get; init; } = [];

    /// <summary>
    /// Steps back at which the window's values are looked up again, each less than <see cref="Time"/>: the first <see cref="LaggedFeatures"/> features so many
    /// steps before stand beside each step of the window (0 where it has not begun) and of the horizon (as many lags before as lead back into the window).
    /// Empty for none.
    /// </summary>
    public ImmutableArray<int> Lags { get; init; } = [];

    /// <summary>How many features, the first ones, are looked up at the <see cref="Lags"/>.</summary>
    public int LaggedFeatures { get; init; }

    /// <summary>What is done with the first <see cref="TransformedFeatures"/> features of a step before all else.</summary>
    public TargetTransform Transform { get; init; }

    /// <inheritdoc cref="Transform"/>
    public int TransformedFeatures { get; init; }

    /// <summary>
    /// Whether numbers may be missing (NaN): they count for nothing where windows are normalised, and are 0 in the network's own space. Needs windows of a
    /// fixed size.
    /// </summary>
    public bool AllowsMissing { get; init; }

    /// <summary>Whether, beside that, each feature of a step has a further one that is 1 where it is missing, else 0.</summary>
    public bool MasksMissing { get; init; }

    /// <summary>How many of the numbers known ahead, the first ones, have a further one likewise; only with <see cref="AllowsMissing"/>.</summary>
    public int FutureMasks { get; init; }

    /// <summary>Numbers of a step as the first layer sees them; 0 for tokens.</summary>
    [JsonIgnore]
    public int SequenceWidth => Features * (MasksMissing ? 2 : 1) + LaggedFeatures * Lags.Length
        + Categories.Where(category => category.Place is not CategoryPlace.Static).Sum(category => category.Size);

    /// <summary>Static numbers a row with the vectors of static categories.</summary>
    [JsonIgnore]
    public int StaticWidth => Statics + Categories.Where(category => category.Place is CategoryPlace.Static).Sum(category => category.Size);

    /// <summary>Numbers known ahead of a step with the vectors of categories that are, lags and masks.</summary>
    [JsonIgnore]
    public int FutureWidth => FutureFeatures + FutureMasks + LaggedFeatures * Lags.Length
        + Categories.Where(category => category.Place is CategoryPlace.Future).Sum(category => category.Size);

    /// <summary>
    /// Whether features (and statics) are standardised by the mean and the standard deviation of the training part, kept as the fixed parameters
    /// <c>input.mean</c>, <c>input.scale</c> [Features] and <c>static.mean</c>, <c>static.scale</c> [Statics], <c>future.mean</c>, <c>future.scale</c>
    /// [FutureFeatures]: x' = (x - mean) / scale, a channel with no spread having scale 1.
    /// </summary>
    public bool Standardize { get; init; } = true;

    /// <summary>How each window is normalised, after standardisation.</summary>
    public WindowNormalization WindowNormalization { get; init; }

    /// <summary>Levels and scales of whole series in the place of the windows' own; null where windows have their own.</summary>
    public SeriesScaling? SeriesScaling { get; init; }

    /// <summary>
    /// The last features of a step that windows' normalisation leaves as they are: what is known ahead has a meaning of its own (the hour of the day), not one
    /// beside the window's level.
    /// </summary>
    public int UnscaledFeatures { get; init; }

    public required ImmutableArray<LayerDescription> Layers { get; init; }

    /// <summary>
    /// Whether the head answers at every step: the layers then end in a sequence, to each step of which the head's linear map is applied (tagging, language
    /// models). There are no statics then.
    /// </summary>
    public bool PerStep { get; init; }

    /// <summary>
    /// Whether the head's linear map uses the embedding's table as its weight (Press and Wolf 2017): the network's first layer is an embedding, its last
    /// features are as many as the embedding's size, and the head answers with one number for each word of the vocabulary. There is no <c>head.weight</c> then.
    /// </summary>
    public bool TieHead { get; init; }

    /// <summary>
    /// What answers step by step instead of all at once; null for nothing. The head's linear map is then one of a step, <c>head.weight</c> [Outputs / Steps,
    /// n], and the layers end in a sequence.
    /// </summary>
    public DecoderDescription? Decoder { get; init; }

    /// <summary>A linear forecast of each target's window beside the layers; null for none.</summary>
    [JsonPropertyName("linearPath")] // as saved models have it
    public LinearSkipDescription? LinearSkip { get; init; }

    /// <summary>Numbers that the head needs a row, or a step.</summary>
    public required int Outputs { get; init; }
}
