using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>The schema shapes of output columns, as ML.NET's own trainers report them before training.</summary>
internal static class ColumnShapes
{
    private static readonly SchemaShape ScoreAnnotations = new(AnnotationUtils.GetTrainerOutputAnnotation());

    public static SchemaShape.Column Score(string name = DefaultColumnNames.Score) =>
        new(name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false, ScoreAnnotations);

    /// <summary>The scores of a regression, a number or a vector like its label.</summary>
    public static SchemaShape.Column Scores(SchemaShape.Column.VectorKind kind) =>
        new(DefaultColumnNames.Score, kind, NumberDataViewType.Single, false, ScoreAnnotations);

    /// <summary>Numbers without ML.NET annotations.</summary>
    public static SchemaShape.Column Numbers(string name, SchemaShape.Column.VectorKind kind, bool named = false) =>
        new(name, kind, NumberDataViewType.Single, false,
        named ? new SchemaShape(
            [new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]) : null);

    public static SchemaShape.Column Forecast(string name) => new(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
        new SchemaShape([.. ScoreAnnotations,
            new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]));

    /// <summary>The samples of a forecast.</summary>
    public static SchemaShape.Column Samples(string name) =>
        new(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, ScoreAnnotations);

    public static SchemaShape.Column Probability { get; } =
        new(DefaultColumnNames.Probability, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false,
            new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation(isNormalized: true)));

    public static SchemaShape.Column PredictedBoolean { get; } =
        new(DefaultColumnNames.PredictedLabel, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false, ScoreAnnotations);

    /// <summary>A vector of what there is of one label for each of several.</summary>
    public static SchemaShape.Column OfLabels(SchemaShape.Column one, SchemaShape.Column label)
    {
        var hasNames = label.Annotations.TryFindColumn(label.IsKey ? AnnotationUtils.Kinds.KeyValues : AnnotationUtils.Kinds.SlotNames, out _);
        return new(one.Name, SchemaShape.Column.VectorKind.Vector, one.ItemType, false, new SchemaShape(hasNames ? one.Annotations.Append(
            new(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)) : one.Annotations));
    }

    /// <summary>The predicted key, with the key values of the label if it has any.</summary>
    public static SchemaShape.Column PredictedKey(SchemaShape.Column label, string name = DefaultColumnNames.PredictedLabel)
    {
        IEnumerable<SchemaShape.Column> values = label.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out var found) ? [found] : [];
        return new(name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, new SchemaShape([.. ScoreAnnotations, .. values]));
    }

    /// <summary>The predicted keys of the steps, likewise.</summary>
    public static SchemaShape.Column PredictedKeys(SchemaShape.Column label)
    {
        var key = PredictedKey(label);
        return new(key.Name, SchemaShape.Column.VectorKind.VariableVector, key.ItemType, true, key.Annotations);
    }

    /// <summary>The scores of the classes of each step.</summary>
    public static SchemaShape.Column StepScores(SchemaShape.Column label)
    {
        var scores = ClassScores(label);
        return new(scores.Name, SchemaShape.Column.VectorKind.VariableVector, scores.ItemType, false,
            new SchemaShape(scores.Annotations.Where(annotation => annotation.Name != AnnotationUtils.Kinds.SlotNames)));
    }

    public static SchemaShape.Column ClassScores(SchemaShape.Column label) =>
        new(DefaultColumnNames.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
            new SchemaShape(AnnotationUtils.AnnotationsForMulticlassScoreColumn(label)));
}
