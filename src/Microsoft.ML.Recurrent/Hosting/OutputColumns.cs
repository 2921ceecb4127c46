using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// The columns that a model adds to a schema, with the annotations by which ML.NET's evaluators, metrics and key mappings know them: the same ones that ML.NET's own
/// predictors of the task write.
/// </summary>
internal static class OutputColumns
{
    private const string Score = AnnotationUtils.Const.ScoreValueKind.Score;
    private const string Probability = AnnotationUtils.Const.ScoreValueKind.Probability;
    private const string PredictedLabel = AnnotationUtils.Const.ScoreValueKind.PredictedLabel;

    /// <summary>The columns in the order of the manifest's outputs. Each set of scores in a schema has a number of its own, so the input's schema matters.</summary>
    public static DataViewSchema.DetachedColumn[] Create(ModelManifest manifest, DataViewSchema input)
    {
        var set = NextScoreSet(input);
        return [.. manifest.Outputs.Select(output => Create(manifest, output, set))];
    }

    private static DataViewSchema.DetachedColumn Create(ModelManifest manifest, OutputColumn output, uint set)
    {
        // What a foreign model's numbers mean is not known here.
        if (manifest.Task is ModelTask.Foreign) return new(output.Name, Type(manifest, output));
        if (manifest.Task is ModelTask.LanguageModel) return new(output.Name, Type(manifest, output), TokenNames(manifest, output));
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint value) => value = set);
        AddText(annotations, AnnotationUtils.Kinds.ScoreColumnKind, manifest.Task switch
        {
            ModelTask.Regression => AnnotationUtils.Const.ScoreColumnKind.Regression,
            ModelTask.Binary => AnnotationUtils.Const.ScoreColumnKind.BinaryClassification,
            ModelTask.Multiclass => AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification,
            ModelTask.Forecasting => AnnotationUtils.Const.ScoreColumnKind.MultiOutputRegression,
            _ => throw new InvalidOperationException($"No columns are known for the task {manifest.Task}."),
        });
        AddText(annotations, AnnotationUtils.Kinds.ScoreValueKind, output.Kind is not OutputKind.Single ? PredictedLabel : output.Name == Probability ? Probability : Score);
        if (manifest.Task is ModelTask.Binary && output.Name == Probability)
            annotations.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        if (manifest.Task is ModelTask.Multiclass && manifest.Label is { Values.Length: > 0 } label)
        {
            if (output.Kind is OutputKind.Key) AddValues(annotations, AnnotationUtils.Kinds.KeyValues, label);
            else
            {
                AddValues(annotations, AnnotationUtils.Kinds.TrainingLabelValues, label);
                if (label.Kind is LabelKind.Text) AddTexts(annotations, AnnotationUtils.Kinds.SlotNames, label.Values);
            }
        }
        if (manifest.Forecast is { } forecast && output.Steps == 0) AddTexts(annotations, AnnotationUtils.Kinds.SlotNames, StepNames(forecast, output.Size));
        return new(output.Name, Type(manifest, output), annotations.ToAnnotations());
    }

    /// <summary>The type of an output's column. A forecast is a vector even where it is of one step.</summary>
    public static DataViewType Type(ModelManifest manifest, OutputColumn output) => output.Kind switch
    {
        OutputKind.Boolean => BooleanDataViewType.Instance,
        OutputKind.Key => new KeyDataViewType(typeof(uint), Classes(manifest)),
        // One number at each step of a varying number of them is a plain vector.
        OutputKind.Single when manifest.Task is ModelTask.LanguageModel && output.PerStep => new VectorDataViewType(NumberDataViewType.Single),
        OutputKind.Single or OutputKind.Int64 when output.PerStep || output.Steps > 0 => new VectorDataViewType(ItemType(output), output.Steps, output.Size / Math.Max(output.Steps, 1)),
        OutputKind.Int64 => new VectorDataViewType(NumberDataViewType.Int64, output.Size),
        OutputKind.Single when output.Size == 1 && manifest.Task is ModelTask.Regression or ModelTask.Binary or ModelTask.LanguageModel => NumberDataViewType.Single,
        OutputKind.Single => new VectorDataViewType(NumberDataViewType.Single, output.Size),
        _ => throw new InvalidOperationException($"No column type is known for an output of kind {output.Kind}."),
    };

    private static NumberDataViewType ItemType(OutputColumn output) => output.Kind is OutputKind.Int64 ? NumberDataViewType.Int64 : NumberDataViewType.Single;

    private static int Classes(ModelManifest manifest) =>
        manifest.Label is { Values.Length: > 0 } label ? label.Values.Length : manifest.Outputs.Where(output => output.Kind is OutputKind.Single).Max(output => output.Size);

    private static ImmutableArray<string> StepNames(ForecastManifest forecast, int size)
    {
        var targets = forecast.Targets.Length;
        return targets <= 1 || size != forecast.Horizon * targets
            ? [.. Enumerable.Range(1, size).Select(step => string.Create(CultureInfo.InvariantCulture, $"t+{step}"))]
            : [.. Enumerable.Range(0, size).Select(i => string.Create(CultureInfo.InvariantCulture, $"{forecast.Targets[i % targets]} t+{i / targets + 1}"))];
    }

    // The tokens that may follow: those of the keys, then the markers that the model knows besides.
    private static DataViewSchema.Annotations? TokenNames(ModelManifest manifest, OutputColumn output)
    {
        if (manifest.Vocabulary is not { Kind: LabelKind.Text } vocabulary || output.PerStep || output.Size < vocabulary.Values.Length) return null;
        var annotations = new DataViewSchema.Annotations.Builder();
        AddTexts(annotations, AnnotationUtils.Kinds.SlotNames, [.. vocabulary.Values, .. Enumerable.Repeat(manifest.Language!.EndOfSentenceText!, output.Size - vocabulary.Values.Length)]);
        return annotations.ToAnnotations();
    }

    private static uint NextScoreSet(DataViewSchema input)
    {
        uint greatest = 0;
        foreach (var column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.ScoreColumnSetId) is not { Type: KeyDataViewType type } || type.RawType != typeof(uint)) continue;
            uint value = 0;
            column.Annotations.GetValue(AnnotationUtils.Kinds.ScoreColumnSetId, ref value);
            greatest = Math.Max(greatest, value);
        }
        return greatest + 1;
    }

    private static void AddText(DataViewSchema.Annotations.Builder annotations, string kind, string text) =>
        annotations.Add(kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text.AsMemory());

    private static void AddTexts(DataViewSchema.Annotations.Builder annotations, string kind, ImmutableArray<string> texts) =>
        AddVector(annotations, kind, TextDataViewType.Instance, [.. texts.Select(text => text.AsMemory())]);

    private static void AddValues(DataViewSchema.Annotations.Builder annotations, string kind, LabelManifest label)
    {
        switch (label.Kind)
        {
            case LabelKind.Text: AddTexts(annotations, kind, label.Values); break;
            case LabelKind.Boolean: AddVector(annotations, kind, BooleanDataViewType.Instance, [.. label.Values.Select(bool.Parse)]); break;
            case LabelKind.Single: Add<float>(NumberDataViewType.Single); break;
            case LabelKind.Double: Add<double>(NumberDataViewType.Double); break;
            case LabelKind.Byte: Add<byte>(NumberDataViewType.Byte); break;
            case LabelKind.UInt16: Add<ushort>(NumberDataViewType.UInt16); break;
            case LabelKind.UInt32: Add<uint>(NumberDataViewType.UInt32); break;
            case LabelKind.UInt64: Add<ulong>(NumberDataViewType.UInt64); break;
            case LabelKind.Int32: Add<int>(NumberDataViewType.Int32); break;
            case LabelKind.Int64: Add<long>(NumberDataViewType.Int64); break;
            default: throw new InvalidOperationException($"No annotation is known for labels of kind {label.Kind}.");
        }

        void Add<T>(PrimitiveDataViewType type) where T : IParsable<T> =>
            AddVector(annotations, kind, type, [.. label.Values.Select(value => T.Parse(value, CultureInfo.InvariantCulture))]);
    }

    private static void AddVector<T>(DataViewSchema.Annotations.Builder annotations, string kind, PrimitiveDataViewType type, T[] values) =>
        annotations.Add(kind, new VectorDataViewType(type, values.Length), (ref VBuffer<T> value) => new VBuffer<T>(values.Length, values).CopyTo(ref value));
}
