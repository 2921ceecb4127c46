using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Decoding;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Makes texts of the ids that a search has found.</summary>
internal sealed class TranslationWriter(TranslationManifest manifest)
{
    /// <summary>The tokens that no text may have. Where unknown tokens are copied, or allowed, the search writes them.</summary>
    /// <param name="copies">Whether there are source tokens to copy.</param>
    public bool[] Excluded(bool copies)
    {
        var excluded = new bool[manifest.Vocabulary];
        excluded[manifest.Start] = true;
        excluded[0] = !(copies && manifest.CopyColumn is not null || manifest.AllowsUnknown);
        return excluded;
    }

    /// <summary>The tokens of a text; unknown ones are the source tokens to which their steps attended most.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">The source tokens; null where nothing is copied.</param>
    public ImmutableArray<string> Tokens(FoundText text, IReadOnlyList<string>? source)
    {
        var tokens = new string[text.Tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            var id = text.Tokens[i];
            tokens[i] = id > 0 ? manifest.Target.Values[id - 1]
                : source is not null && manifest.CopyColumn is not null && text.Attention[i].Length > 0
                    ? source[TensorPrimitives.IndexOfMax<float>(text.Attention[i])]
                    : manifest.UnknownText;
        }
        return [.. tokens];
    }

    /// <summary>The text of tokens.</summary>
    public string Join(IReadOnlyList<string> tokens) => TokenJoiner.Join(tokens, manifest.Joining);
}
