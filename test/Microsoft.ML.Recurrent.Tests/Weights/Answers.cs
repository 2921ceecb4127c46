using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>What exported models answer in a bare session of ONNX Runtime.</summary>
internal static class Answers
{
    /// <summary>The answers of a model to sequences of numbers [rows, steps, features], or of tokens [rows, steps].</summary>
    public static float[] Of(RecurrentModel model, Array input, params long[] shape)
    {
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        List<string> names = [model.Manifest.Inputs[0].Name];
        List<OrtValue> values = [input is long[] tokens
            ? OrtValue.CreateTensorValueFromMemory(tokens, shape)
            : OrtValue.CreateTensorValueFromMemory((float[])input, shape)];
        if (model.Manifest.HasLengths)
        {
            names.Add(ModelManifest.LengthInput);
            values.Add(OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(shape[1], (int)shape[0]).ToArray(), [shape[0]]));
        }
        using var options = new RunOptions();
        using var results = session.Run(options, names, values, [model.Manifest.Task is ModelTask.Binary ? "Probability" : "Score"]);
        foreach (var value in values) value.Dispose();
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>The answers of an ONNX file to one input.</summary>
    public static float[] OfFile(string path, float[] input, params long[] shape)
    {
        using var session = new InferenceSession(path);
        using var options = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var results = session.Run(options, [session.InputNames[0]], [value], [session.OutputNames[0]]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Numbers between -1 and 1.</summary>
    public static float[] Random(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }

    /// <summary>Asserts that all numbers agree.</summary>
    public static void AreClose(float[] expected, float[] actual, double tolerance = 1e-5)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"number {i}");
    }
}
