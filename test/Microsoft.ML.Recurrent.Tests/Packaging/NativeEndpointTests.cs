using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Packaging;

/// <summary>
/// docs/samples/onnx_endpoint.cs, compiled ahead of time outside the repository, serves a model that a program with the package trained and exported.
/// </summary>
[TestClass]
public sealed class NativeEndpointTests
{
    [TestMethod]
    [TestCategory("Nightly")]
    public async Task Answers_as_the_trained_model_does()
    {
        if (OperatingSystem.IsLinux() && !IsInstalled("clang") && !IsInstalled("gcc"))
            Assert.Inconclusive("NativeAOT links by clang or gcc: on Debian, apt-get install gcc libc6-dev.");
        var model = Directory.CreateDirectory(Path.Combine(OutsideProjects.Folder, "exported")).FullName;
        var trained = DotNet.Run(DeployedProgram.Built, null, "exec", "deployed.dll", "train", model);
        float[] expected = [.. trained.Split('\n')[0].Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

        using var server = Start(Publish(), Path.Combine(model, "forecaster.onnx"));
        try
        {
            using var client = new HttpClient { BaseAddress = new(await Address(server)) };
            // The last window of the series that deployed.dll trains on and forecasts.
            float[] window = [.. Enumerable.Range(184, 16).Select(i => MathF.Sin(i * 0.3f))];
            using var answer = await client.PostAsJsonAsync("/forecast", new { values = window });
            Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode);
            var forecast = (await answer.Content.ReadFromJsonAsync<Answer>())!.Forecast;
            Assert.HasCount(expected.Length, forecast);
            for (var i = 0; i < forecast.Length; i++)
            {
                Assert.IsTrue(float.IsFinite(forecast[i]));
                Assert.AreEqual(expected[i], forecast[i], 1e-6f);
            }

            using var refusal = await client.PostAsJsonAsync("/forecast", new { values = window[1..] });
            Assert.AreEqual(HttpStatusCode.BadRequest, refusal.StatusCode);
            StringAssert.Contains(await refusal.Content.ReadAsStringAsync(), "with 16 numbers");
        }
        finally
        {
            server.Kill();
        }
    }

    private static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    // The sample as a project, as docs/deploying.md shows it.
    private static string Publish()
    {
        var folder = Path.Combine(OutsideProjects.Folder, "endpoint");
        var runtime = OutsideProjects.Reference("Microsoft.ML.OnnxRuntime", DotNet.Property("OnnxRuntimeVersion"));
        runtime.Add(new XAttribute("ExcludeAssets", "build"));
        OutsideProjects.Write(folder, "onnx_endpoint", "Microsoft.NET.Sdk.Web", [], [new("PublishAot", "true")], [runtime]);
        var lines = File.ReadAllLines(Path.Combine(SharedFolder.Repository, "docs", "samples", "onnx_endpoint.cs"));
        File.WriteAllLines(Path.Combine(folder, "onnx_endpoint.cs"), lines.Where(line => !line.StartsWith("#:", StringComparison.Ordinal)));
        // The compiler's packages go to the user's, once.
        var output = DotNet.Run(folder, null,
            "publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "published",
            $"-p:RestorePackagesPath={DotNet.Property("PackageFolder")}");
        Assert.IsFalse(Regex.IsMatch(output, "warning (?!NU19)"), output); // NU19: of advisories, which come and go
        var published = Path.Combine(folder, "published");
        if (!OperatingSystem.IsWindows()) Assert.IsEmpty(Directory.GetFiles(published, "onnxruntime*.dll"), "no library of Windows");
        return Path.Combine(published, OperatingSystem.IsWindows() ? "onnx_endpoint.exe" : "onnx_endpoint");
    }

    private static Process Start(string program, string model) =>
        Process.Start(new ProcessStartInfo(program, ["--model", model, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        })!;

    private static async Task<string> Address(Process server)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await server.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            if (Regex.Match(line, @"Now listening on: (\S+)") is { Success: true } match) return match.Groups[1].Value;
        throw new InvalidOperationException("The server ended before it listened.");
    }

    private sealed record Answer(float[] Forecast);
}
