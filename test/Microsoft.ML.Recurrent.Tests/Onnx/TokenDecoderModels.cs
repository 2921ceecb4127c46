using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Decoders of tokens of every kind, with random weights.</summary>
internal static class TokenDecoderModels
{
    public const int SourceVocabulary = 11, Vocabulary = 9, End = 7, Start = 8, Embedding = 5;

    public static readonly IReadOnlyDictionary<string, NetworkDescription> Networks = All().ToDictionary(pair => pair.Name, pair => pair.Description);

    public static NetworkDescription Describe(AttentionForm? attention, bool feeding = false, bool tied = false, LayerDescription[]? encoder = null,
        LayerDescription[]? decoder = null, bool bidirectional = true) => new()
        {
            Features = 0, Vocabulary = SourceVocabulary, Outputs = Vocabulary, TieHead = tied,
            Layers = [new EmbeddingDescription("embedding", 4), .. encoder ??
                [new RecurrentDescription("encoder", RecurrentCell.Lstm, bidirectional ? 3 : 6) { Bidirectional = bidirectional }]],
            Decoder = new()
            {
                Steps = 12, Targets = 0, Vocabulary = Vocabulary, StartToken = Start, EndToken = End, MinimumLength = 1, AttentionUnits = 4,
                Attention = attention, InputFeeding = feeding, Projection = tied ? Embedding : 0, IsLimitedBySource = true,
                Layers = [new EmbeddingDescription("decoder_embedding", Embedding), .. decoder ?? [new RecurrentDescription("decoder", RecurrentCell.Lstm, 6)]],
            },
        };

    public static ModelManifest Manifest(NetworkDescription description) => new()
    {
        Task = ModelTask.Tagging,
        Inputs = [new("Tokens", InputKind.Tokens, description.Time, 1, description.Vocabulary)],
        Outputs =
        [
            new("Text", OutputKind.Int64), new("Length", OutputKind.Int64), new("LogProbability", OutputKind.Single),
            .. description.Decoder!.Attention is null ? ImmutableArray<OutputColumn>.Empty : [new("Attention", OutputKind.Single)],
        ],
    };

    public static RecurrentModel Model(Network network) =>
        NetworkExporter.ToModel(network, new PlainHead(network.Description.Outputs), Manifest(network.Description), TestModels.History);

    public static RecurrentModel Model(NetworkDescription description)
    {
        using var network = TestModels.Network(description);
        return Model(network);
    }

    private static IEnumerable<(string Name, NetworkDescription Description)> All()
    {
        foreach (var cell in new[] { RecurrentCell.Lstm, RecurrentCell.Gru })
            foreach (var layers in new[] { 1, 2 })
                foreach (var tied in new[] { false, true })
                    foreach (var (form, feeding) in Forms())
                        yield return ($"{cell} {layers} {form?.ToString() ?? "none"}{(feeding ? " fed" : "")}{(tied ? " tied" : "")}",
                            Describe(form, feeding, tied, Recurrent("encoder", cell, layers, 3, both: true),
                                Recurrent("decoder", cell, layers, 6, both: false)));
        yield return ("forward", Describe(AttentionForm.Dot, bidirectional: false));
        yield return ("one length", Describe(AttentionForm.General, feeding: true) with { Time = 5 });
        yield return ("cells that no node is", Describe(AttentionForm.Additive, feeding: true, encoder:
            [new RecurrentDescription("encoder", RecurrentCell.MinimalGated, 3) { Bidirectional = true }, new DropoutDescription("drop", 0.3f)], decoder:
            [new RecurrentDescription("d", RecurrentCell.Lstm, 8) { LayerNormalization = true, Projection = 6 },
                new RecurrentDescription("e", RecurrentCell.Gru, 6) { ZoneoutHidden = 0.2f, Residual = true },
                new RecurrentDescription("f", RecurrentCell.PeepholeLstm, 6), new LayerNormDescription("norm"),
                new DenseDescription("dense", 7, DenseActivation.Tanh)]));
        yield return ("shortened", Describe(AttentionForm.Dot, encoder:
            [new ConvolutionDescription("convolution", 5, 3) { Stride = 2, Padding = ConvolutionPadding.Causal },
                new RecurrentDescription("encoder", RecurrentCell.Gru, 6)], decoder: [new RecurrentDescription("decoder", RecurrentCell.SimpleRnn, 6)]));
        yield return ("limits", Describe(AttentionForm.General) is var limited
            ? limited with { Decoder = limited.Decoder! with { MinimumLength = 3, Steps = 4, IsLimitedBySource = false, ExcludedTokens = [0, 3] } } : null!);
    }

    private static IEnumerable<(AttentionForm?, bool)> Forms() =>
        [(null, false), .. Enum.GetValues<AttentionForm>().SelectMany(form => new[] { ((AttentionForm?)form, false), (form, true) })];

    private static LayerDescription[] Recurrent(string name, RecurrentCell cell, int layers, int size, bool both) =>
        [.. Enumerable.Range(1, layers).Select(i => new RecurrentDescription($"{name}_{i}", cell, size) { Bidirectional = both })];
}
