// TorchSharp's side of the training benchmark, one configuration a process, as the script for PyTorch does it: the same shapes, the same step, the same way of
// timing. Usage: THREADS lstm|gru|rnn LAYERS HIDDEN BATCH TIME INPUTS VOCABULARY (0: regression). Writes two lines of JSON: the peer with its matrix product,
// and the step's times.
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML.Recurrent.Benchmarks;
using TorchSharp;
using TorchSharpPeer;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [var threads, var kind, .. { Length: 6 } sizes])
{
    Console.Error.WriteLine("Usage: THREADS lstm|gru|rnn LAYERS HIDDEN BATCH TIME INPUTS VOCABULARY");
    return 2;
}
if (NativeLibraries.WhatIsMissing() is { } missing)
{
    Console.Error.WriteLine(missing);
    return 3;
}
return Run(int.Parse(threads), kind, Array.ConvertAll(sizes, int.Parse));

// Apart from the rest, which has to run where TorchSharp's library does not load.
static int Run(int threads, string kind, int[] sizes)
{
    torch.set_num_threads(threads);
    torch.manual_seed(0);
    double peak = 0;
    foreach (int n in (int[])[1024, 2048])
    {
        using torch.Tensor a = torch.randn(n, n), b = torch.randn(n, n);
        peak = Math.Max(peak, 2.0 * n * n * n / Measurement.Of(() => torch.mm(a, b).Dispose()).BestMilliseconds / 1e6);
    }
    string? version = typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
    Console.WriteLine(JsonSerializer.Serialize(new { peer = "TorchSharp " + version, threads, gemmPeakGflops = Math.Round(peak, 1) }));

    var shape = new StepShape(kind, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]);
    using Step step = shape.Vocabulary > 0 ? new LanguageModelStep(shape) : new RegressionStep(shape);
    Measurement time = Measurement.Of(step.Run);
    Console.WriteLine(JsonSerializer.Serialize(new { bestMs = time.BestMilliseconds, medianMs = time.MedianMilliseconds }));
    return 0;
}
