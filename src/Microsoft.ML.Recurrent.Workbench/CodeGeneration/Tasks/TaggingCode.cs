using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Labels the steps of sequences.</summary>
internal sealed class TaggingCode(GeneratedModel model, string className, RowClass input, RowClass output) : TaskCode(model, className, input, output)
{
    private readonly SequenceTrainerOptions _options = (SequenceTrainerOptions)model.Options;

    public override IEnumerable<string> EvaluationMembers() =>
    [
        $$"""
        /// <summary>The metrics of a model on labelled sequences.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="model">The model.</param>
        /// <param name="data">Sequences with labels, best those that the model was not trained on.</param>
        public static SequenceTaggingMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data) =>
            mlContext.MulticlassClassification.EvaluateSequences(TransformUpToTrainer(model, data), {{Literals.Text(_options.LabelColumnName)}});
        """,
        TransformUpToTrainer,
    ];

    public override string PredictSample() => $"""
        var result = {ClassName}.Predict(sampleData);
        Console.WriteLine(string.Join(' ', result.{Output.Property("PredictedLabel").Name}));
        """;
}
