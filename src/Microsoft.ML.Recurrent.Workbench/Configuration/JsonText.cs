using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>
/// How a file of JSON is written, so that what is read and written again has the same bytes: byte order mark, line ends and the end of the file.
/// </summary>
/// <param name="HasMark">Whether the file begins with the byte order mark of UTF-8.</param>
/// <param name="NewLine">Its line ends.</param>
/// <param name="End">What follows the last brace.</param>
internal sealed record JsonText(bool HasMark, string NewLine, string End)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The form of a new file, as Model Builder writes it.</summary>
    public static JsonText New { get; } = new(true, "\n", "");

    public static (JsonNode? Node, JsonText Form) Read(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        var hasMark = bytes.StartsWith(Encoding.UTF8.Preamble);
        if (hasMark) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            var text = Strict.GetString(bytes);
            return (JsonNode.Parse(text), new(hasMark, text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n", text[text.TrimEnd().Length..]));
        }
        catch (Exception error) when (error is JsonException or DecoderFallbackException)
        {
            throw new InvalidDataException($"'{path}' is no JSON: {error.Message}", error);
        }
    }

    public void Write(string path, JsonNode node)
    {
        var options = new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = NewLine };
        var text = node.ToJsonString(options) + End;
        AtomicFile.Write(path, stream =>
        {
            if (HasMark) stream.Write(Encoding.UTF8.Preamble);
            stream.Write(Strict.GetBytes(text));
        });
    }
}
