using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Tool.Demo;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Demo;

/// <summary>The demo with default options.</summary>
[TestClass]
public sealed class DemoTests
{
    private static string s_folder = "", s_output = "";

    [ClassInitialize]
    public static async Task RunDemo(TestContext _)
    {
        s_folder = Directory.CreateTempSubdirectory("recurrent-demo-").FullName;
        (var code, s_output, var error) = await CommandLineTests.RunAsync("demo", "--output", Path.Combine(s_folder, "made", "here"));
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        s_folder = Path.Combine(s_folder, "made", "here");
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(Path.Combine(s_folder, "..", ".."), recursive: true);

    [TestMethod]
    public void Beats_the_baselines_that_it_prints()
    {
        double lstm = Rmse("LSTM"), growth = Rmse("Seasonal naive with growth");
        Assert.AreEqual(137.3, Rmse("Last value"));
        Assert.AreEqual(77.0, Rmse("Seasonal naive"));
        NumberAssert.IsLessThan(growth, lstm);
    }

    [TestMethod]
    public void A_model_file_cut_short_is_named()
    {
        var bytes = File.ReadAllBytes(Path.Combine(s_folder, "airline.zip"));
        var path = Path.Combine(s_folder, "cut.model");
        foreach (var length in new[] { 0, 100, bytes.Length / 2, bytes.Length - 1 })
        {
            File.WriteAllBytes(path, bytes[..length]);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => DemoForecaster.Forecast(path, default)).Message, $"'{path}'");
        }
        File.Delete(path);
    }

    [TestMethod]
    public void Prints_plain_lines_where_redirected()
    {
        StringAssert.Matches(s_output, new Regex("^Training: epoch 1/400, loss [0-9.]+, validation [0-9.]+", RegexOptions.Multiline));
        Assert.DoesNotContain("\u001b", s_output);
    }

    [TestMethod]
    public void Writes_its_files_and_nothing_else() =>
        CollectionAssert.AreEquivalent((string[])["airline.onnx", "airline.zip", "forecast.svg", "report.html"],
            Directory.GetFiles(s_folder).Select(Path.GetFileName).ToArray());

    [TestMethod]
    public void Writes_a_page_with_the_forecast_and_the_errors()
    {
        var page = File.ReadAllText(Path.Combine(s_folder, "report.html"));
        StringAssert.Contains(page, "Learning curve");
        StringAssert.Contains(page, "90% interval");
        StringAssert.Contains(page, $"<td>{Rmse("LSTM").ToString("0.0", CultureInfo.InvariantCulture)}</td>");
        StringAssert.StartsWith(File.ReadAllText(Path.Combine(s_folder, "forecast.svg")), "<svg ");
    }

    /// <summary>The saved pipeline forecasts on its own, and its interval contains its forecast.</summary>
    [TestMethod]
    public void Saves_a_pipeline_that_forecasts()
    {
        var forecast = DemoForecaster.Forecast(Path.Combine(s_folder, "airline.zip"), AirlinePassengers.Months.AsMemory()[..^DemoRun.HeldOut]);
        Assert.HasCount(DemoRun.HeldOut, forecast.Values);
        for (var i = 0; i < DemoRun.HeldOut; i++)
        {
            Assert.IsInRange(forecast.Interval[i].Lower, forecast.Interval[i].Upper, forecast.Values[i]);
            Assert.IsInRange(100, 1000, forecast.Values[i]);
        }
    }

    /// <summary>A plain ONNX Runtime session, without ML.NET, gives the same forecast.</summary>
    [TestMethod]
    public void Exports_a_graph_that_forecasts_the_same()
    {
        using var session = new InferenceSession(Path.Combine(s_folder, "airline.onnx"));
        (var input, var metadata) = session.InputMetadata.Single();
        var window = metadata.Dimensions[1];
        float[] log = [.. AirlinePassengers.Months[..^DemoRun.HeldOut].TakeLast(window).Select(month => MathF.Log((float)month.Value))];
        using var value = OrtValue.CreateTensorValueFromMemory(log, [1, window, 1]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [input], [value], ["LogForecast"]);
        var expected = DemoForecaster.Forecast(Path.Combine(s_folder, "airline.zip"), AirlinePassengers.Months.AsMemory()[..^DemoRun.HeldOut]).Values;
        var actual = outputs[0].GetTensorDataAsSpan<float>();
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], Math.Exp(actual[i]), 1e-3 * expected[i]);
    }

    [TestMethod]
    public async Task Repeats_itself_by_seed()
    {
        var again = Path.Combine(s_folder, "..", "again");
        (var code, var output, _) = await CommandLineTests.RunAsync("demo", "-o", again, "--seed", "1");
        Assert.AreEqual(ExitCode.Success, code);
        Assert.AreEqual(Table(s_output), Table(output));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public async Task Ends_on_ctrl_c()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(DemoRun).Assembly.Location, "demo", "--epochs", "1000000", "--patience", "1000000",
            "--output", Path.Combine(s_folder, "..", "cancelled")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while ((await process.StandardOutput.ReadLineAsync(patience.Token))?.StartsWith("Training", StringComparison.Ordinal) == false) { }
            using var interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(patience.Token);
            Assert.AreEqual(ExitCode.Cancelled, process.ExitCode);
            StringAssert.Contains(await process.StandardError.ReadToEndAsync(patience.Token), "Cancelled.");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static double Rmse(string name) =>
        double.Parse(Regex.Match(s_output, $@"^\W*{Regex.Escape(name)}\W+([0-9.]+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Table(string output) => output[output.IndexOf('╭', StringComparison.Ordinal)..output.IndexOf('╯', StringComparison.Ordinal)];
}
