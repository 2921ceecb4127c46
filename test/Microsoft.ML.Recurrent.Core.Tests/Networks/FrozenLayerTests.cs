using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>Frozen layers have no backward pass where no layer below them learns, and no weight gradients anywhere: counted, not timed.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FrozenLayerTests
{
    private static readonly Dictionary<string, SequenceNetwork> s_bodies = new()
    {
        ["tokens"] = SequenceNetwork.Create().Embedding(6).Lstm(8, bidirectional: true).Gru(5).Pool(SequencePooling.Mean),
        ["stepped"] = SequenceNetwork.Create().Lstm(8, new RecurrentLayerOptions { Projection = 4 })
            .Lstm(6, new RecurrentLayerOptions { ZoneoutHidden = 0.1f }).SimpleRnn(5).Pool(SequencePooling.Last),
        ["convolution"] = SequenceNetwork.Create().Convolution(6, 3).Convolution(7, 2).Lstm(5).Pool(SequencePooling.Max),
        ["normalized"] = SequenceNetwork.Create().Dense(6).LayerNorm().Gru(5).LayerNorm().Lstm(4).Pool(SequencePooling.Last),
        ["attention"] = SequenceNetwork.Create().Lstm(6).SelfAttention(2).Lstm(4).Attention(AttentionForm.Additive, 3),
        ["pooled"] = SequenceNetwork.Create().Lstm(6).Lstm(5).Pool(SequencePooling.Attention).Dense(7),
    };

    private static readonly string[] s_networks = [.. s_bodies.Keys];

    private static IEnumerable<object[]> Networks => s_networks.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void A_frozen_beginning_is_not_recorded_and_costs_no_product_backward(string name)
    {
        var layers = s_bodies[name].Layers();
        var whole = Run(name, []);
        for (var count = 1; count <= layers.Length; count++)
        {
            string[] frozen = [.. layers.Take(count).Select(layer => layer.Name)];
            var part = Run(name, frozen);
            // Masks and pooling above them, which have no weights, fall away too.
            NumberAssert.IsLessThanOrEqualTo(whole.Records - RecordsOf(name, count), part.Records, $"{count} layers of {name}");
            CollectionAssert.AreEqual(whole.Gradients.Where(gradient => !IsIn(gradient.Name, frozen)).ToArray(), part.Gradients, $"{count} layers of {name}");
            NumberAssert.IsLessThanOrEqualTo(whole.Products, part.Products);
            // The linear layer of the head and the loss; the product of the head's weight gradient.
            if (count == layers.Length) Assert.AreEqual((2, 1L), (part.Records, part.Products));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void A_frozen_layer_in_the_middle_passes_gradients_on_without_its_own(string name)
    {
        var layers = s_bodies[name].Layers();
        var whole = Run(name, []);
        foreach (var layer in layers.Skip(1))
        {
            var part = Run(name, [layer.Name]);
            CollectionAssert.AreEqual(whole.Gradients.Where(gradient => !IsIn(gradient.Name, [layer.Name])).ToArray(), part.Gradients, layer.Name);
            if (layer is RecurrentDescription or ConvolutionDescription or DenseDescription)
                NumberAssert.IsLessThan(whole.Products, part.Products, $"{layer.Name} of {name}");
        }
    }

    private static bool IsIn(string parameter, string[] layers) => layers.Any(layer => parameter.StartsWith(layer + ".", StringComparison.Ordinal));

    // Records of the forward pass of the first layers.
    private static int RecordsOf(string name, int count)
    {
        using var network = Build(name);
        using var batch = Batch(name);
        using var tape = new Tape(3) { Training = true };
        var counts = new List<int>();
        tape.Observer = new Counter(tape, counts);
        network.Forward(tape, batch);
        return counts[count - 1];
    }

    // The records, the matrix products of the backward pass, and the gradients of all that learns.
    private static (int Records, long Products, (string Name, string Values)[] Gradients) Run(string name, string[] frozen)
    {
        using var threads = Workers.Limit(1);
        using var network = Build(name);
        using var batch = Batch(name);
        using var head = new ClassHead(3);
        using var tape = new Tape(3) { Training = true };
        foreach (var layer in frozen) network.Freeze(layer);
        var loss = head.Loss(tape, network.Forward(tape, batch), batch);
        var records = tape.Count;
        Array.Clear(KernelProfile.Counts);
        KernelProfile.IsEnabled = true;
        try
        {
            tape.Backward(loss);
        }
        finally
        {
            KernelProfile.IsEnabled = false;
        }
        foreach (var parameter in network.Parameters.Where(parameter => !parameter.Trainable))
        {
            Assert.IsNull(parameter.Value.Gradient, parameter.Name);
            Assert.IsFalse(parameter.Value.HasGradient, parameter.Name);
        }
        return (records, KernelProfile.Counts[(int)KernelPart.Products], [.. network.Parameters.Where(parameter => parameter.Trainable)
            .Select(parameter => (parameter.Name, string.Join(' ', parameter.Gradient.Span.ToArray().Select(BitConverter.SingleToInt32Bits))))]);
    }

    private static Network Build(string name) => new(new NetworkDescription
    {
        Features = name == "tokens" ? 0 : 3,
        Vocabulary = name == "tokens" ? 9 : 0,
        Layers = s_bodies[name].Layers(),
        Outputs = 3,
    }, seed: 4);

    private static SequenceBatch Batch(string name)
    {
        var (batch, random) = (new SequenceBatch(), new Random(6));
        batch.Resize(5, 7, name == "tokens" ? 0 : 3, tokens: name == "tokens", lengths: true, labels: true);
        for (var i = 0; i < 35 && batch.Tokens is not null; i++) batch.Tokens[i] = random.Next(1, 9);
        if (batch.Values is { } values)
            foreach (ref var value in values.Span) value = random.NextSingle() - 0.5f;
        for (var row = 0; row < 5; row++) (batch.Lengths![row], batch.Labels![row]) = (3 + row, row % 3);
        return batch;
    }

    private sealed class Counter(Tape tape, List<int> counts) : ITapeObserver
    {
        public void LayerEnded(string layer, Tensor output, int[]? lengths) => counts.Add(tape.Count);

        public void GradientFlow(string layer, bool reverse, double share)
        {
        }
    }
}
