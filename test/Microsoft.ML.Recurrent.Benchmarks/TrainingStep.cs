using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>
/// One training step of a configuration as the training loop takes it: network forward, loss, tape backward, clipping by global norm, optimizer.
/// </summary>
internal abstract class TrainingStep : IDisposable
{
    /// <summary>Makes network, data and optimizer of a configuration.</summary>
    public static TrainingStep Create(Configuration configuration) =>
        configuration.IsLanguageModel ? new LanguageModelStep(configuration) : new RegressionStep(configuration);

    /// <summary>Takes one step and returns its loss.</summary>
    public float Run()
    {
        var loss = Forward();
        var value = loss[0];
        foreach (var parameter in Parameters)
            parameter.ZeroGradient();
        Tape.Backward(loss);
        Tape.Reset();
        var norm = GradientClipping.GlobalNorm(Parameters) * LossScale;
        Optimizer.Step(Parameters, LearningRate, LossScale * GradientClipping.ScaleFor(norm, ClipNorm));
        return value;
    }

    protected Tape Tape { get; } = new() { Training = true };

    /// <summary>The learning rate of the next step.</summary>
    public float LearningRate { get; set; } = 1e-3f;

    /// <summary>What the loss is multiplied by.</summary>
    public float LossScale { get; init; } = 1;

    protected Parameter[] Parameters { get; init; } = [];

    protected Optimizer Optimizer { get; init; } = new Adam();

    protected double ClipNorm { get; init; } = 1;

    protected abstract Tensor Forward();

    public virtual void Dispose()
    {
        Tape.Dispose();
        Optimizer.Dispose();
    }

    protected static void FillNormal(Span<float> values, Random random)
    {
        foreach (ref var value in values)
            value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }
}

/// <summary>Recurrent layers, a linear head over the last state, mean squared error, clipping to 1, Adam.</summary>
internal sealed class RegressionStep : TrainingStep
{
    private readonly Network _network;
    private readonly SequenceBatch _batch = new();

    public RegressionStep(Configuration c)
    {
        IEnumerable<LayerDescription> layers = Enumerable.Range(0, c.Layers).Select(layer => new RecurrentDescription($"layer_{layer}", c.Cell, c.Hidden));
        _network = new Network(
            new NetworkDescription
            {
                Features = c.Inputs, Standardize = false, Outputs = 1, Layers = [.. layers, new PoolingDescription("pooling", SequencePooling.Last)],
            },
            1);
        Parameters = [.. _network.Parameters];
        _batch.Resize(c.Batch, c.Time, c.Inputs, targets: 1);
        var random = new Random(1);
        FillNormal(_batch.Values!.Span, random);
        FillNormal(_batch.Targets!.Span, random);
    }

    protected override Tensor Forward() =>
        RegressionLosses.MeanSquaredError(Tape, _network.Forward(Tape, _batch).Values, _batch.Targets!);

    public override void Dispose()
    {
        base.Dispose();
        _network.Dispose();
        _batch.Dispose();
    }
}
