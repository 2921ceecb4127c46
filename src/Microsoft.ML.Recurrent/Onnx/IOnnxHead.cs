namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>A head that can be exported as ONNX nodes.</summary>
internal interface IOnnxHead
{
    /// <summary>
    /// Writes the nodes from the output of the network to the output columns. Returns the tensors in the order of the manifest's outputs, each of the type and
    /// shape of its <see cref="OutputColumn"/> (float [batch, Size], bool [batch, 1], int64 [batch, 1]; per-step outputs [batch, time, Size]); the exporter
    /// names them. They must equal the head's <c>Predict</c> on the tape (per-step outputs there are [time, batch, Size]).
    /// </summary>
    IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output);
}

/// <summary>Names of the tensors available to a head.</summary>
/// <param name="Values">The output of the network, float [batch, outputs]; [batch, time, outputs] if per step.</param>
/// <param name="WindowLevel">The level subtracted from the features of each window, in standardized units, float [batch, features]; null without window
/// normalization.</param>
/// <param name="WindowScale">The scale that then divides the features of each window, float [batch, features]; null for none.</param>
/// <param name="InputMean">The mean of the features, float [features] (the network's fixed parameter <c>input.mean</c>); null without standardization.</param>
/// <param name="InputScale">The standard deviation of the features, float [features] (<c>input.scale</c>); null without standardization.</param>
internal sealed record OnnxNetworkOutput(string Values, string? WindowLevel, string? WindowScale, string? InputMean, string? InputScale)
{
    /// <summary>The input of the layers: the standardized and normalized sequences, float [time, batch, features]; null for tokens.</summary>
    public string? Window { get; init; }

    /// <summary>The standardized future features of each forecast step, float [batch, horizon, numbers]; null for none.</summary>
    public string? Future { get; init; }

    /// <summary>Length of each row after the layers, int32 [batch]; null if all rows have all steps.</summary>
    public string? Lengths { get; init; }

    /// <summary>The noise input, standard normal, float [batch, paths x steps]; null for none.</summary>
    public string? Noise { get; init; }

    /// <summary>
    /// Draws paths as <c>NetworkOutput.Draw</c> does: maps normal scores [batch x paths, steps] and the number of paths to values of that shape, in window
    /// space (counts in the unit of the data). Null without a decoder that has a distribution.
    /// </summary>
    public Func<string, int, string>? Draw { get; init; }

    /// <summary>
    /// Decodes latent variables as <c>LatentDecoder.Decode</c> does: maps float [batch, latent] to the means of the features, float [time, batch, features], in
    /// the space of <see cref="Window"/>. Null for any network but an autoencoder.
    /// </summary>
    public Func<string, string>? Decode { get; init; }

    /// <summary>Outputs of the whole sequence, float [batch, n]; null for none.</summary>
    public string? Sequence { get; init; }

    /// <summary>The input token ids, int64 [batch, time]; null for numbers.</summary>
    public string? Tokens { get; init; }
}
