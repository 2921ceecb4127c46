using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Autoencoding;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent variational autoencoder of sequences of numbers (Kingma and Welling 2014; Fabius and van Amersfoort 2015): recurrent layers read a
/// sequence and give the distribution of a few latent variables, and a decoder of such layers makes the sequence of them. No label is needed. The transformer
/// adds the code of each sequence as features for other trainers, the decoded sequence and its error, and draws new sequences
/// (<see cref="RecurrentAutoencoderTransformer.Sample"/>).
/// </summary>
/// <remarks>
/// The loss is the negative evidence lower bound in nats, summed over the steps and channels of a sequence, of the standardized numbers. In validation it has
/// the whole weight of the divergence, and noise that is the same in every epoch. The encoder is as <see cref="NetworkOptions"/> say; each recurrent layer of
/// it has a layer of the same size in the decoder, which reads the latent variables at every step.
/// </remarks>
public sealed class RecurrentAutoencoderTrainer : RecurrentTrainer<RecurrentAutoencoderTransformer>
{
    private readonly Options _options;

    internal RecurrentAutoencoderTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentAutoencoderTrainer), options) => _options = (Options)CheckedOptions;

    /// <summary>Options of <see cref="RecurrentAutoencoderTrainer"/>.</summary>
    public sealed class Options : RecurrentTrainerOptions
    {
        /// <summary>
        /// The sequence column: <c>Vector&lt;Single, T, k&gt;</c> (T steps of k numbers), <c>Vector&lt;Single, *, k&gt;</c> where lengths vary, or
        /// <c>Vector&lt;Single&gt;</c> for one number a step. Default: "Features".
        /// </summary>
        public string InputColumnName { get; set; } = SequenceTrainerOptions.DefaultFeatures;

        /// <summary>
        /// Further sequence columns of numbers, as long in each row as <see cref="InputColumnName"/>, which they join as channels. Default: none.
        /// </summary>
        public string[] AdditionalColumnNames { get; set; } = [];

        /// <summary>A column of <c>Single</c> with each row's weight in the loss, at least 0. Default: null, all rows count the same.</summary>
        public string? ExampleWeightColumnName { get; set; }

        /// <summary>
        /// Whether numbers are standardized to mean 0 and standard deviation 1 over the training part, channel by channel; mean and scale become nodes of the
        /// model. Default: true.
        /// </summary>
        public bool Standardize { get; set; } = true;

        /// <summary>The latent variables, and the weight of their divergence. Default: 16, weight 1, annealed over 10 epochs.</summary>
        public LatentOptions Latent { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>The likelihood of the decoded sequence. Default: a standard deviation for each channel, which is learned.</summary>
        public ReconstructionOptions Reconstruction { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>The names of the columns that are added. Default: those of <see cref="AutoencoderOutputOptions"/>.</summary>
        public AutoencoderOutputOptions Output { get; set => field = OptionChecks.NotNull(value); } = new();

        internal override RecurrentTask Task => AutoencodingTask.Instance;

        // While the weight of the divergence rises, the loss of validation may not fall.
        private protected override int DefaultPatience => base.DefaultPatience + Latent.AnnealingEpochs(Stopping);

        /// <summary>The columns by role.</summary>
        internal RowColumnNames Columns => new([InputColumnName, .. AdditionalColumnNames], [], "", LabelRole.None, ExampleWeightColumnName);

        internal override void Check()
        {
            base.Check();
            var checks = new OptionChecks();
            checks.Column(InputColumnName);
            checks.Columns(AdditionalColumnNames);
            checks.ColumnOrNull(ExampleWeightColumnName);
            Latent.Check(Stopping);
            Reconstruction.Check();
            Output.Check();
            if (Network.Custom is { } own && !own.Layers().OfType<Layers.RecurrentDescription>().Any())
            {
                throw new OptionChecks("Network").Refused(nameof(Network.Custom),
                    "has no recurrent layer, of which the decoder would have one too: add one.");
            }
        }
    }

    /// <summary>The error of a column of keys.</summary>
    internal static ArgumentOutOfRangeException NoTokens(string name, string found) => ColumnErrors.Mismatch("feature", name,
        "Vector<Single, T, k>, Vector<Single, *, k>, Vector<Single, T> or Vector<Single> (variable)", found, "An autoencoder takes sequences of numbers.");

    private protected override IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema)
    {
        _options.Columns.Check(schema);
        foreach (var name in _options.Columns.Sequences)
            if (Columns.Find(schema, name, "feature") is { IsKey: true } keys) throw NoTokens(name, ColumnErrors.Describe(keys));
        yield return ColumnShapes.Numbers(_options.Output.LatentColumnName, SchemaShape.Column.VectorKind.Vector);
        yield return ColumnShapes.Numbers(_options.Output.ReconstructionColumnName, Columns.Find(schema, _options.InputColumnName, "feature").Kind);
        yield return ColumnShapes.Numbers(_options.Output.ReconstructionErrorColumnName, SchemaShape.Column.VectorKind.Scalar);
    }

    private protected override NetworkFit CreateFit(RecurrentTrainerOptions options) => new AutoencodingFit((Options)options);

    private protected override RecurrentAutoencoderTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
