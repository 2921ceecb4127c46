using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// The columns that a model adds to a schema, with the annotations that ML.NET's evaluators and key mappings expect, the same as those of ML.NET's own
/// predictors.
/// </summary>
internal static class OutputColumns
{
    private const string Score = AnnotationUtils.Const.ScoreValueKind.Score;
    private const string Probability = AnnotationUtils.Const.ScoreValueKind.Probability;
    private const string PredictedLabel = AnnotationUtils.Const.ScoreValueKind.PredictedLabel;

    /// <summary>The columns in the order of the manifest. Score sets in a schema are numbered, so the input schema matters.</summary>
    public static DataViewSchema.DetachedColumn[] Create(ModelManifest manifest, DataViewSchema input)
    {
        var set = NextScoreSet(input);
        return [.. manifest.AddedColumns.Select(output => Create(manifest, output, set))];
    }

    private static DataViewSchema.DetachedColumn Create(ModelManifest manifest, OutputColumn output, uint set)
    {
        var task = TaskOf(manifest);
        var answer = Answer(output);
        var annotations = new DataViewSchema.Annotations.Builder();
        if (task.ScoreKind is { } kind)
        {
            annotations.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint value) => value = set);
            AddText(annotations, AnnotationUtils.Kinds.ScoreColumnKind, kind);
            AddText(annotations, AnnotationUtils.Kinds.ScoreValueKind,
                output.Kind is not (OutputKind.Single or OutputKind.Double) ? PredictedLabel : task.IsProbability(answer) ? Probability : Score);
        }
        if (task.IsProbability(answer))
            annotations.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        if (task.LabelOf(manifest, answer) is { Values.Length: > 0 } label)
            AddValues(annotations, output.Kind is OutputKind.Key ? AnnotationUtils.Kinds.KeyValues : AnnotationUtils.Kinds.TrainingLabelValues, label);
        var names = task.SlotNames(manifest, answer);
        if (names.Length > 0) AddTexts(annotations, AnnotationUtils.Kinds.SlotNames, names);
        return new(output.Name, Type(manifest, output), annotations.ToAnnotations());
    }

    /// <summary>The type of an output column. A forecast is a vector even for one step.</summary>
    public static DataViewType Type(ModelManifest manifest, OutputColumn output) => output.Kind switch
    {
        OutputKind.Text when output.Varies => new VectorDataViewType(TextDataViewType.Instance),
        OutputKind.Text => TextDataViewType.Instance,
        OutputKind.Single when output.Varies => new VectorDataViewType(NumberDataViewType.Single),
        OutputKind.Boolean when output.IsVector => new VectorDataViewType(BooleanDataViewType.Instance, output.Size),
        OutputKind.Boolean => BooleanDataViewType.Instance,
        OutputKind.Key when output.PerStep => new VectorDataViewType(new KeyDataViewType(typeof(uint), Classes(manifest, output))),
        OutputKind.Key => new KeyDataViewType(typeof(uint), Classes(manifest, output)),
        OutputKind.Single or OutputKind.Int64 when output.IsScalar => ItemType(manifest, output),
        // One number per step with a varying number of steps is a plain vector.
        OutputKind.Single when output is { Size: 1, IsVector: false } && RecurrentTask.Find(manifest).SingleNumbersAreScalars =>
            output.PerStep ? new VectorDataViewType(NumberDataViewType.Single) : NumberDataViewType.Single,
        OutputKind.Single or OutputKind.Double or OutputKind.Int64 when output.PerStep || output.Steps > 0 =>
            new VectorDataViewType(ItemType(manifest, output), output.Steps, output.Size / Math.Max(output.Steps, 1)),
        OutputKind.Single or OutputKind.Double or OutputKind.Int64 => new VectorDataViewType(ItemType(manifest, output), output.Size),
        _ => throw new InvalidOperationException($"No column type is known for an output of kind {output.Kind}."),
    };

    // A graph may answer in Double where the column is Single, and the other way round.
    private static NumberDataViewType ItemType(ModelManifest manifest, OutputColumn output) => output.Kind is OutputKind.Int64 ? NumberDataViewType.Int64
        : manifest.Forecast is { HasDoubleColumns: true } ? NumberDataViewType.Double : NumberDataViewType.Single;

    // The task and the name that a foreign graph of this library had.
    private static RecurrentTask TaskOf(ModelManifest manifest) => RecurrentTask.Find(manifest.AnswersOf ?? manifest.Task);

    private static OutputColumn Answer(OutputColumn output) => output.Answer is { } name ? output with { Name = name } : output;

    private static int Classes(ModelManifest manifest, OutputColumn key) =>
        TaskOf(manifest).LabelOf(manifest, Answer(key)) is { Values.Length: > 0 } label
            ? label.Values.Length
            : manifest.Outputs.Where(output => output.Kind is OutputKind.Single && output.PerStep == key.PerStep).Max(output => output.Size);

    private static uint NextScoreSet(DataViewSchema input)
    {
        uint greatest = 0;
        foreach (var column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.ScoreColumnSetId) is not { Type: KeyDataViewType type }
                || type.RawType != typeof(uint)) continue;
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
