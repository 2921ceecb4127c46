using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;

/// <summary>The class of sequences of numbers.</summary>
public sealed class ClassificationScenario : Scenario
{
    /// <inheritdoc/>
    public override string Name => "classification";

    /// <inheritdoc/>
    public override string Summary => "Classifies sequences of numbers: sensors, gestures, sounds.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.Classification;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
        SequenceLayout.Options("The column of the class. Default for a file of sequences: its label.");

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent classification --dataset gestures.csv --label-col Gesture --series-col Recording --time-col Time --train-time 60",
        "mlrecurrent classification --dataset JapaneseVowels_TRAIN.ts --test-dataset JapaneseVowels_TEST.ts --output out",
    ];

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var layout = SequenceLayout.Read(request);
        // Classes and series may be numbers.
        string[] names = [layout.Label, .. layout.Series is null ? [] : new[] { layout.Series }];
        var training = request.Training.WithTexts(names);
        request = request with
        {
            Training = training,
            Validation = request.Validation?.WithTexts(names).Like(training),
            Test = request.Test?.WithTexts(names).Like(training)
        };
        var grouping = layout.Grouping();
        var parts = RandomParts.Create(mlContext, request, Prepare);
        var (before, after) = ClassPlan.LabelSteps(layout.Label);
        var options = new RecurrentMulticlassTrainer.Options
        {
            LabelColumnName = ClassPlan.Key, FeatureColumnName = SequenceLayout.Sequence,
            Seed = request.Seed
        };
        return new ClassPlan(this, mlContext, request, layout.Label, layout.Series is null ? [] : [layout.Series],
            table => Prepare(table.WithTexts(names).Like(training)), ("Maximum entropy on means and spreads", Baseline))
        {
            Columns = layout.Uses(training.View.Schema, request.IgnoredColumns),
            Notes = [layout.Note()],
            Preparation = grouping is null ? [] : [grouping],
            Parts = parts,
            Metric = new("MicroAccuracy", HigherIsBetter: true),
            Pipeline = new([.. layout.Concatenation() is { } step ? new[] { step } : [], before],
                TrainerStep.Create<RecurrentMulticlassTrainer.Options, RecurrentMulticlassTransformer>(
                    "mlContext.MulticlassClassification.Trainers.RecurrentNetwork", options,
                    static (mlContext, options) => mlContext.MulticlassClassification.Trainers.RecurrentNetwork(options)), [after]),
        };

        IDataView Prepare(ScenarioTable table) => grouping?.Apply(mlContext, table.View) ?? table.View;

        IEstimator<ITransformer> Baseline(MLContext context, IDataView rows, string key)
        {
            var concatenation = layout.Concatenation()?.Create(context);
            var type = (concatenation?.Fit(rows).Transform(rows) ?? rows).Schema[SequenceLayout.Sequence].Type;
            var summary = SequenceSummary.Create(context, type);
            return (concatenation?.Append(summary)
                ?? summary).Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(key, SequenceSummary.Column));
        }
    }
}
