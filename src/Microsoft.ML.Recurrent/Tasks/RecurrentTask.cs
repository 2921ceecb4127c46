using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>
/// What a model is for: one object a task, found by the name in the model's manifest. Training, export, scoring and hosting serve all tasks alike; where
/// tasks differ, they ask it. What a task does not override holds for rows that each hold one whole sequence.
/// </summary>
internal abstract class RecurrentTask
{
    private static readonly Dictionary<ModelTask, RecurrentTask> s_tasks = [];

    /// <summary>The task's name in manifests.</summary>
    public abstract ModelTask Name { get; }

    /// <summary>The metrics by which a validation set can be judged; the task's head makes each of them.</summary>
    public virtual ImmutableArray<ValidationMetric> Metrics => [ValidationMetric.Loss];

    /// <summary>ML.NET's name for scores of this kind, by which its evaluators find them (the annotation ScoreColumnKind); null where it has none.</summary>
    public virtual string? ScoreKind => null;

    /// <summary>
    /// Whether an output of one number is a scalar column, and one number at each step a plain vector; else both are vectors with a size for that number.
    /// </summary>
    public virtual bool SingleNumbersAreScalars => false;

    /// <summary>
    /// Whether fine-tuning keeps the parameters of the initial model's head, under which its weights were learned; else the new data give the head others.
    /// </summary>
    public virtual bool KeepsHead => true;

    /// <summary>Whether it is known what the answers stand for; a model of which that is not known is trained further for any task.</summary>
    public virtual bool IsKnown => true;

    /// <summary>All tasks.</summary>
    public static IReadOnlyCollection<RecurrentTask> All => s_tasks.Values;

    /// <summary>The task of a manifest.</summary>
    public static RecurrentTask Find(ModelManifest manifest) => Find(manifest.Task);

    /// <summary>The task of a name.</summary>
    public static RecurrentTask Find(ModelTask name) => s_tasks.GetValueOrDefault(name)
        ?? throw new InvalidOperationException($"The task {name} is not registered.");

    /// <summary>Makes tasks known; called once, before anything else of this assembly runs.</summary>
    public static void Register(params ReadOnlySpan<RecurrentTask> tasks)
    {
        foreach (var task in tasks) s_tasks.Add(task.Name, task);
    }

    /// <summary>Whether a row's answer depends on that row alone. Otherwise rows are read in order, by one cursor.</summary>
    public virtual bool IsRowWise(ModelManifest manifest) => true;

    /// <summary>Finds the columns that have to be read to score a model, and checks their types.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public virtual IEnumerable<DataViewSchema.Column> FindColumns(ModelManifest manifest, DataViewSchema schema) => RowCollector.Check(manifest, schema);

    /// <summary>Opens the columns of a row, whose schema has passed <see cref="FindColumns"/>, for one cursor or engine.</summary>
    /// <param name="manifest">The model's columns.</param>
    /// <param name="row">The row.</param>
    /// <param name="data">All rows, for a model that looks ahead; null where rows come one by one.</param>
    public virtual IExampleCollector CreateCollector(ModelManifest manifest, DataViewRow row, IDataView? data) => new RowCollector(row, manifest);

    /// <summary>The names of the numbers of an output of numbers; empty for none.</summary>
    public virtual ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output) => [];

    /// <summary>Whether an output holds probabilities.</summary>
    public virtual bool IsProbability(OutputColumn output) => false;

    /// <summary>
    /// The graph that is fed step by step, before its states become inputs and outputs, and its manifest: the model's own, but for tasks that then answer
    /// otherwise.
    /// </summary>
    /// <exception cref="NotSupportedException">The task's models cannot be fed so.</exception>
    public virtual (ModelProto Graph, ModelManifest Manifest) StepForm(RecurrentModel model) => (model.Proto(), model.Manifest);

    /// <summary>Which of an initial model's outputs each of a new network's is; null where they are the same, number by number.</summary>
    /// <param name="known">Outputs of the initial model.</param>
    /// <param name="wanted">Outputs of the new network.</param>
    /// <param name="there">The initial model's manifest.</param>
    /// <param name="here">The new one.</param>
    /// <param name="tokens">Which of the initial model's tokens each of the new ones is; null for numbers.</param>
    public virtual KeyMap? MapOutputs(int known, int wanted, ModelManifest there, ModelManifest here, KeyMap? tokens) => null;
}
