using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Attention of queries over the states of a sequence with the weights that its form has: none of Dot, <c>{name}.weight</c> of General,
/// <c>{name}.weight_query</c>, <c>.weight_key</c> and <c>.score</c> of Additive.
/// </summary>
internal sealed class AttentionScorer
{
    private readonly AttentionForm _form;

    /// <param name="name">Begins the parameters' names.</param>
    /// <param name="form">How states are scored.</param>
    /// <param name="queries">Numbers of a query.</param>
    /// <param name="keys">Numbers of a state.</param>
    /// <param name="units">Of the additive form; 0 for as many as a query has numbers.</param>
    public AttentionScorer(string name, AttentionForm form, int queries, int keys, int units)
    {
        (_form, units) = (form, units > 0 ? units : queries);
        Parameters = form switch
        {
            AttentionForm.General => [new($"{name}.weight", new Shape(keys, queries))],
            AttentionForm.Additive => [new($"{name}.weight_query", new Shape(units, queries)), new($"{name}.weight_key", new Shape(units, keys)),
                new($"{name}.score", new Shape(1, units))],
            _ => [],
        };
    }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Glorot uniform.</summary>
    public void Initialize(ulong seed)
    {
        foreach (var parameter in Parameters)
            Initializer.GlorotUniform(parameter, parameter.Shape[1], parameter.Shape[0], seed);
    }

    /// <summary>What all queries need of the states [time, rows, m]: their projection in the additive form, else themselves.</summary>
    public Tensor Keys(Tape tape, Tensor states) => _form == AttentionForm.Additive ? LinearOperation.Apply(tape, states, Parameters[1].Value) : states;

    /// <summary>The context of a query [rows, n], [rows, m]; in the forms Dot and General also of several, [queries, rows, n] to [queries, rows, m].</summary>
    /// <param name="tape">Writes the operations down.</param>
    /// <param name="query">The query.</param>
    /// <param name="keys">What <see cref="Keys"/> gave.</param>
    /// <param name="states">[time, rows, m].</param>
    /// <param name="lengths">True steps of each row, or null where all count.</param>
    public Tensor Apply(Tape tape, Tensor query, Tensor keys, Tensor states, int[]? lengths) => _form switch
    {
        AttentionForm.Dot => Attention.Dot(tape, query, states, lengths),
        AttentionForm.General => Attention.General(tape, query, states, Parameters[0].Value, lengths),
        _ => Attention.Additive(tape, query, keys, states, Parameters[0].Value, Parameters[2].Value, lengths),
    };
}
