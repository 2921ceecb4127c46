using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>Language modeling: the probability of each token given the previous ones.</summary>
internal sealed class LanguageModelTask : RecurrentTask
{
    public static readonly LanguageModelTask Instance = new();

    public override ModelTask Name => ModelTask.LanguageModel;

    public override bool SingleNumbersAreScalars => true;

    // The tokens that may follow: the keys, then the markers of the model.
    public override ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output) =>
        manifest.Vocabulary is not { Kind: LabelKind.Text } vocabulary || output.PerStep || output.Size < vocabulary.Values.Length ? []
            : [.. vocabulary.Values, .. Enumerable.Repeat(manifest.Language!.EndOfSentenceText!, output.Size - vocabulary.Values.Length)];

    public override (ModelProto Graph, ModelManifest Manifest) StepForm(RecurrentModel model) => NextTokenHead.Create(model);

    public override KeyMap? MapOutputs(int known, int wanted, ModelManifest there, ModelManifest here, KeyMap? tokens) => tokens;
}
