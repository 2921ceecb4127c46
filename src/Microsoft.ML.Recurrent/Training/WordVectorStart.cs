using System.Globalization;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Starts the embedding of tokens from pre-trained word vectors.</summary>
internal static class WordVectorStart
{
    private const string Option = "Network.Initialization.WordVectors";

    /// <exception cref="ArgumentException">The network has no embedding of tokens of that size, or the tokens have no text.</exception>
    public static void Apply(WordVectors vectors, Network network, ModelManifest manifest, string[] frozen, TrainingChannel channel)
    {
        if (network.Description.Vocabulary == 0 || network.Description.Layers.OfType<EmbeddingDescription>().FirstOrDefault() is not { } embedding)
            throw Refused("needs a sequence column of keys: this network embeds no tokens");
        if (embedding.Size != vectors.Size)
            throw Refused($"has vectors of {vectors.Size} numbers, but the layer '{embedding.Name}' of Network.Custom has {embedding.Size}: make them equal");
        if (manifest.Vocabulary is not { Kind: LabelKind.Text } vocabulary)
            throw Refused("finds tokens by their text, but the keys of the column have no text as values. Make them by "
                + "mlContext.Transforms.Text.BuildVocabulary");
        if (frozen.FirstOrDefault(name => name != embedding.Name) is { } other)
            throw new ArgumentException(
                $"The option Network.Initialization.FrozenLayers names '{other}', whose weights start at random and would learn nothing: "
                + $"without Network.Initialization.Model, only '{embedding.Name}' can be frozen.", "Network.Initialization.FrozenLayers");

        var weights = network[embedding.Name + ".weight"].Value.Span.Slice(0, network.Description.Vocabulary * vectors.Size);
        // Random vectors that are never trained are noise.
        if (frozen.Length > 0) weights.Clear();
        var table = new float[vocabulary.Values.Length * vectors.Size];
        var found = vectors.Read(vocabulary.Values, (row, vector) => vector.CopyTo(table.AsSpan(row * vectors.Size)), channel.Token);
        for (var i = 0; i < found.Length; i++)
        {
            // Id 0 is the unknown token.
            if (found[i]) table.AsSpan(i * vectors.Size, vectors.Size).CopyTo(weights[((i + 1) * vectors.Size)..]);
        }
        var count = found.Count(isFound => isFound);
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{count} of {found.Length} tokens ({100.0 * count / Math.Max(1, found.Length):0.#}%) have a vector "
            + $"in '{vectors.FilePath}'; the others {(frozen.Length > 0 ? "are 0" : "start at random")}.");
        if (2 * count < found.Length)
        {
            string[] missing = [.. vocabulary.Values.Where((_, i) => !found[i]).Take(3).Select(token => $"'{token}'")];
            channel.Warning(WarningCode.FewWordVectors, $"{text} The first without one: {string.Join(", ", missing)}. Split and case tokens as the file does: "
                + "see lowerCase of TokenizeForRecurrent and ignoreCase of LoadWordVectors.");
        }
        else channel.Info(text);
    }

    private static ArgumentException Refused(string fault) => new($"The option {Option} {fault}.", Option);
}
