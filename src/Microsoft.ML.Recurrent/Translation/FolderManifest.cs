using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The <c>manifest.json</c> of an exported translation.</summary>
internal sealed record FolderManifest
{
    public const string FormatName = "Microsoft.ML.Recurrent.Translation";

    public const int CurrentVersion = 1;

    /// <summary>For people too: indented, with letters as they are.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public string Format { get; init; } = FormatName;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The SHA-256 of the encoder's graph.</summary>
    public required string Encoder { get; init; }

    /// <summary>The SHA-256 of the graph of single steps.</summary>
    public required string Step { get; init; }

    /// <summary>The SHA-256 of the graph that writes the most likely tokens.</summary>
    public required string Greedy { get; init; }

    /// <summary>The source tokens from id 1 on; id 0 is the unknown token.</summary>
    public required ImmutableArray<string> SourceVocabulary { get; init; }

    /// <summary>The target tokens, and the options.</summary>
    public required TranslationManifest Translation { get; init; }
}
