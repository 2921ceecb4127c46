using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// A decoder: predicts step by step after the sequence has been read; each step is fed the previous output (Sutskever et al. 2014; Cho et al. 2014). With
/// <see cref="Layers"/> it starts from the final states of the network's layers (the encoder), mapped by a dense layer if sizes or directions differ. Without,
/// the network's own layers continue, fed their own forecasts (Graves 2013; Salinas et al. 2020). A decoder of tokens needs layers, the first an embedding; the
/// head then outputs one value per word of <see cref="Vocabulary"/>, [time, rows, Vocabulary].
/// </summary>
internal sealed record DecoderDescription
{
    /// <summary>Output steps; for a decoder of tokens, the most tokens of a text that it writes, the end token not counted.</summary>
    public required int Steps { get; init; }

    /// <summary>Values of an output step that are fed to the next one; they correspond to the first features of the sequence. 0 for tokens.</summary>
    public required int Targets { get; init; }

    /// <summary>For a decoder of tokens: size of the vocabulary; 0 for numbers.</summary>
    public int Vocabulary { get; init; }

    /// <summary>The start token of a decoder of tokens.</summary>
    public int StartToken { get; init; }

    /// <summary>The end token of a decoder of tokens.</summary>
    public int EndToken { get; init; }

    /// <summary>Of a decoder of tokens: the fewest tokens of a text that it writes, the end token not counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int MinimumLength { get; init; }

    /// <summary>
    /// Of a decoder of tokens: whether a text that it writes has at most twice the steps of its source and 10 tokens, besides <see cref="Steps"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsLimitedBySource { get; init; }

    /// <summary>Of a decoder of tokens: further tokens that it never writes. The start token is never written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<int> ExcludedTokens { get; init; }

    /// <summary>
    /// Of a decoder of tokens: the size of a linear layer <c>decoder_projection</c> before the head, for instance to give a tied head
    /// (<see cref="NetworkDescription.TieHead"/>) the size of the embedding; 0 for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Projection { get; init; }

    /// <summary>Index of the parameter of a step that is fed back. A step has Outputs / Steps / Targets parameters, stored parameter by parameter.</summary>
    public int Location { get; init; }

    /// <summary>
    /// The distribution of the parameters of a step, from which the value fed back is computed (see <see cref="Location"/>); null for numbers and quantiles.
    /// </summary>
    [JsonConverter(typeof(LikelihoodJsonConverter)), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Likelihood? Distribution { get; init; }

    /// <summary>Seasonal differencing: steps of the season whose last values are added to an output before it is fed back. 0 for none.</summary>
    public int SeasonLength { get; init; }

    /// <summary>
    /// Whether steps are fed differences of consecutive values, like the encoder's inputs (<see cref="WindowNormalization.Difference"/>), instead of the
    /// values.
    /// </summary>
    public bool FeedsDifferences { get; init; }

    /// <summary>
    /// If differences are fed to the network's own layers: the first location parameter of a step. Location parameters are output as differences from the
    /// previous value.
    /// </summary>
    public int CumulatedFirst { get; init; }

    /// <summary>The number of such parameters; 0 if outputs are values.</summary>
    public int CumulatedCount { get; init; }

    /// <summary>The decoder's layers; empty if the network's layers continue.</summary>
    public ImmutableArray<LayerDescription> Layers { get; init; } = [];

    /// <summary>For a decoder without layers: whether training also predicts the steps of the window, each from the steps before it.</summary>
    public bool LearnsWindow { get; init; }

    /// <summary>Attention of the state of each step over the encoder's states (Luong et al. 2015); null for none.</summary>
    public AttentionForm? Attention { get; init; }

    /// <summary>For additive attention: hidden units; 0 for the number of the decoder's features.</summary>
    public int AttentionUnits { get; init; }

    /// <summary>Whether the attentional vector of a step is fed to the next step (input feeding, Luong et al. 2015).</summary>
    public bool InputFeeding { get; init; }

    /// <summary>The most tokens of a text for a source of so many steps, the end token not counted.</summary>
    public int MostTokens(int source) => IsLimitedBySource ? Math.Min(Steps, 2 * source + 10) : Steps;

    /// <summary>Whether a token is never written.</summary>
    public bool IsExcluded(int token) => token == StartToken || !ExcludedTokens.IsDefaultOrEmpty && ExcludedTokens.Contains(token);

    /// <summary>Whether the network's own layers continue.</summary>
    [JsonIgnore]
    public bool IsRecursive => Layers.IsDefaultOrEmpty;
}
