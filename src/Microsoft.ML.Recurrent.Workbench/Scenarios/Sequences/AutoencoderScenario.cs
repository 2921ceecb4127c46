using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;

/// <summary>Codes of sequences of numbers, without labels.</summary>
public sealed class AutoencoderScenario : Scenario
{
    /// <summary>The option of the size of the code.</summary>
    public const string SizeOption = "--latent-size";

    /// <inheritdoc/>
    public override string Name => "autoencoder";

    /// <inheritdoc/>
    public override string Summary => "Learns codes of sequences of numbers without labels, draws new sequences, and measures how unlike the others one is.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.Autoencoder;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
        [.. SequenceLayout.Unlabeled, new(SizeOption, ScenarioOptionKind.Count, "Numbers of the code of a sequence. Default: 16.")];

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent autoencoder --dataset heartbeats.csv --latent-size 8 --train-time 120 --output out",
        "mlrecurrent autoencoder --dataset engines.csv --series-col Engine --time-col Cycle",
    ];

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var layout = SequenceLayout.Read(request, isLabeled: false);
        request.Refuse(AutoencoderPlan.Made, layout.Series);
        string[] names = layout.Series is null ? [] : [layout.Series];
        var training = request.Training.WithTexts(names);
        request = request with
        {
            Training = training,
            Validation = request.Validation?.WithTexts(names).Like(training),
            Test = request.Test?.WithTexts(names).Like(training)
        };
        var grouping = layout.Grouping();
        var options = new RecurrentAutoencoderTrainer.Options { InputColumnName = SequenceLayout.Sequence, Seed = request.Seed };
        if (request.Count(SizeOption) is { } size) options.Latent.Size = size;
        return new AutoencoderPlan(this, mlContext, request, layout, table => Prepare(table.WithTexts(names).Like(training)))
        {
            Columns = layout.Uses(training.View.Schema, request.IgnoredColumns),
            Notes = [layout.Note()],
            Preparation = grouping is null ? [] : [grouping],
            Parts = RandomParts.Create(mlContext, request, Prepare),
            Metric = new("ELBO", HigherIsBetter: true),
            Pipeline = new(layout.Concatenation() is { } step ? [step] : [],
                TrainerStep.Create<RecurrentAutoencoderTrainer.Options, RecurrentAutoencoderTransformer>("mlContext.Transforms.EncodeBySequenceAutoencoder",
                    options, static (mlContext, options) => mlContext.Transforms.EncodeBySequenceAutoencoder(options)), []),
        };

        IDataView Prepare(ScenarioTable table) => grouping?.Apply(mlContext, table.View) ?? table.View;
    }
}
