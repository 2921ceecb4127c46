using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Autoencoding;

/// <summary>Autoencoding: the code of a sequence, what is decoded of it, and how much that differs. The outputs come in this order.</summary>
internal sealed class AutoencodingTask : RecurrentTask
{
    public static readonly AutoencodingTask Instance = new();

    public override ModelTask Name => ModelTask.Autoencoding;

    public override bool SingleNumbersAreScalars => true;

    /// <summary>The columns that the model writes.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="latent">Latent variables.</param>
    /// <param name="time">Steps of a row; null if they vary.</param>
    /// <param name="features">Numbers of a step.</param>
    public static ImmutableArray<OutputColumn> Outputs(AutoencoderOutputOptions names, int latent, int? time, int features) =>
    [
        new(names.LatentColumnName, OutputKind.Single, latent) { IsVector = true },
        time is { } steps
            ? new(names.ReconstructionColumnName, OutputKind.Single, checked(steps * features)) { Steps = steps, IsVector = true }
            : new(names.ReconstructionColumnName, OutputKind.Single, features) { PerStep = true },
        new(names.ReconstructionErrorColumnName, OutputKind.Single),
    ];

    public override Head? ScoringHead(RecurrentModel model, Network network) => network.Latent is null || model.Manifest.Outputs.Length != 3
        ? null
        : new AutoencodingHead(network, [.. model.Manifest.Inputs.SelectMany(OriginsOf)]);

    /// <summary>What is subtracted from the numbers of a column before the network reads them.</summary>
    public static IEnumerable<float> OriginsOf(InputColumn input) => input.Origins.IsEmpty ? Enumerable.Repeat(0f, input.Features) : input.Origins;

    public override (ModelProto Graph, ModelManifest Manifest) StepForm(RecurrentModel model) => throw new NotSupportedException(
        "An autoencoder reads the whole sequence before it answers, so it cannot be scored step by step: give whole sequences.");
}
