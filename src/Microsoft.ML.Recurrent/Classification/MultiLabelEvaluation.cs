using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>Compares several binary labels of each row with those predicted.</summary>
internal static class MultiLabelEvaluation
{
    public static MultiLabelMetrics Run(IDataView data, string labelName, string predictedName, string probabilityName)
    {
        var label = LabelReader.ResolveSet(data.Schema, labelName);
        var (predicted, probability) = (Columns.Find(data.Schema, predictedName, "predicted label"), Columns.Find(data.Schema, probabilityName, "probability"));
        if (predicted.Type is not VectorDataViewType { ItemType: BooleanDataViewType, IsKnownSize: true } answers)
            throw ColumnErrors.Mismatch("predicted label", predictedName, "Vector<Boolean, n>", predicted.Type.ToString()!);
        if (probability.Type is not VectorDataViewType { ItemType: NumberDataViewType } scores || scores.Size != answers.Size)
            throw ColumnErrors.Mismatch("probability", probabilityName, $"Vector<Single, {answers.Size}>", probability.Type.ToString()!);
        // The labels that the model knows, matched by name where both sides have names, and those that the data have besides.
        var (here, there) = (LabelSetReader.Names(label)?.Values ?? [], LabelReader.SlotNames(predicted));
        var byName = here.Length > 0 && there.Length > 0;
        if (!byName && LabelSetReader.Count(label) != answers.Size)
        {
            throw ColumnErrors.Mismatch("label", labelName, $"{answers.Size} labels, as the column '{predictedName}' has", label.Type.ToString()!,
                "Without names of the labels they are matched by their order.");
        }
        var names = (byName ? there.Concat(here.Except(there, StringComparer.Ordinal))
            : there.Length > 0 ? there : here.Length > 0 ? here : Enumerable.Range(0, answers.Size).Select(i => i.ToString(CultureInfo.InvariantCulture)))
            .ToArray();
        var places = (byName ? here.Select(name => Array.IndexOf(names, name)) : Enumerable.Range(0, names.Length)).ToArray();
        var (labeled, called, hits) = (new long[names.Length], new long[names.Length], new long[names.Length]);
        var ranked = names.Select(_ => new List<(float, bool, double)>()).ToArray();
        var (wanted, found) = (new float[LabelSetReader.Count(label)], new float[answers.Size]);
        long rows = 0, exact = 0, wrong = 0, known = 0;
        using var cursor = data.GetRowCursor([label, predicted, probability]);
        var (readLabels, readFound, readScores) =
            (LabelSetReader.Create(cursor, label), LabelSetReader.Create(cursor, predicted), NumberVector.Open(cursor, probability));
        while (cursor.MoveNext())
        {
            readLabels.Read(wanted);
            readFound.Read(found);
            readScores.Read();
            // Labels that the data do not have are false.
            var labels = new float[names.Length];
            for (var i = 0; i < wanted.Length; i++) labels[places[i]] = wanted[i];
            var errors = 0;
            for (var i = 0; i < labels.Length; i++)
            {
                if (float.IsNaN(labels[i])) continue;
                var (isTrue, isCalled) = (labels[i] == 1, i < found.Length && found[i] == 1);
                known++;
                if (isTrue != isCalled) errors++;
                if (isTrue) labeled[i]++;
                if (isCalled) called[i]++;
                if (isTrue && isCalled) hits[i]++;
                if (i < found.Length) ranked[i].Add((readScores.Values[i], isTrue, 1));
            }
            rows++;
            wrong += errors;
            if (errors == 0) exact++;
        }
        return new(rows, exact, wrong, known,
            [.. names.Select((name, i) => new LabelMetrics(name, labeled[i], called[i], hits[i], AucMetric.Area(ranked[i])))]);
    }
}
