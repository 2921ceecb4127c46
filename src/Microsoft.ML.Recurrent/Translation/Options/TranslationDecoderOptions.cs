using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The decoder of a translation, which writes the target token by token, and the embeddings of both sides. It has as many recurrent layers as the encoder, of
/// the same kind, with its dropout.
/// </summary>
public sealed class TranslationDecoderOptions : IOptionGroup
{
    /// <summary>
    /// Size of the state of each of the decoder's layers, at least 1. Default: null, that of the encoder's states: twice
    /// <see cref="NetworkOptions.HiddenSize"/> where the encoder has two directions.
    /// </summary>
    public int? HiddenSize { get; set; }

    /// <summary>
    /// How the decoder attends to the encoder's states (Luong et al. 2015; Bahdanau et al. 2015); null for no attention: the last states of the encoder then
    /// hold all that the decoder knows of the source. Default: <see cref="AttentionForm.General"/>.
    /// </summary>
    public AttentionForm? Attention { get; set; } = AttentionForm.General;

    /// <summary>For <see cref="AttentionForm.Additive"/>: hidden units, at least 1. Default: null, the size of the decoder's state.</summary>
    public int? AttentionUnits { get; set; }

    /// <summary>
    /// Whether the attentional vector of a step is fed to the next one (Luong et al. 2015), so that the decoder knows what it has attended to. Needs
    /// <see cref="Attention"/>. Training then goes step by step, which takes longer. Default: false.
    /// </summary>
    public bool InputFeeding { get; set; }

    /// <summary>Size of the embedding of a source token, at least 1. Default: 256.</summary>
    public int SourceEmbeddingSize { get; set; } = 256;

    /// <summary>Size of the embedding of a target token, at least 1. Default: 256.</summary>
    public int TargetEmbeddingSize { get; set; } = 256;

    /// <summary>
    /// Whether the output layer uses the embeddings of the target tokens (Press and Wolf 2017): fewer parameters, and often a better model. If embedding and
    /// output differ in size, a dense layer maps one to the other. Default: false.
    /// </summary>
    public bool TieEmbeddings { get; set; }

    /// <summary>
    /// The share of the target probability that goes to all tokens alike in training (label smoothing, Szegedy et al. 2016), from 0 up to, but not including,
    /// 1. Validation losses do not have it. Default: 0.1.
    /// </summary>
    public float LabelSmoothing { get; set; } = 0.1f;

    /// <summary>
    /// How often a training step is fed the target token before it instead of the decoder's own most likely one (scheduled sampling, Bengio et al. 2015).
    /// Anything below 1 makes training go step by step, which takes longer. Default: null, always.
    /// </summary>
    public TeacherForcing? TeacherForcing { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks("Decoder");
        checks.AtLeastOne(HiddenSize);
        checks.Defined<AttentionForm>(Attention);
        checks.AtLeastOne(AttentionUnits);
        checks.AtLeastOne(SourceEmbeddingSize);
        checks.AtLeastOne(TargetEmbeddingSize);
        checks.Fraction(LabelSmoothing);
        if (AttentionUnits is not null && Attention is not AttentionForm.Additive)
            throw checks.Refused(nameof(AttentionUnits), $"goes with {nameof(AttentionForm)}.{nameof(AttentionForm.Additive)} alone: leave it null.");
        if (InputFeeding && Attention is null)
        {
            throw checks.Refused(nameof(InputFeeding),
                "feeds what the decoder has attended to, but Decoder.Attention is null: choose a form, or leave it false.");
        }
    }
}
