using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns a number from a sequence by a recurrent network. The label is <c>Single</c>; the transformer adds <c>Score</c> (<c>Single</c>), in the label's own unit.
/// </summary>
public sealed class RecurrentRegressionTrainer : SequenceTrainer<RecurrentRegressionTransformer>
{
    private readonly Options _options;

    internal RecurrentRegressionTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentRegressionTrainer), options, LabelRole.Number) => _options = (Options)CheckedOptions;

    /// <summary>Options of <see cref="RecurrentRegressionTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>What is minimised. Default: the squared error.</summary>
        public RegressionLoss Loss { get; set; } = RegressionLoss.SquaredError;

        private protected override ValidationMetric[] Metrics => [ValidationMetric.Loss, ValidationMetric.MeanAbsoluteError, ValidationMetric.RootMeanSquaredError];

        internal override void Check()
        {
            base.Check();
            Defined(Loss);
        }
    }

    private protected override IEnumerable<SchemaShape.Column> OutputColumns(SchemaShape schema) => [ColumnShapes.Score()];

    private protected override SequenceTask CreateTask(RowColumns columns, RowExamples examples, int[] train)
    {
        var manifest = new ModelManifest { Task = ModelTask.Regression, Inputs = columns.Inputs(), Outputs = [new(DefaultColumnNames.Score, OutputKind.Single)] };
        var moments = examples.TargetMoments(train);
        return new(1, manifest, _ => new RegressionHead(_options.Loss, moments));
    }

    private protected override RecurrentRegressionTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
