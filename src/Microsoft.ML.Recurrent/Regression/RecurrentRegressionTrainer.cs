using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent network for regression on sequences. The label is <c>Single</c>. The transformer adds <c>Score</c> (<c>Single</c>), in the unit of the
/// label.
/// </summary>
public sealed class RecurrentRegressionTrainer : SequenceTrainer<RecurrentRegressionTransformer>
{
    internal RecurrentRegressionTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentRegressionTrainer), options)
    {
    }

    /// <summary>Options of <see cref="RecurrentRegressionTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>The loss. Default: the squared error.</summary>
        public RegressionLossOptions Loss { get; set => field = OptionChecks.NotNull(value); } = new();

        internal override RecurrentTask Task => RegressionTask.Instance;

        internal override void Check()
        {
            base.Check();
            Loss.Check();
        }

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train) =>
            new RegressionHead(Loss.Kind, examples.TargetMoments(train), Loss.HuberDelta, Loss.QuantileLevel);
    }

    private protected override RecurrentRegressionTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
