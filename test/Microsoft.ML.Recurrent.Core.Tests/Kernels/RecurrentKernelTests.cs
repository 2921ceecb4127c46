using System.Text.Json;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>The fused kernels alone, layer by layer and direction by direction, against the golden vectors.</summary>
[TestClass]
public sealed unsafe class RecurrentKernelTests
{
    public static IEnumerable<object[]> Paths => KernelPaths.All;

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void MatchTheGoldenVectors(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFolder.Find("parity", "recurrent.json")));
        int number = 0;
        foreach (JsonElement golden in document.RootElement.EnumerateArray())
            RecurrentGoldenCase.Run(golden, KernelPaths.Get(path), $"case {number++}");
        Assert.IsTrue(number > 20);
    }
}
