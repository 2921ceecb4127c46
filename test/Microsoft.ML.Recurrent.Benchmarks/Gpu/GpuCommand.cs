using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>
/// <c>gpu [--device N] [--cpu] [--json FILE] [--python PROGRAM]</c>: whether every recurrent node stays on the GPU and answers as the CPU does, whether our
/// scorer does batch after batch, and how fast it is there, beside the CPU and PyTorch. With <c>--cpu</c>
/// the CPU takes the GPU's place, to try the program itself on a machine without one.
/// </summary>
internal static class GpuCommand
{
    public static int Run(int device, bool cpu, string? json, string python)
    {
        var target = cpu ? GpuTarget.Cpu : new GpuTarget(device);
        Console.WriteLine($"ONNX Runtime {OrtEnv.Instance().GetVersionString()}, {target}, {Environment.ProcessorCount} processors");
        IReadOnlyList<GpuCheck> checks;
        try
        {
            checks = [.. GpuForms.All().Select(form => GpuCheck.Run(form, target)), .. GpuScoring.Run(target)];
            Console.WriteLine($"our scorer: {GpuScoring.Memory(target)}");
        }
        catch (ScoringDeviceException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
        foreach (var check in checks) Console.WriteLine(check);
        var failed = checks.Count(check => !check.Passed);
        Console.WriteLine($"{checks.Count - failed} of {checks.Count} checks passed");
        Console.WriteLine();

        var figures = GpuSpeed.Measure(target, python);
        Console.WriteLine(GpuSpeed.Table(figures));
        if (json is not null) File.WriteAllText(json, JsonSerializer.Serialize(new { checks, figures }, JsonSerializerOptions.Web));
        return failed == 0 ? 0 : 1;
    }
}
