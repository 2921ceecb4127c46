using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>An embedding of tokens.</summary>
internal sealed class EmbeddingLayer : Layer
{
    private readonly Parameter _weight;

    public EmbeddingLayer(EmbeddingDescription description, LayerShape input)
        : base(description, Check(description, input)) =>
        Parameters = [_weight = new Parameter($"{Name}.weight", new Shape(input.Vocabulary, description.Size))];

    /// <summary>U(-0.05, 0.05), as in Keras.</summary>
    public override void Initialize(ulong seed) => Initializer.Uniform(_weight.Value.Span, 0.05, new RandomStream(seed, _weight.Name));

    public override Signal Forward(Tape tape, in Signal input)
    {
        var shape = new Shape(input.Time, input.Rows, Output.Features);
        return input with { Values = EmbeddingOperation.Apply(tape, _weight.Value, input.Tokens, shape), Tokens = null, LastStates = null };
    }

    private static LayerShape Check(EmbeddingDescription description, LayerShape input)
    {
        if (input.Vocabulary == 0)
            throw Misfit(description, "an embedding takes tokens, so it must be the first layer of a network over token sequences.");
        if (description.Size < 1) throw Misfit(description, $"the size of an embedding must be at least 1, not {description.Size}.");
        return new LayerShape(Sequence: true, description.Size, input.Time);
    }
}
