using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The scores of a linear-chain conditional random field beside those of the steps: of transitions [from, to], of the first tag and of the last one. They
/// begin at 0, a chain without memory.
/// </summary>
internal sealed class CrfWeights
{
    /// <summary>The prefix of the parameters' names.</summary>
    public const string Name = "crf";

    public CrfWeights(int tags)
    {
        Transitions = new(Name + ".transitions", new Shape(tags, tags));
        Start = new(Name + ".start", new Shape(tags));
        End = new(Name + ".end", new Shape(tags));
    }

    public Parameter Transitions { get; }

    public Parameter Start { get; }

    public Parameter End { get; }

    public IReadOnlyList<Parameter> Parameters => [Transitions, Start, End];
}
