using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>A layer with its weights. A pass does not change it, so threads with separate tapes can share it.</summary>
internal abstract class Layer(LayerDescription description, LayerShape output)
{
    public LayerDescription Description { get; } = description;

    /// <summary>The name, a prefix of the parameter names.</summary>
    public string Name => Description.Name;

    /// <summary>The output shape.</summary>
    public LayerShape Output { get; } = output;

    /// <summary>The weights, in the order of serialization.</summary>
    public IReadOnlyList<Parameter> Parameters { get; protected init; } = [];

    /// <summary>Initializes the weights; each parameter draws from a separate stream.</summary>
    public virtual void Initialize(ulong seed)
    {
    }

    public abstract Signal Forward(Tape tape, in Signal input);

    /// <summary>Runs the layer and reports its output to the observer of the tape.</summary>
    public Signal ForwardObserved(Tape tape, in Signal input)
    {
        var output = Forward(tape, input);
        if (output.Values is { } values) tape.Observer?.LayerEnded(Name, values, output.Lengths);
        return output;
    }

    /// <summary>The error of a layer that does not fit its input.</summary>
    protected static ArgumentException Misfit(LayerDescription description, string reason) => new($"Layer '{description.Name}': {reason}");

    protected static LayerShape RequireNumbers(LayerDescription description, LayerShape input) =>
        input.Vocabulary == 0 ? input : throw Misfit(description, "it takes numbers, but the sequence consists of tokens. Put an Embedding layer first.");

    protected static LayerShape RequireSequence(LayerDescription description, LayerShape input)
    {
        RequireNumbers(description, input);
        return input.Sequence ? input : throw Misfit(description,
            $"it takes a sequence, but an earlier layer has already pooled the steps to one vector {input}. Move it before that layer.");
    }
}
