namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>A task's head that can write itself as nodes of an ONNX graph.</summary>
internal interface IOnnxHead
{
    /// <summary>
    /// Writes the nodes from the network's output to the answers. Returns the answers' tensors in the order of the manifest's outputs, each of the type and
    /// shape that <see cref="OutputColumn"/> names (float [batch, Size], bool [batch, 1], int64 [batch, 1]; [batch, time, Size] of answers at every step); the
    /// exporter gives them the columns' names. They must equal what the head's <c>Predict</c> computes on the tape (where answers at every step are [time,
    /// batch, Size]).
    /// </summary>
    IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output);
}

/// <summary>Names of the tensors that a head builds on.</summary>
/// <param name="Values">The network's output, float [batch, outputs]; [batch, time, outputs] where it answers at every step.</param>
/// <param name="WindowLevel">What was subtracted from each window's features, in standardised units, float [batch, features]; null without window
/// normalisation.</param>
/// <param name="WindowScale">By what each window's features were then divided, float [batch, features]; null where they were not.</param>
/// <param name="InputMean">The features' mean, float [features] (the network's fixed parameter <c>input.mean</c>); null without standardisation.</param>
/// <param name="InputScale">The features' standard deviation, float [features] (<c>input.scale</c>); null without standardisation.</param>
internal sealed record OnnxNetworkOutput(string Values, string? WindowLevel, string? WindowScale, string? InputMean, string? InputScale)
{
    /// <summary>What the layers see: the standardised and normalised sequences, float [time, batch, features]; null for tokens.</summary>
    public string? Window { get; init; }

    /// <summary>True steps of each row as they are after the layers, int32 [batch]; null where every row has all steps.</summary>
    public string? Lengths { get; init; }

    /// <summary>The normal scores that came in, float [batch, paths x steps]; null for none.</summary>
    public string? Noise { get; init; }

    /// <summary>
    /// Draws paths as <c>NetworkOutput.Draw</c> does: normal scores [batch x paths, steps] and the number of paths to values of that shape, in the window's
    /// space (counts in the data's own unit). Null where no decoder's distribution is there.
    /// </summary>
    public Func<string, int, string>? Draw { get; init; }

    /// <summary>The token ids as they came in, int64 [batch, time]; null for numbers.</summary>
    public string? Tokens { get; init; }
}
