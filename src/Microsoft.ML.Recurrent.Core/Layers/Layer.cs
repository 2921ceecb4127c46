using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>A layer with its weights. It holds nothing that a pass changes, so threads with tapes of their own can share it.</summary>
internal abstract class Layer(LayerDescription description, LayerShape output)
{
    public LayerDescription Description { get; } = description;

    /// <summary>Begins the names of the layer's parameters.</summary>
    public string Name => Description.Name;

    /// <summary>The shape of what comes out.</summary>
    public LayerShape Output { get; } = output;

    /// <summary>The weights, in the order in which they are saved.</summary>
    public IReadOnlyList<Parameter> Parameters { get; protected init; } = [];

    /// <summary>Gives the weights their first values; each parameter draws from a stream of its own.</summary>
    public virtual void Initialize(ulong seed)
    {
    }

    public abstract Signal Forward(Tape tape, in Signal input);

    /// <summary>The same, and the tape's observer is told what comes out.</summary>
    public Signal ForwardObserved(Tape tape, in Signal input)
    {
        var output = Forward(tape, input);
        if (output.Values is { } values) tape.Observer?.LayerEnded(Name, values, output.Lengths);
        return output;
    }

    /// <summary>The error of a layer that does not fit where it stands.</summary>
    protected static ArgumentException Misfit(LayerDescription description, string reason) => new($"Layer '{description.Name}': {reason}");

    protected static LayerShape RequireNumbers(LayerDescription description, LayerShape input) =>
        input.Vocabulary == 0 ? input : throw Misfit(description, "it takes numbers, but the sequence is one of tokens. Let an Embedding layer come first.");

    protected static LayerShape RequireSequence(LayerDescription description, LayerShape input)
    {
        RequireNumbers(description, input);
        return input.Sequence ? input : throw Misfit(description,
            $"it takes a sequence, but a layer before it has already pooled the steps to one vector {input}. Move it before that layer.");
    }
}
