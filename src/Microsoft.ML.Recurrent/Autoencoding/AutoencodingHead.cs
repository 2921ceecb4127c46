using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Autoencoding;

/// <summary>
/// Head of a variational autoencoder (Kingma and Welling 2014): the network outputs the distribution of the latent variables, and decodes a draw from it in
/// training, its means otherwise. The loss is the negative evidence lower bound of a sequence in nats, in the network's space. Outputs: the means of the latent
/// variables, the decoded sequence in the unit of the data, and the mean squared error in variances of the likelihood.
/// </summary>
/// <param name="network">The network, which the caller owns.</param>
/// <param name="origins">What was subtracted from the numbers of a step before the network read them.</param>
/// <param name="klWeight">The weight of the divergence in the loss.</param>
/// <param name="freeBits">Nats of each latent variable that cost nothing in training.</param>
internal sealed class AutoencodingHead(Network network, float[] origins, float klWeight = 1, float freeBits = 0) : Head, IOnnxHead
{
    private readonly LatentDecoder _latent = network.Latent ?? throw new ArgumentException("The network has no latent variables.", nameof(network));

    public override int Outputs => 2 * _latent.Description.Size;

    /// <summary>The weight of the divergence in training, which may be annealed.</summary>
    public float TrainingKlWeight { get; set; } = klWeight;

    /// <summary>The weight of the divergence once it is annealed.</summary>
    public float KlWeight { get; } = klWeight;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch)
    {
        var reconstruction = GaussianReconstructionLoss.Apply(tape, output.Reconstruction!, output.Window!, batch.Lengths, batch.Weights,
            _latent.LogScale.Value, _latent.Description.VarianceFloor);
        var divergence = GaussianKlLoss.Apply(tape, output.Values, batch.Weights, tape.Training ? freeBits : 0);
        return AddScaledOperation.Apply(tape, reconstruction, divergence, 1, tape.Training ? TrainingKlWeight : KlWeight);
    }

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var (time, rows, features) = (output.Window!.Shape[0], output.Window.Shape[1], output.Window.Shape[2]);
        var (size, reconstruction) = (_latent.Description.Size, output.Reconstruction!);
        var (codes, errors, decoded) = (tape.Rent(new(rows, size)), tape.Rent(new(rows, 1)), tape.Rent(reconstruction.Shape));
        for (var row = 0; row < rows; row++)
        {
            output.Values.Span.Slice(2 * row * size, size).CopyTo(codes.Span[(row * size)..]);
            errors[row] = ErrorOf(output, row, output.Lengths?[row] ?? time);
        }
        for (var at = 0; at < decoded.Length; at += features) ToData(reconstruction.Span.Slice(at, features), decoded.Span.Slice(at, features));
        if (network.Description.Time is not null)
            decoded = PermuteOperation.Apply(tape, decoded, decoded.Shape, [1, 0, 2], new(rows, time * features));
        return [codes, decoded, errors];
    }

    /// <summary>The numbers of a step in the unit of the data.</summary>
    public void ToData(ReadOnlySpan<float> step, Span<float> destination)
    {
        var (mean, scale) = network.Inputs.Standardization;
        step.CopyTo(destination);
        if (mean is not null)
        {
            TensorPrimitives.Multiply(destination, scale!.Value.Span, destination);
            TensorPrimitives.Add(destination, mean.Value.Span, destination);
        }
        TensorPrimitives.Add(destination, origins, destination);
    }

    private float ErrorOf(in NetworkOutput output, int row, int length)
    {
        var (rows, features, sum) = (output.Window!.Shape[1], output.Window.Shape[2], 0.0);
        for (var channel = 0; channel < features; channel++)
        {
            double squares = 0;
            for (var t = 0; t < length; t++)
            {
                var at = (t * rows + row) * features + channel;
                var error = (double)output.Reconstruction![at] - output.Window[at];
                squares += error * error;
            }
            sum += squares / GaussianReconstructionLoss.Variance(_latent.LogScale.Value[channel], _latent.Description.VarianceFloor);
        }
        return (float)(sum / ((double)length * features));
    }

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var features = network.Description.Features;
        var codes = graph.Slice(output.Values, 0, _latent.Description.Size, 1);
        var decoded = output.Decode!(codes);
        var variance = graph.Node("Exp", [graph.Multiply(graph.Parameter(LatentDecoder.ScaleName, _latent.LogScale.Value.Span, features), 2f)]);
        if (_latent.Description.VarianceFloor > 0) variance = graph.Add(variance, _latent.Description.VarianceFloor);
        var difference = graph.Subtract(decoded, output.Window!);
        var squares = graph.Divide(graph.Multiply(difference, difference), variance);
        var flow = new Flow(graph, squares, features, output.Lengths is null ? "" : graph.Cast(ModelManifest.LengthInput, OnnxType.Int32));
        var errors = graph.ReduceMean(flow.MeanOfSteps(squares), 1, keep: true);
        var sequence = graph.Transpose(decoded, 1, 0, 2);
        if (output.InputScale is not null) sequence = graph.Add(graph.Multiply(sequence, output.InputScale), output.InputMean!);
        if (origins.Any(origin => origin != 0)) sequence = graph.Add(sequence, graph.Constant(origins));
        return [codes, network.Description.Time is { } time ? graph.Reshape(sequence, -1, (long)time * features) : sequence, errors];
    }
}
