using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>A node that ran, and on which provider.</summary>
internal sealed record NodeRun(string Operation, string Provider);

/// <summary>Reads the profile that a session of ONNX Runtime writes.</summary>
internal static class NodeProfile
{
    public static IReadOnlyList<NodeRun> Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        List<NodeRun> runs = [];
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            // A node's own time; the events before and after it (fences) name no provider.
            if (entry.TryGetProperty("cat", out var category) && category.GetString() == "Node"
                && entry.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal)
                && entry.TryGetProperty("args", out var details) && details.TryGetProperty("op_name", out var operation)
                && details.TryGetProperty("provider", out var provider))
                runs.Add(new(operation.GetString()!, provider.GetString()!));
        }
        return runs;
    }
}
