using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>A task with one whole sequence and its label per row.</summary>
internal abstract class SequenceTask : RecurrentTask
{
    /// <summary>The kind of the label.</summary>
    public abstract LabelRole Label { get; }

    /// <summary>The columns that the model writes.</summary>
    /// <param name="numbers">Network outputs: the number of classes, or 1.</param>
    public abstract ImmutableArray<OutputColumn> Outputs(int numbers);

    /// <summary>The schema shapes of these columns before training.</summary>
    /// <param name="label">The label column.</param>
    public abstract IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label);

    /// <summary>The head that corresponds to the final activation of a foreign network; null if it does not fit this task.</summary>
    /// <param name="activation">The final activation.</param>
    /// <param name="numbers">Number of network outputs.</param>
    public virtual Head? HeadOf(OutputActivation activation, int numbers) => null;
}
