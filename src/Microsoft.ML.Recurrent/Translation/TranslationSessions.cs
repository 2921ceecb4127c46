using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Decoding;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>Sessions of the graphs of a translation, shared with all others of equal graphs and options. Thread-safe.</summary>
internal sealed class TranslationSessions(TranslationGraphs graphs, ScoringOptions options) : IDisposable
{
    private readonly DecoderSessions _sessions = new(graphs.Decoder, graphs.Encoder, graphs.Step, graphs.Identity, options);

    /// <summary>Why the CPU replaces the requested device; null if it does not.</summary>
    public string? Fallback => _sessions.Fallback;

    /// <summary>Reads sources, padded to the longest, and starts a text for each.</summary>
    public IBeamModel Read(int[][] sources)
    {
        var time = sources.Max(source => source.Length);
        var (ids, lengths) = (new long[sources.Length * time], new long[sources.Length]);
        for (var row = 0; row < sources.Length; row++)
        {
            lengths[row] = sources[row].Length;
            for (var t = 0; t < sources[row].Length; t++) ids[row * time + t] = sources[row][t];
        }
        using var tokens = OrtValue.CreateTensorValueFromMemory(ids, [sources.Length, time]);
        using var counts = OrtValue.CreateTensorValueFromMemory(lengths, [sources.Length]);
        return new OnnxBeamModel(_sessions, new Dictionary<string, OrtValue> { [graphs.Decoder.Tokens] = tokens, [ModelManifest.LengthInput] = counts });
    }

    public void Dispose() => _sessions.Dispose();
}
