using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>Weight initialization other than the layers' defaults.</summary>
/// <param name="Input">For input weights, dense layers, the head, and embeddings without their own; null for each layer's default.</param>
/// <param name="Recurrent">For recurrent weights; null for orthogonal.</param>
/// <param name="ForgetBias">Initial bias of the forget gate, for cells that have one.</param>
internal sealed record NetworkInitialization(WeightInitializer? Input, WeightInitializer? Recurrent, float ForgetBias = 1)
{
    /// <summary>For embeddings.</summary>
    public WeightInitializer? Embedding { get; init; }

    /// <summary>Reinitializes the weights; each parameter draws from a separate stream.</summary>
    public void Apply(Network network, ulong seed)
    {
        foreach (var layer in network.AllLayers)
        {
            var recurrent = layer as RecurrentLayer;
            foreach (var parameter in layer.Parameters)
            {
                var kind = parameter.Name[(layer.Name.Length + 1)..];
                if (kind.StartsWith("bias_ih", StringComparison.Ordinal)) recurrent?.FillForgetBias(parameter.Value.Span, ForgetBias);
                var initializer = !kind.StartsWith("weight", StringComparison.Ordinal) ? null : kind.StartsWith("weight_hh", StringComparison.Ordinal)
                    ? Recurrent
                    : layer.Description is EmbeddingDescription ? Embedding ?? Input : Input;
                var gates = kind.StartsWith("weight_hr", StringComparison.Ordinal) ? 1 : recurrent?.Gates ?? 1;
                if (initializer is not null && parameter.Shape.Rank > 1) Fill(parameter, gates, initializer, new RandomStream(seed, parameter.Name));
            }
        }
        if (Input is null || network.AdaptiveSoftmax is not { } softmax) return;
        foreach (var weight in softmax.Weights) Fill(weight, 1, Input, new RandomStream(seed, weight.Name));
    }

    private static void Fill(Parameter parameter, int gates, WeightInitializer initializer, RandomStream random)
    {
        var (fanOut, fanIn) = (parameter.Shape[0] / gates, parameter.Shape.Length / parameter.Shape[0]);
        for (var gate = 0; gate < gates; gate++) initializer.Fill(parameter.Value.Span.Slice(gate * fanOut * fanIn, fanOut * fanIn), fanIn, fanOut, random);
    }
}
