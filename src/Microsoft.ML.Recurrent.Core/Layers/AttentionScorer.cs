using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Attention of queries over the states of a sequence. The weights depend on the form: none for Dot, <c>{name}.weight</c> for General,
/// <c>{name}.weight_query</c>, <c>.weight_key</c> and <c>.score</c> for Additive.
/// </summary>
internal sealed class AttentionScorer
{
    private readonly AttentionForm _form;

    /// <param name="name">Prefix of the parameter names.</param>
    /// <param name="form">The scoring function.</param>
    /// <param name="queries">Features of a query.</param>
    /// <param name="keys">Features of a state.</param>
    /// <param name="units">Units of the additive form; 0 for the number of query features.</param>
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

    /// <summary>The keys, shared by all queries: the projected states [time, rows, m] for the additive form, otherwise the states themselves.</summary>
    public Tensor Keys(Tape tape, Tensor states) => _form == AttentionForm.Additive ? LinearOperation.Apply(tape, states, Parameters[1].Value) : states;

    /// <summary>The context of a query: [rows, n] to [rows, m]; of several queries, [queries, rows, n] to [queries, rows, m].</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="query">The query.</param>
    /// <param name="keys">The result of <see cref="Keys"/>.</param>
    /// <param name="states">[time, rows, m].</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    /// <param name="weights">Receives the weights of the steps, [rows, queries, time]; null if they are not needed.</param>
    public Tensor Apply(Tape tape, Tensor query, Tensor keys, Tensor states, int[]? lengths, Tensor? weights = null) => _form switch
    {
        AttentionForm.Dot => Attention.Dot(tape, query, states, lengths, weights),
        AttentionForm.General => Attention.General(tape, query, states, Parameters[0].Value, lengths, weights),
        _ => Attention.Additive(tape, query, keys, states, Parameters[0].Value, Parameters[2].Value, lengths, weights),
    };
}
