using System.Text.Json;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>A tensor of the golden vectors, in double precision.</summary>
internal sealed record GoldenTensor(int[] Shape, double[] Data)
{
    public Tensor ToTensor() => Tensor.From(new Shape(Shape), ToSingles());

    public float[] ToSingles() => Array.ConvertAll(Data, value => (float)value);
}

/// <summary>The golden vectors of ../shared/parity, computed in double precision with PyTorch, and their comparison.</summary>
internal static class GoldenVectors
{
    public static JsonElement[] Read(string file)
    {
        using var stream = File.OpenRead(SharedFolder.Find("parity", file));
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }

    /// <summary>The case with a name, the <paramref name="index"/>-th if there are several.</summary>
    public static JsonElement Case(string file, string name, int index = 0) =>
        Read(file).Where(c => c.GetProperty("name").GetString() == name).ElementAt(index);

    public static GoldenTensor Tensor(this JsonElement element, string property) =>
        element.MaybeTensor(property) ?? throw new AssertFailedException($"The golden case has no tensor '{property}'.");

    /// <summary>Null if the property is absent or null.</summary>
    public static GoldenTensor? MaybeTensor(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Object
            ? ToTensor(value)
            : null;

    public static GoldenTensor ToTensor(this JsonElement value) =>
        new([.. value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt32())],
            [.. value.GetProperty("data").EnumerateArray().Select(n => n.GetDouble())]);

    public static int[]? MaybeIntegers(this JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(n => n.GetInt32())]
            : null;

    /// <summary>|a - b| within 1e-5 + 1e-4 |b|, for gradients ten times that.</summary>
    public static void AssertClose(GoldenTensor? expected, ReadOnlySpan<float> actual, string what, bool gradient = false)
    {
        if (expected is null) return;
        AssertClose(expected.Data, actual, what, gradient);
    }

    public static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, string what, bool gradient = false)
    {
        Assert.AreEqual(expected.Length, actual.Length, $"{what}: number of elements");
        var (absolute, relative) = gradient ? (1e-4, 1e-3) : (1e-5, 1e-4);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= absolute + relative * Math.Abs(expected[i])))
                Assert.Fail($"{what}: element {i} is {actual[i]}, the golden vector has {expected[i]}.");
        }
    }
}
