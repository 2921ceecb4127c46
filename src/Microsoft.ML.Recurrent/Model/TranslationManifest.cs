using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>The saved state of a translation.</summary>
internal sealed record TranslationManifest
{
    /// <summary>The key values of the target, from id 1 on; id 0 is the unknown token.</summary>
    public required LabelManifest Target { get; init; }

    /// <summary>The id of the token that ends a text.</summary>
    public required int End { get; init; }

    /// <summary>The id of the token with which texts start, which is never written.</summary>
    public required int Start { get; init; }

    /// <summary>The number of ids: the unknown token, the keys, the end and the start.</summary>
    [JsonIgnore]
    public int Vocabulary => Math.Max(Start, End) + 1;

    /// <summary>How texts are searched for.</summary>
    public required SearchManifest Search { get; init; }

    /// <summary>Whether the decoder attends to the source.</summary>
    public required bool Attends { get; init; }

    /// <summary>Whether target tokens of the training data were unknown: otherwise the unknown token was never learned.</summary>
    public required bool KnowsUnknown { get; init; }

    /// <summary>The column of the source tokens as text, of which unknown tokens are copied; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CopyColumn { get; init; }

    /// <summary>Whether the unknown token may be written where nothing is copied.</summary>
    public bool AllowsUnknown { get; init; }

    /// <summary>The text of the unknown token.</summary>
    public required string UnknownText { get; init; }

    /// <summary>How tokens become a text.</summary>
    public TokenJoining Joining { get; init; }

    /// <summary>What each of <see cref="ModelManifest.Columns"/> holds.</summary>
    public required ImmutableArray<TranslationAnswer> Answers { get; init; }
}
