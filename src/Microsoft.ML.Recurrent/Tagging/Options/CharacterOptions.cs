using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Character features: a small network reads the characters of each token, and its vector joins the embedding of the token. So a token that was not seen in
/// training is known by its spelling. The ONNX graph takes ids of characters; in ML.NET they come from the text.
/// </summary>
public sealed class CharacterOptions : IOptionGroup
{
    /// <summary>
    /// The column of the tokens' texts, <c>Vector&lt;Text&gt;</c>, from which <see cref="SequenceTrainerOptions.FeatureColumnName"/> was mapped, as long as
    /// that. Default: null, no character features.
    /// </summary>
    public string? TextColumnName { get; set; }

    /// <summary>The network over the characters of a token. Default: a convolution.</summary>
    public CharacterEncoder Encoder { get; set; }

    /// <summary>Size of the embedding of a character, at least 1. Default: 30.</summary>
    public int EmbeddingSize { get; set; } = 30;

    /// <summary>Size of the vector of a token: filters of the convolution, or the state of each direction of the LSTM. At least 1. Default: 100.</summary>
    public int Size { get; set; } = 100;

    /// <summary>For a convolution: the characters that a filter reads at once, at least 1. Default: 5.</summary>
    public int KernelSize { get; set; } = 5;

    /// <summary>The most characters of a token that are read, at least 2; of a longer one the first and the last of them. Default: 20.</summary>
    public int MaximumLength { get; set; } = 20;

    internal void Check()
    {
        var checks = new OptionChecks("Characters");
        checks.ColumnOrNull(TextColumnName);
        checks.Defined<CharacterEncoder>(Encoder);
        checks.AtLeastOne(EmbeddingSize);
        checks.AtLeastOne(Size);
        checks.AtLeastOne(KernelSize);
        if (MaximumLength < 2) throw checks.OutOfRange(nameof(MaximumLength), MaximumLength, "must be at least 2");
    }

    /// <summary>The layers of that network.</summary>
    internal ImmutableArray<LayerDescription> Layers()
    {
        const string name = "characters", pooling = name + "_pooling";
        var embedding = SequenceNetwork.Create().Embedding(EmbeddingSize, name);
        return Encoder is CharacterEncoder.Lstm
            ? embedding.Lstm(Size, bidirectional: true, name + "_lstm").Pool(SequencePooling.Last, pooling).Layers()
            : embedding.Convolution(Size, KernelSize, activation: DenseActivation.Identity, name: name + "_convolution").Pool(SequencePooling.Max, pooling)
                .Layers();
    }
}
