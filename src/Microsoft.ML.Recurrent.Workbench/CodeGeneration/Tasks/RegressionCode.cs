using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Predicts numbers of rows.</summary>
internal sealed class RegressionCode(GeneratedModel model, string className, RowClass input, RowClass output) : TaskCode(model, className, input, output)
{
    private const string Score = "Score", Observed = "ObservedScore";

    private readonly SequenceTrainerOptions _options = (SequenceTrainerOptions)model.Options;

    private bool IsVector => OutputColumn(Score) is { Type: VectorDataViewType };

    public override IEnumerable<string> EvaluationMembers()
    {
        var (metrics, method) = IsVector ? (nameof(MultiOutputRegressionMetrics), nameof(RegressionEvaluationCatalog.EvaluateMultiOutput))
            : (nameof(RegressionMetrics), nameof(RegressionCatalog.Evaluate));
        var label = _options.LabelColumnName;
        return
        [
            $$"""
            /// <summary>The metrics of a model on labelled rows.</summary>
            /// <param name="mlContext">The context.</param>
            /// <param name="model">The model.</param>
            /// <param name="data">Rows with labels, best those that the model was not trained on.</param>
            public static {{metrics}} Evaluate(MLContext mlContext, ITransformer model, IDataView data) =>
                {{(label == Score
                    // The answers hide a label of their name.
                    ? $"mlContext.Regression.{method}(model.Transform(mlContext.Transforms.CopyColumns({Literals.Text(Observed)}, {Literals.Text(label)})"
                        + $".Fit(data).Transform(data)), {Literals.Text(Observed)});"
                    : $"mlContext.Regression.{method}(model.Transform(data), {Literals.Text(label)});")}}
            """,
        ];
    }

    public override string Print(string metrics) => IsVector ? base.Print(metrics) : $$"""
        var metrics = {{metrics}};
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"RMSE {metrics.RootMeanSquaredError:G6}, MAE {metrics.MeanAbsoluteError:G6}, R2 {metrics.RSquared:0.0000}"));
        """;

    public override string PredictSample()
    {
        var score = Output.Property(Score);
        var text = score.TypeName.EndsWith(']') ? $"string.Join(\", \", result.{score.Name})" : $"result.{score.Name}";
        return $"""
            var result = {ClassName}.Predict(sampleData);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Prediction: {"{" + text + "}"}"));
            """;
    }
}
