using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The graphs with which texts are searched for, and what the ids in them mean.</summary>
/// <param name="Decoder">The encoder graph and the step graph.</param>
/// <param name="Identity">Equal for equal graphs.</param>
/// <param name="Source">The source tokens from id 1 on.</param>
/// <param name="Translation">The target tokens, and the options.</param>
internal sealed record TranslationGraphs(TokenDecoderGraphs Decoder, string Identity, LabelManifest Source, TranslationManifest Translation)
{
    /// <summary>The file of the encoder graph.</summary>
    public ModelBytes Encoder { get; } = ModelBytes.Create(Decoder.Encoder, null);

    /// <summary>The file of the step graph.</summary>
    public ModelBytes Step { get; } = ModelBytes.Create(Decoder.Step, null);

    /// <summary>The graphs of a model.</summary>
    /// <param name="model">The model of a translation.</param>
    /// <param name="opset">Their opset.</param>
    /// <param name="precision">Their precision.</param>
    public static TranslationGraphs Create(RecurrentModel model, int opset = OnnxExportOptions.DefaultOpset,
        OnnxPrecision precision = OnnxPrecision.Single) =>
        new(TokenDecoderGraphs.Create(model, opset, precision), model.Identity, model.Manifest.Vocabulary!, model.Manifest.Translation!);
}
