using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Networks with random weights, random rows for them, and two ways to score those: our own tape, and a bare session of ONNX Runtime.</summary>
internal static class TestModels
{
    public static readonly TrainingHistory History = new()
    {
        Epochs = [new(1, 0.5, 0.75, 1e-3, 1234.5), new(2, double.NaN, null, 1e-3, 2000)],
        BestEpoch = 1,
        End = TrainingEnd.EarlyStopping,
        Elapsed = TimeSpan.FromSeconds(12.5),
    };

    public static NetworkDescription Describe(LayerDescription[] layers, int features = 3, int? time = 7, int vocabulary = 0, int statics = 0, int outputs = 2,
        WindowNormalization normalization = WindowNormalization.None) => new()
        {
            Features = vocabulary > 0 ? 0 : features,
            Vocabulary = vocabulary,
            Time = time,
            Statics = statics,
            WindowNormalization = normalization,
            Layers = [.. layers],
            Outputs = outputs,
        };

    /// <summary>A network whose parameters, the fixed ones too, are all random.</summary>
    public static Network Network(NetworkDescription description, int seed = 1)
    {
        var network = new Network(description, (ulong)seed);
        var random = new Random(seed);
        foreach (var parameter in network.Parameters)
            foreach (ref var value in parameter.Value.Span)
                value = parameter.Name.EndsWith(".scale", StringComparison.Ordinal) || parameter.Name.EndsWith(".running_var", StringComparison.Ordinal)
                    ? 0.5f + random.NextSingle()
                    : parameter.Name.EndsWith(".mean", StringComparison.Ordinal)
                    ? random.NextSingle() - 0.5f : 1.2f * (random.NextSingle() - 0.5f);
        return network;
    }

    public static ModelManifest Manifest(NetworkDescription description)
    {
        List<InputColumn> inputs = [];
        if (description.Vocabulary > 0) inputs.Add(new("Tokens", InputKind.Tokens, description.Time, 1, description.Vocabulary));
        else if (description.Features == 1) inputs.Add(new("Features", InputKind.Sequence, description.Time, 1));
        else
        {
            inputs.Add(new("First", InputKind.Sequence, description.Time, 1));
            inputs.Add(new("Rest", InputKind.Sequence, description.Time, description.Features - 1));
        }
        if (description.Statics > 0) inputs.Add(new("Statics", InputKind.Static, null, description.Statics));
        if (description.FutureFeatures > 0) inputs.Add(new("Ahead", InputKind.Future, description.Horizon, description.FutureFeatures));
        List<OutputColumn> outputs = [new("Score", OutputKind.Single, description.Outputs) { PerStep = description.PerStep }];
        if (description.WindowNormalization is not WindowNormalization.None) outputs.Add(new("Level", OutputKind.Single, description.Features));
        if (description.WindowNormalization is WindowNormalization.Standard or WindowNormalization.Mean or WindowNormalization.Robust)
            outputs.Add(new("Scale", OutputKind.Single, description.Features));
        return new() { Task = ModelTask.Regression, Inputs = [.. inputs], Outputs = [.. outputs] };
    }

    public static RecurrentModel Model(Network network, ModelManifest? manifest = null) =>
        NetworkExporter.ToModel(network, new PlainHead(network.Description.Outputs), manifest ?? Manifest(network.Description), History);

    public static RecurrentModel Model(NetworkDescription description, int seed = 1)
    {
        using var network = Network(description, seed);
        return Model(network);
    }

    /// <summary>What the tape says: the outputs, each rows x size.</summary>
    public static float[][] Forward(Network network, TestRows rows)
    {
        using var tape = new Tape { Recording = false };
        using var batch = rows.ToBatch(network.Description);
        return [.. new PlainHead(network.Description.Outputs).Predict(tape, network.Forward(tape, batch)).Select(answer => answer.Span.ToArray())];
    }

    /// <summary>What ONNX Runtime says of the exported bytes alone.</summary>
    public static float[][] RunBare(byte[] onnx, ModelManifest manifest, TestRows rows)
    {
        using var session = new InferenceSession(onnx);
        return RunBare(session, manifest, rows);
    }

    public static float[][] RunBare(InferenceSession session, ModelManifest manifest, TestRows rows)
    {
        Dictionary<string, OrtValue> inputs = [];
        foreach (var input in manifest.Inputs)
            inputs.Add(input.Name, input.Kind switch
            {
                InputKind.Tokens => OrtValue.CreateTensorValueFromMemory(rows.PaddedTokens(), [rows.Count, rows.Time]),
                InputKind.Static => OrtValue.CreateTensorValueFromMemory(rows.Statics, [rows.Count, input.Features]),
                InputKind.Future => OrtValue.CreateTensorValueFromMemory(rows.Future, [rows.Count, input.Time!.Value, input.Features]),
                _ => OrtValue.CreateTensorValueFromMemory(rows.Padded(input.Name == "Rest" ? 1 : 0, input.Features), [rows.Count, rows.Time, input.Features]),
            });
        if (manifest.HasLengths)
            inputs.Add(ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(rows.Lengths.Select(length => (long)length).ToArray(), [rows.Count]));
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, session.OutputNames);
        foreach (var input in inputs.Values) input.Dispose();
        return [.. results.Select(Numbers)];
    }

    private static float[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Bool => Array.ConvertAll(value.GetTensorDataAsSpan<bool>().ToArray(), flag => flag ? 1f : 0f),
        TensorElementType.Int64 => Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), number => (float)number),
        _ => value.GetTensorDataAsSpan<float>().ToArray(),
    };

    public static void AssertClose(float[] expected, float[] actual, string what, float tolerance = 1e-5f)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (var i = 0; i < expected.Length; i++)
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]))))
                Assert.Fail($"{what}: number {i} is {actual[i]}, expected {expected[i]}.");
    }
}

/// <summary>The network's own numbers as they are, and the window's level and scale where there are such.</summary>
internal sealed class PlainHead(int outputs) : Head, IOnnxHead
{
    public override int Outputs => outputs;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) => throw new NotSupportedException("This head only predicts.");

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) =>
        [.. new[] { output.Values, output.WindowLevel, output.WindowScale }.Where(tensor => tensor is not null).Select(tensor => tensor!)];

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output) =>
        [.. new[] { output.Values, output.WindowLevel, output.WindowScale }.Where(tensor => tensor is not null).Select(tensor => tensor!)];
}
