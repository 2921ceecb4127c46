using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Classifies rows.</summary>
internal sealed class ClassCode(GeneratedModel model, string className, RowClass input, RowClass output, string catalog)
    : TaskCode(model, className, input, output)
{
    private const string Score = "Score", PredictedLabel = "PredictedLabel";

    private readonly SequenceTrainerOptions _options = (SequenceTrainerOptions)model.Options;

    private bool HasLabels => OutputColumn(Score) is { Type: VectorDataViewType } score && score.HasSlotNames();

    public override IEnumerable<string> ConsumptionMembers()
    {
        foreach (var member in base.ConsumptionMembers()) yield return member;
        if (!HasLabels) yield break;
        yield return $$"""
            /// <summary>The probabilities of all labels for one row, the most probable first.</summary>
            /// <param name="input">The row; its label is not read.</param>
            public static IReadOnlyList<KeyValuePair<string, float>> PredictAllLabels(ModelInput input) => GetSortedScoresWithLabels(Predict(input));
            """;
        yield return $$"""
            /// <summary>The labels with their probabilities in an answer of the model, the most probable first.</summary>
            /// <param name="result">The answer.</param>
            public static IReadOnlyList<KeyValuePair<string, float>> GetSortedScoresWithLabels(ModelOutput result) =>
                [.. GetLabels().Zip(result.{{Output.Property(Score).Name}}, KeyValuePair.Create).OrderByDescending(pair => pair.Value)];
            """;
        yield return $$"""
            /// <summary>The labels in the order of the scores.</summary>
            public static IReadOnlyList<string> GetLabels() => s_labels.Value;
            """;
        yield return $$"""
            private static readonly Lazy<string[]> s_labels = new(() =>
            {
                var schema = Model.Value.GetOutputSchema(s_mlContext.Data.LoadFromEnumerable(Array.Empty<ModelInput>()).Schema);
                VBuffer<ReadOnlyMemory<char>> names = default;
                schema[{{Literals.Text(Score)}}].GetSlotNames(ref names);
                return [.. names.DenseValues().Select(name => name.ToString())];
            });
            """;
    }

    public override IEnumerable<string> EvaluationMembers()
    {
        var metrics = catalog == nameof(MLContext.BinaryClassification) ? nameof(CalibratedBinaryClassificationMetrics)
            : nameof(MulticlassClassificationMetrics);
        yield return $$"""
            /// <summary>The metrics of a model on labelled rows.</summary>
            /// <param name="mlContext">The context.</param>
            /// <param name="model">The model.</param>
            /// <param name="data">Rows with labels, best those that the model was not trained on.</param>
            public static {{metrics}} Evaluate(MLContext mlContext, ITransformer model, IDataView data) =>
                mlContext.{{catalog}}.Evaluate(TransformUpToTrainer(model, data), {{Literals.Text(_options.LabelColumnName)}});
            """;
        yield return TransformUpToTrainer;
    }

    public override string PredictSample()
    {
        var label = Output.Properties.Any(static property => property.Column == PredictedLabel) ? Output.Property(PredictedLabel).Name : null;
        return $$"""
            var result = {{ClassName}}.Predict(sampleData);
            """
            + (label is null ? "" : $"\nConsole.WriteLine($\"Predicted label: {{result.{label}}}\");")
            + (HasLabels ? $$"""

                foreach (var (label, score) in {{ClassName}}.GetSortedScoresWithLabels(result).Take(10))
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {label}: {score:0.0000}"));
                """ : "");
    }

    public override string Print(string metrics) => $$"""
        var metrics = {{metrics}};
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{(catalog == nameof(MLContext.BinaryClassification)
            ? "Accuracy {metrics.Accuracy:0.0000}, AUC {metrics.AreaUnderRocCurve:0.0000}, F1 {metrics.F1Score:0.0000}"
            : "Micro accuracy {metrics.MicroAccuracy:0.0000}, macro accuracy {metrics.MacroAccuracy:0.0000}, log loss {metrics.LogLoss:0.0000}")}}"));
        """;

    public override string MapEndpoints() => base.MapEndpoints() + (HasLabels ? $"""

        app.MapPost("/predict/all", ({ClassName}.ModelInput input) => {ClassName}.PredictAllLabels(input));
        """ : "");
}
