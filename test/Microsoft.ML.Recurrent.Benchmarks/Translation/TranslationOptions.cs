namespace Microsoft.ML.Recurrent.Benchmarks.Translation;

/// <summary>What the user asks of <c>-- translation</c>.</summary>
internal sealed record TranslationOptions(string Data, IReadOnlyList<int> Seeds, int Epochs, int Threads, TranslationSide Side, bool IsProfiled, string Python,
    string? Docs);

/// <summary>Which sides run.</summary>
internal enum TranslationSide
{
    /// <summary>Both, seed by seed in turn.</summary>
    Both,

    /// <summary>This library alone.</summary>
    Ours,

    /// <summary>PyTorch alone.</summary>
    PyTorch,
}
