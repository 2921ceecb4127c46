using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>A task whose rows each hold one whole sequence and its label.</summary>
internal abstract class SequenceTask : RecurrentTask
{
    /// <summary>The kind of label.</summary>
    public abstract LabelRole Label { get; }

    /// <summary>The columns that the model writes.</summary>
    /// <param name="numbers">The network's numbers: classes, or 1.</param>
    public abstract ImmutableArray<OutputColumn> Outputs(int numbers);

    /// <summary>Those columns as ML.NET's own trainers tell them before training.</summary>
    /// <param name="label">The label's column.</param>
    public abstract IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label);

    /// <summary>
    /// The head whose answers are what follows the last linear map of a network that was trained elsewhere; null where they are not this task's.
    /// </summary>
    /// <param name="activation">What follows.</param>
    /// <param name="numbers">The network's numbers.</param>
    public virtual Head? HeadOf(OutputActivation activation, int numbers) => null;
}
