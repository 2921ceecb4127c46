using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Metrics of a tagger. Where all labels are <c>O</c>, <c>B-TYPE</c> or <c>I-TYPE</c> (also <c>E-</c> and <c>S-</c>), entities are counted as by conlleval, the
/// script of the CoNLL shared tasks: one begins at B, at I after O, and where the type changes.
/// </summary>
public sealed class SequenceTaggingMetrics
{
    internal SequenceTaggingMetrics(long tokens, long correct, ImmutableArray<EntityMetrics> types, ImmutableArray<string> classes,
        ImmutableArray<ImmutableArray<long>> confusion)
    {
        (Tokens, TokenAccuracy, EntitiesByType, Classes, ConfusionCounts) =
            (tokens, tokens == 0 ? double.NaN : (double)correct / tokens, types, classes, confusion);
        if (!types.IsEmpty) Entities = new(null, types.Sum(type => type.Labeled), types.Sum(type => type.Predicted), types.Sum(type => type.Correct));
    }

    /// <summary>The steps with a label.</summary>
    public long Tokens { get; }

    /// <summary>The share of these steps whose predicted tag is their label; NaN without any.</summary>
    public double TokenAccuracy { get; }

    /// <summary>All entities; null if the labels are not tags of entities, as parts of speech are not.</summary>
    public EntityMetrics? Entities { get; }

    /// <summary>The entities of each type, in ordinal order; empty if <see cref="Entities"/> is null.</summary>
    public ImmutableArray<EntityMetrics> EntitiesByType { get; }

    /// <summary>The rows and columns of <see cref="ConfusionCounts"/>: O, then the types of entities; or the tags, if they are not those of entities.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>Steps by the class of their label (first index) and of their prediction (second index).</summary>
    public ImmutableArray<ImmutableArray<long>> ConfusionCounts { get; }

    /// <summary>A table in the style of conlleval.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Tokens} tokens, accuracy {TokenAccuracy:P2}");
        foreach (var entity in Entities is null ? [] : EntitiesByType.Prepend(Entities))
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture,
                $"{entity.Type ?? "all entities",20}: precision {entity.Precision:P2}, recall {entity.Recall:P2}, F1 {entity.F1Score:P2} ");
            text.Append(CultureInfo.InvariantCulture, $"({entity.Labeled} labeled, {entity.Predicted} predicted, {entity.Correct} correct)");
        }
        return text.ToString();
    }
}
