namespace Microsoft.ML.Recurrent;

/// <summary>How a tagger chooses the tags of a sequence, and what else it predicts.</summary>
public sealed class TagOptions : IOptionGroup
{
    /// <summary>
    /// Whether a conditional random field (Lafferty et al. 2001; Lample et al. 2016; Ma and Hovy 2016) scores whole paths of tags: it learns which tags follow
    /// each other, and the best path is found by Viterbi's algorithm, in training and in the ONNX graph. It helps where tags depend on each other, as those of
    /// names; each step takes the square of the number of tags. Default: false, a soft-max at each step.
    /// </summary>
    public bool UseConditionalRandomField { get; set; }

    /// <summary>
    /// Whether paths of tags in which <c>I-X</c> follows anything but <c>B-X</c> or <c>I-X</c> are never predicted. The label's key values must be <c>O</c>,
    /// <c>B-...</c> and <c>I-...</c>. It does not change training: labels may have such paths. Default: false.
    /// </summary>
    public bool BioConstraints { get; set; }

    /// <summary>
    /// Whether, after training, the scores of the tag <c>O</c> are shifted by the number from -8 to 8 that gives the best F1 score of the entities of the
    /// validation part (threshold moving; Lipton et al. 2014). A network that is trained by likelihood leaves out most of the entities that it is not sure of,
    /// which costs recall where entities are rare. The shift is part of the bias of the last layer, so scores and probabilities of <c>O</c> include it. It is 0
    /// where a cross-validation over the rows of that part finds no better one, where the part has fewer than 50 entities, and where that layer ("head") is
    /// frozen. It has no effect if there is no validation part, or the label's key values are not <c>O</c>, <c>B-...</c> and <c>I-...</c>. Default: true.
    /// </summary>
    public bool TuneEntityThreshold { get; set; } = true;

    /// <summary>
    /// A key column with a class of the whole sequence, such as the intent beside the slots of a sentence: the network then has a second head, over the maximum
    /// of its states (Liu and Lane 2016), and the model also writes <c>PredictedSequenceLabel</c> and <c>SequenceScore</c>. A missing key is left out of the
    /// loss. Default: null, none.
    /// </summary>
    public string? SequenceLabelColumnName { get; set; }

    /// <summary>The weight of the loss of that class beside the loss of the tags, greater than 0. Default: 1.</summary>
    public float SequenceLossWeight { get; set; } = 1;

    internal void Check()
    {
        var checks = new OptionChecks("Tags");
        checks.ColumnOrNull(SequenceLabelColumnName);
        checks.Positive(SequenceLossWeight);
    }
}
