using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

[TestClass]
public class TapeTests
{
    [TestMethod]
    public void Gradients_of_an_operand_used_twice_add_up()
    {
        using var tape = new Tape();
        using var x = Tape.Watch(Tensor.From(new Shape(1, 2), [3, 4]));
        var joined = ConcatOperation.Apply(tape, x, x);
        new float[] { 1, 2, 10, 20 }.CopyTo(Tape.GradientOf(joined)!.Span);
        tape.Backward();
        CollectionAssert.AreEqual(new float[] { 11, 22 }, x.Gradient!.Span.ToArray());
    }

    [TestMethod]
    public void Nothing_is_written_down_that_needs_no_gradient()
    {
        using var tape = new Tape { Recording = false };
        using var weight = new Parameter("w", new Shape(2, 2));
        using var x = Tensor.Zeros(new Shape(1, 2));
        Assert.IsFalse(LinearOperation.Apply(tape, x, weight.Value).RequiresGradient);
        Assert.AreEqual(0, tape.Count);

        tape.Recording = true;
        weight.Trainable = false;
        LinearOperation.Apply(tape, x, weight.Value);
        Assert.AreEqual(0, tape.Count);

        weight.Trainable = true;
        LinearOperation.Apply(tape, x, weight.Value);
        Assert.AreEqual(1, tape.Count);
    }

    [TestMethod]
    [DataRow(7, 3000, 5)]
    [DataRow(400, 2500, 20)]
    public unsafe void A_vocabularys_gradients_are_those_of_whole_products(int rows, int words, int inputs)
    {
        using var tape = new Tape();
        using Parameter weight = new("w", new Shape(words, inputs)), bias = new("b", new Shape(words));
        using var x = Tape.Watch(Tensor.Rent(new Shape(rows, inputs)));
        new RandomStream(1).FillGaussian(weight.Value.Span);
        new RandomStream(2).FillGaussian(x.Span);
        using Tensor upstream = Tensor.Rent(new Shape(rows, words)), dw = Tensor.Zeros(weight.Shape), db = Tensor.Zeros(bias.Shape), dx = Tensor.Zeros(x.Shape);
        new RandomStream(3).FillGaussian(upstream.Span);
        for (var pass = 0; pass < 2; pass++)
        {
            var y = LinearOperation.Apply(tape, x, weight.Value, bias.Value);
            upstream.Span.CopyTo(Tape.GradientOf(y)!.Span);
            tape.Backward();
            tape.Reset();
            MatrixProduct.Multiply(true, false, words, inputs, rows, upstream.Pointer, words, x.Pointer, inputs, dw.Pointer, inputs, true);
            MatrixProduct.Multiply(false, false, rows, inputs, words, upstream.Pointer, words, weight.Value.Pointer, inputs, dx.Pointer, inputs, true);
            CpuKernels.Current.AddColumnSums(upstream.Pointer, words, db.Pointer, rows, words);
        }

        CollectionAssert.AreEqual(dw.Span.ToArray(), weight.Gradient.Span.ToArray());
        CollectionAssert.AreEqual(db.Span.ToArray(), bias.Gradient.Span.ToArray());
        CollectionAssert.AreEqual(dx.Span.ToArray(), x.Gradient!.Span.ToArray());
    }

    [TestMethod]
    public void A_frozen_layer_receives_no_gradient_but_passes_it_on()
    {
        using var tape = new Tape();
        using var first = new Parameter("first.weight", new Shape(2, 2));
        using var second = new Parameter("second.weight", new Shape(2, 2), trainable: false);
        using var x = Tensor.From(new Shape(1, 2), [1, 1]);
        second.Value.Span.Fill(1);
        var y = LinearOperation.Apply(tape, LinearOperation.Apply(tape, x, first.Value), second.Value);
        Tape.GradientOf(y)!.Span.Fill(1);
        tape.Backward();
        CollectionAssert.AreEqual(new float[] { 2, 2, 2, 2 }, first.Gradient.Span.ToArray());
        Assert.IsFalse(second.Value.HasGradient);
    }

    [TestMethod]
    public void A_parameter_that_the_loss_does_not_depend_on_has_gradient_zero()
    {
        using var parameter = new Parameter("w", new Shape(3));
        parameter.Gradient.Span.Fill(7);
        parameter.ZeroGradient();
        CollectionAssert.AreEqual(new float[3], parameter.Gradient.Span.ToArray());
    }

    [TestMethod]
    public void Recording_after_the_backward_pass_asks_for_a_reset()
    {
        using var tape = new Tape();
        using var x = Tape.Watch(Tensor.From(new Shape(1, 1), [3]));
        var y = ConcatOperation.Apply(tape, x, x);
        Tape.GradientOf(y)!.Span.Fill(1);
        tape.Backward();
        Assert.Contains("Reset", Assert.Throws<InvalidOperationException>(() => ConcatOperation.Apply(tape, x, x)).Message);
    }

    /// <summary>Batches of alternating sizes: after a first round nothing more is allocated, on the managed heap or in native memory.</summary>
    [TestMethod]
    [DoNotParallelize]
    [DataRow(RecurrentCell.Lstm)]
    [DataRow(RecurrentCell.Gru)]
    [DataRow(RecurrentCell.SimpleRnn)]
    [DataRow(RecurrentCell.MinimalGated)]
    public void A_warm_step_allocates_nothing(RecurrentCell cell)
    {
        var body = SequenceNetwork.Create().Recurrent(cell, 8, new() { Bidirectional = true });
        using var network = new Network(new NetworkDescription
        {
            Features = 3, Statics = 2, Outputs = 4, WindowNormalization = WindowNormalization.Standard,
            Layers = [.. body.Dropout(0.2f).Dense(5, DenseActivation.Tanh).Gru(6).Pool(SequencePooling.Max).Layers()],
        }, 1);
        var head = new ClassHead(4);
        using var optimizer = new Adam();
        using var tape = new Tape(1) { Training = true };
        SequenceBatch[] batches = [Batch(network, 7, 5), Batch(network, 3, 9), Batch(network, 8, 5)];
        for (var i = 0; i < 6; i++) Step(batches[i % 3]);

        var held = BufferPool.Shared.BytesHeld;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 30; i++) Step(batches[i % 3]);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before, "managed bytes allocated by 30 steps");
        Assert.AreEqual(held, BufferPool.Shared.BytesHeld, "native bytes held");
        foreach (var batch in batches) batch.Dispose();

        void Step(SequenceBatch batch)
        {
            var loss = head.Loss(tape, network.Forward(tape, batch), batch);
            var parameters = network.Parameters;
            for (var i = 0; i < parameters.Count; i++) parameters[i].ZeroGradient();
            tape.Backward(loss);
            tape.Reset();
            optimizer.Step(parameters, 1e-3f, GradientClipping.ScaleFor(GradientClipping.GlobalNorm(parameters), 1));
        }
    }

    private static SequenceBatch Batch(Network network, int rows, int time)
    {
        var batch = new SequenceBatch();
        batch.Resize(rows, time, network.Description.Features, lengths: true, statics: network.Description.Statics, labels: true);
        var random = new RandomStream(8, (ulong)rows);
        foreach (ref var value in batch.Values!.Span) value = (float)random.NextGaussian();
        foreach (ref var value in batch.Statics!.Span) value = (float)random.NextGaussian();
        for (var row = 0; row < rows; row++) (batch.Lengths![row], batch.Labels![row]) = (1 + random.NextInt32(time), random.NextInt32(4));
        return batch;
    }
}
