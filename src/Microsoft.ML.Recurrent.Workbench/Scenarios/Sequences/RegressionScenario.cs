using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;

/// <summary>A number for sequences of numbers.</summary>
public sealed class RegressionScenario : Scenario
{
    /// <inheritdoc/>
    public override string Name => "regression";

    /// <inheritdoc/>
    public override string Summary => "Predicts a number from sequences of numbers: wear, remaining life, demand.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.Regression;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
        SequenceLayout.Options("The column of the number. Default for a file of sequences: its label.");

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent regression --dataset engines.csv --label-col RemainingCycles --series-col Engine --time-col Cycle --train-time 120",
        "mlrecurrent regression --dataset Covid3Month_TRAIN.ts --test-dataset Covid3Month_TEST.ts --output out",
    ];

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var layout = SequenceLayout.Read(request);
        if (!request.IsForPrediction) CheckLabel(request.Training, layout.Label);
        string[] names = layout.Series is null ? [] : [layout.Series];
        var training = request.Training.WithTexts(names);
        request = request with
        {
            Training = training,
            Validation = request.Validation?.WithTexts(names).Like(training),
            Test = request.Test?.WithTexts(names).Like(training)
        };
        var grouping = layout.Grouping();
        var parts = RandomParts.Create(mlContext, request, Prepare);
        var options = new RecurrentRegressionTrainer.Options
        {
            LabelColumnName = layout.Label, FeatureColumnName = SequenceLayout.Sequence,
            Seed = request.Seed
        };
        return new RegressionPlan(this, mlContext, request, layout, table => Prepare(table.WithTexts(names).Like(training)))
        {
            Columns = layout.Uses(training.View.Schema, request.IgnoredColumns),
            Notes = [layout.Note()],
            Preparation = grouping is null ? [] : [grouping],
            Parts = parts,
            Metric = new("RMSE", HigherIsBetter: false),
            Pipeline = new(layout.Concatenation() is { } step ? [step] : [],
                TrainerStep.Create<RecurrentRegressionTrainer.Options, RecurrentRegressionTransformer>("mlContext.Regression.Trainers.RecurrentNetwork",
                    options,
                    static (mlContext, options) => mlContext.Regression.Trainers.RecurrentNetwork(options)), []),
        };

        IDataView Prepare(ScenarioTable table) => grouping?.Apply(mlContext, table.View) ?? table.View;
    }

    private static void CheckLabel(ScenarioTable table, string label)
    {
        if (table.Profile is null)
        {
            if (table.View.Schema[label].Type is TextDataViewType)
                throw new ArgumentException(
                    $"The label of '{table.Path}' is a text: a regression needs numbers. Classes are predicted by 'mlrecurrent classification'.");
            return;
        }
        var column = table.Profile.Columns.First(column => column.Name == label);
        if (column.Kind is ColumnKind.Number) return;
        throw new ArgumentException(
            $"The column '{label}' of '{table.Path}' holds {ColumnContent.Describe(column)}"
            + ": a regression needs numbers. Classes are predicted by 'mlrecurrent classification'.");
    }
}
