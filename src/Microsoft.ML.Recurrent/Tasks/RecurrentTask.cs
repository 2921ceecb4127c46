using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>
/// The task of a model: one object per task, found by its name in the manifest. Training, export, scoring and hosting are shared by all tasks and call it where
/// tasks differ. The defaults are for rows with one whole sequence each.
/// </summary>
internal abstract class RecurrentTask
{
    private static readonly Dictionary<ModelTask, RecurrentTask> s_tasks = [];

    /// <summary>The name of the task in manifests.</summary>
    public abstract ModelTask Name { get; }

    /// <summary>The available validation metrics; the head of the task computes each of them.</summary>
    public virtual ImmutableArray<ValidationMetric> Metrics => [ValidationMetric.Loss];

    /// <summary>The ScoreColumnKind annotation by which ML.NET's evaluators find the scores; null for none.</summary>
    public virtual string? ScoreKind => null;

    /// <summary>Whether a single-number output is a scalar column, and one number per step a plain vector; otherwise both have an extra dimension.</summary>
    public virtual bool SingleNumbersAreScalars => false;

    /// <summary>Whether fine-tuning keeps the fixed parameters of the initial model's head; otherwise they come from the new data.</summary>
    public virtual bool KeepsHead => true;

    /// <summary>Whether the meaning of the outputs is known; if not, the model can be fine-tuned for any task.</summary>
    public virtual bool IsKnown => true;

    /// <summary>All tasks.</summary>
    public static IReadOnlyCollection<RecurrentTask> All => s_tasks.Values;

    /// <summary>Returns the task of a manifest.</summary>
    public static RecurrentTask Find(ModelManifest manifest) => Find(manifest.Task);

    /// <summary>Returns the task of a name.</summary>
    public static RecurrentTask Find(ModelTask name) => s_tasks.GetValueOrDefault(name)
        ?? throw new InvalidOperationException($"The task {name} is not registered.");

    /// <summary>Registers the tasks; called once, before anything else of this assembly.</summary>
    public static void Register(params ReadOnlySpan<RecurrentTask> tasks)
    {
        foreach (var task in tasks) s_tasks.Add(task.Name, task);
    }

    /// <summary>Whether the output of a row depends on that row alone. Otherwise rows are read in order, by one cursor.</summary>
    public virtual bool IsRowWise(ModelManifest manifest) => true;

    /// <summary>Finds the input columns of a model, and checks their types.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public virtual IEnumerable<DataViewSchema.Column> FindColumns(ModelManifest manifest, DataViewSchema schema) => RowCollector.Check(manifest, schema);

    /// <summary>Opens the columns of a row whose schema has passed <see cref="FindColumns"/>, for one cursor or engine.</summary>
    /// <param name="manifest">The model's columns.</param>
    /// <param name="row">The row.</param>
    /// <param name="data">All rows, for a model with future covariates; null if rows come one by one.</param>
    public virtual IExampleCollector CreateCollector(ModelManifest manifest, DataViewRow row, IDataView? data) => new RowCollector(row, manifest);

    /// <summary>The slot names of a numeric output; empty for none.</summary>
    public virtual ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output) => [];

    /// <summary>The values of the classes that an output is about; null for none.</summary>
    public virtual LabelManifest? LabelOf(ModelManifest manifest, OutputColumn output) => manifest.Label;

    /// <summary>
    /// A head that makes the answers of a model from the outputs of its network, for scoring without the graph; null for none. The values of its parameters are
    /// read afterwards.
    /// </summary>
    public virtual Head? ScoringHead(RecurrentModel model, Network network) => null;

    /// <summary>Whether an output contains probabilities.</summary>
    public virtual bool IsProbability(OutputColumn output) => false;

    /// <summary>The unit of the scores that can be explained: score = scale x network output + offset. Null if the outputs are not scores.</summary>
    public virtual (float Scale, float Offset)? ScoreUnit(RecurrentModel model, int output) => null;

    /// <summary>
    /// The graph for step-by-step scoring, before its states become inputs and outputs, with its manifest: those of the model unless a task differs.
    /// </summary>
    /// <exception cref="NotSupportedException">The task does not support step-by-step scoring.</exception>
    public virtual (ModelProto Graph, ModelManifest Manifest) StepForm(RecurrentModel model) => (model.Proto(), model.Manifest);

    /// <summary>Maps the outputs of a new network to those of an initial model; null if they are identical.</summary>
    /// <param name="known">Outputs of the initial model.</param>
    /// <param name="wanted">Outputs of the new network.</param>
    /// <param name="there">The initial model's manifest.</param>
    /// <param name="here">The new one.</param>
    /// <param name="tokens">Maps the new tokens to those of the initial model; null for numbers.</param>
    public virtual KeyMap? MapOutputs(int known, int wanted, ModelManifest there, ModelManifest here, KeyMap? tokens) => null;
}
