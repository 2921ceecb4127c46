using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// The decoder of an autoencoder: its layers read the latent variables of a row at every step, and a linear layer gives the means of the features
/// (<c>decoder_output</c>). The logarithms of the features' standard deviations are a parameter, <c>decoder_output.log_scale</c>.
/// </summary>
internal sealed class LatentDecoder
{
    /// <summary>The name of the linear layer, and of its scales.</summary>
    public const string OutputName = "decoder_output", ScaleName = OutputName + ".log_scale";

    private readonly Layer[] _layers;
    private readonly DenseLayer _output;

    /// <param name="description">The latent variables.</param>
    /// <param name="features">Features of a step.</param>
    /// <param name="time">Steps; null if they vary.</param>
    public LatentDecoder(LatentDescription description, int features, int? time)
    {
        Description = description;
        var shape = new LayerShape(true, description.Size, time);
        var layers = new List<Layer>(description.Layers.Length);
        foreach (var layer in description.Layers)
        {
            layers.Add(LayerFactory.Create(layer, shape));
            shape = layers[^1].Output;
        }
        if (!shape.Sequence) throw new ArgumentException("The decoder of an autoencoder needs a sequence, but a layer pools the steps.", nameof(description));
        _layers = [.. layers];
        _output = new(new DenseDescription(OutputName, features, DenseActivation.Identity), shape);
        LogScale = new(ScaleName, new Shape(features), trainable: description.Scale is null);
        LogScale.Value.Span.Fill(MathF.Log(description.Scale ?? 1));
    }

    public LatentDescription Description { get; }

    /// <summary>The layers, and the linear layer.</summary>
    public IEnumerable<Layer> Layers => _layers.Append(_output);

    /// <summary>The weights, and the scales.</summary>
    public IEnumerable<Parameter> Parameters => Layers.SelectMany(layer => layer.Parameters).Append(LogScale);

    /// <summary>The logarithm of each feature's standard deviation, in standardized units, [features].</summary>
    public Parameter LogScale { get; }

    public void Initialize(ulong seed)
    {
        foreach (var layer in Layers) layer.Initialize(seed);
    }

    /// <summary>Latent variables of a batch, [rows, size].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="posterior">[rows, 2 size]: means, then logarithms of variances.</param>
    /// <param name="noise">[rows, size], standard normal; null for the means.</param>
    public static Tensor Draw(Tape tape, Tensor posterior, Tensor? noise) => ReparameterizationOperation.Apply(tape, posterior, noise);

    /// <summary>The noise of a batch, [rows, size]: each number depends on the seed of the tape, its stream and its place alone.</summary>
    public Tensor Noise(Tape tape, int rows)
    {
        var noise = tape.Rent(new Shape(rows, Description.Size));
        new RandomStream(tape.Seed, tape.NextStream()).FillGaussian(noise.Span);
        return noise;
    }

    /// <summary>The means of the features, [time, rows, features], in the network's space.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="latent">[rows, size].</param>
    /// <param name="time">Steps.</param>
    /// <param name="lengths">Steps of each row; null if all have all of them.</param>
    /// <param name="bptt">Options of backpropagation through time.</param>
    public Tensor Decode(Tape tape, Tensor latent, int time, int[]? lengths, BpttOptions bptt = default)
    {
        var steps = tape.Rent(new Shape(time, latent.Shape.Rows, latent.Shape.Columns));
        steps.Span.Clear();
        var signal = new Signal(BroadcastAddOperation.Apply(tape, steps, latent), lengths) { Time = time, Rows = latent.Shape.Rows, Bptt = bptt };
        foreach (var layer in _layers) signal = layer.ForwardObserved(tape, signal);
        return _output.ForwardObserved(tape, signal).Numbers;
    }
}
