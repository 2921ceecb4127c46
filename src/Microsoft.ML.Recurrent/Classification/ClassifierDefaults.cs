using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>
/// What the options of a classifier that are null stand for, by the kind of its sequences: tokens, or numbers. docs/research/classification.md tells how they
/// were chosen.
/// </summary>
internal static class ClassifierDefaults
{
    /// <summary>With fewer rows, the part that would be held out is too small to choose an epoch by.</summary>
    public const int FewExamples = 500;

    // Characters, and the missing one.
    private const int SmallVocabulary = 257, SmallNgramLength = 4, WordNgramLength = 2;

    private const float Smoothing = 0.1f, TokenDropout = 0.5f, SmallVocabularyDropout = 0.3f, NumberDropout = 0.2f, TokenEmaDecay = 0.99f;

    /// <summary>Sets the options that are null.</summary>
    /// <param name="options">The options of one fit.</param>
    /// <param name="loss">Their loss.</param>
    /// <param name="columns">The columns of the data.</param>
    /// <param name="examples">Rows of the data.</param>
    /// <param name="hasValidation">Whether Fit was given validation data.</param>
    public static void Choose(SequenceTrainerOptions options, ClassificationLossOptions loss, RowColumns columns, int examples, bool hasValidation)
    {
        var (network, tokens) = (options.Network, columns.Vocabulary > 0);
        // Truncated gradients save time only with the last state of one direction.
        network.Bidirectional ??= options.TruncatedBpttSteps is null;
        network.Pooling ??= network.Bidirectional is true ? SequencePooling.Max : SequencePooling.Last;
        var (few, isGiven) = (tokens && columns.Vocabulary <= SmallVocabulary, network.Regularization.DropoutRate is not null);
        network.Regularization.DropoutRate ??= few ? SmallVocabularyDropout : tokens ? TokenDropout : NumberDropout;
        if (tokens)
        {
            network.Regularization.EmbeddingDropoutRate ??= few && !isGiven ? 0 : network.Regularization.DropoutRate;
            options.Optimizer.EmaDecay ??= TokenEmaDecay;
            // A network that can be read step by step stays one.
            options.Features.Ngrams.NgramLength ??= network is { Bidirectional: false, Pooling: SequencePooling.Last, Custom: null } ? 0
                : few ? SmallNgramLength : WordNgramLength;
        }
        // Not with several labels, most of which are false for most rows, and not for characters, which it made worse.
        if (columns.LabelRole is not LabelRole.LabelSet) loss.LabelSmoothing ??= few ? 0 : Smoothing;
        // Who asks for early stopping gets a part to stop by.
        if (!hasValidation && examples < FewExamples && options.Stopping is { Patience: null, Metric: ValidationMetric.Loss })
            options.Stopping.ValidationFraction ??= 0;
        if (!hasValidation && options.Stopping.ValidationFraction is 0) options.Optimizer.LearningRateSchedule ??= LearningRateSchedule.Cosine();
    }
}
