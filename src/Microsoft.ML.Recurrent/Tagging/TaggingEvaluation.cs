using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>Compares the tags of a data view with those predicted.</summary>
internal static class TaggingEvaluation
{
    public static SequenceTaggingMetrics Run(IDataView data, string labelName, string predictedName)
    {
        var (label, predicted) = (Columns.Keys(data.Schema, labelName, "label"), Columns.Keys(data.Schema, predictedName, "predicted label"));
        // Tags of both, matched by their key values where both have them.
        var (here, there) = (LabelReader.KeyValues(label), LabelReader.KeyValues(predicted));
        var names = here is not null && there is not null
            ? there.Values.AddRange(here.Values.Except(there.Values, StringComparer.Ordinal))
            : Enumerable.Range(1, (int)Math.Max(Count(label), Count(predicted))).Select(key => key.ToString(CultureInfo.InvariantCulture)).ToImmutableArray();
        int[] ids = here is null || there is null
            ? [.. Enumerable.Range(0, names.Length)]
            : [.. here.Values.Select(value => names.IndexOf(value))];
        var entities = EntityTags.Create(names);
        var classes = entities is null ? names : entities.Types.Insert(0, "O");
        var confusion = new long[classes.Length, classes.Length];
        var counter = entities is null ? null : new EntityCounter(entities);
        long tokens = 0, correct = 0;
        using var cursor = data.GetRowCursor([label, predicted]);
        var (readLabels, readPredicted) = (StepLabelReader.Create(cursor, label), StepLabelReader.Create(cursor, predicted));
        while (cursor.MoveNext())
        {
            var (labels, answers) = (readLabels.Read().ToArray(), readPredicted.Read().ToArray());
            if (labels.Length != answers.Length)
            {
                throw ColumnErrors.Value("predicted label", predicted.Name, cursor.Position,
                    $"{ColumnErrors.Holds(answers.Length, "tags")}, but the column '{label.Name}' holds {labels.Length}: both must be of the same steps.");
            }
            for (var t = 0; t < labels.Length; t++)
            {
                // A step without a label is not counted, whatever its prediction.
                (labels[t], answers[t]) = labels[t] < 0 ? (-1, -1) : (ids[labels[t]], answers[t]);
                if (labels[t] < 0) continue;
                tokens++;
                if (labels[t] == answers[t]) correct++;
                if (entities is not null) confusion[entities.TypeOf(labels[t]) + 1, entities.TypeOf(answers[t]) + 1]++;
                else if (answers[t] >= 0) confusion[labels[t], answers[t]]++;
            }
            counter?.Add(labels, answers);
        }
        return new(tokens, correct,
            entities is null
                ? []
                : [.. entities.Types.Select((type,
                    i) => new EntityMetrics(type, (long)counter!.Labeled[i], (long)counter.Predicted[i], (long)counter.Correct[i]))],
            classes, [.. Enumerable.Range(0, classes.Length).Select(i => Enumerable.Range(0, classes.Length).Select(j => confusion[i, j]).ToImmutableArray())]);
    }

    private static ulong Count(DataViewSchema.Column column) => ((KeyDataViewType)Columns.ItemType(column.Type)).Count;
}
