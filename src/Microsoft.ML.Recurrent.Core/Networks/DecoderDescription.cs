using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A decoder: what a network says step by step once it has read its sequence, each step fed with the answer before (Sutskever et al. 2014; Cho et al. 2014).
/// With <see cref="Layers"/> of its own it begins with the states in which the network's layers (the encoder) ended, bridged by a dense layer where sizes or
/// directions differ. Without, the network's own layers go on with what they said themselves (Graves 2013; Salinas et al. 2020): one model of one step, fed
/// with its own forecasts. A decoder of tokens has layers of its own, an embedding first, and its network's head answers with one number for each word of its
/// <see cref="Vocabulary"/>, [time, rows, Vocabulary].
/// </summary>
internal sealed record DecoderDescription
{
    /// <summary>Steps that are answered; of a decoder of tokens that is left to itself as many at the most.</summary>
    public required int Steps { get; init; }

    /// <summary>Numbers of one answer that go into the next step: they have the meaning of the sequence's first features. 0 for tokens.</summary>
    public required int Targets { get; init; }

    /// <summary>Of a decoder of tokens: the size of its vocabulary; 0 for numbers.</summary>
    public int Vocabulary { get; init; }

    /// <summary>The token that a decoder of tokens is fed with first.</summary>
    public int StartToken { get; init; }

    /// <summary>The token after which a row's answer has ended.</summary>
    public int EndToken { get; init; }

    /// <summary>Which of a step's parameters is the answer that is fed back; a step has Outputs / Steps / Targets of them, parameter by parameter.</summary>
    public int Location { get; init; }

    /// <summary>The distribution of a step's parameters, by which the <see cref="Location"/> is fed back; null for numbers and quantiles.</summary>
    [JsonConverter(typeof(LikelihoodJsonConverter)), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Likelihood? Distribution { get; init; }

    /// <summary>Steps of the season whose last values the answers are differences from: they are added before an answer is fed back. 0 for none.</summary>
    public int SeasonLength { get; init; }

    /// <summary>
    /// Whether steps are fed with the differences from value to value, as the encoder's are (<see cref="WindowNormalization.Difference"/>), and not with the
    /// values.
    /// </summary>
    public bool FeedsDifferences { get; init; }

    /// <summary>
    /// Without layers of its own and fed with differences: the first of a step's parameters that say where it lies. They are answered as differences from the
    /// value before.
    /// </summary>
    public int CumulatedFirst { get; init; }

    /// <summary>How many such parameters there are; 0 where answers are values.</summary>
    public int CumulatedCount { get; init; }

    /// <summary>The decoder's own layers; none where the network's layers go on.</summary>
    public ImmutableArray<LayerDescription> Layers { get; init; } = [];

    /// <summary>Without layers of its own: whether training learns the steps of the window too, each from those before it.</summary>
    public bool LearnsWindow { get; init; }

    /// <summary>How each step's state asks over the encoder's states (Luong et al. 2015); null for no attention.</summary>
    public AttentionForm? Attention { get; init; }

    /// <summary>Of additive attention: size of its hidden layer; 0 for as many as the decoder's features.</summary>
    public int AttentionUnits { get; init; }

    /// <summary>Whether what attention made of a step goes into the next one (Luong et al. 2015).</summary>
    public bool InputFeeding { get; init; }

    /// <summary>Whether the network's own layers go on.</summary>
    [JsonIgnore]
    public bool IsRecursive => Layers.IsDefaultOrEmpty;
}
