using System.Text.Json.Nodes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

[TestClass]
public sealed class ExportOnnxTests
{
    private static string Fixture(string folder) =>
        Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Tests", "Fixtures", "v1", folder, "model.zip");

    [TestMethod]
    public async Task The_network_is_written_and_an_existing_file_kept_unless_forced()
    {
        using var folder = new TemporaryFolder();
        var output = folder["model.onnx"];
        var (code, text, error) = await CommandLineTests.RunAsync("export-onnx", Fixture("binary"), "-o", output, "--opset", "14");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        StringAssert.Contains(text, output);
        var first = await File.ReadAllBytesAsync(output);

        (code, text, error) = await CommandLineTests.RunAsync("export-onnx", Fixture("binary"), "-o", output);
        Assert.AreEqual((ExitCode.Usage, ""), (code, text));
        StringAssert.Contains(error, "--force replaces it");
        CollectionAssert.AreEqual(first, await File.ReadAllBytesAsync(output));

        (code, text, _) = await CommandLineTests.RunAsync("export-onnx", Fixture("binary"), "-o", output, "--force", "--json", "--precision", "half");
        Assert.AreEqual(ExitCode.Success, code);
        var report = JsonNode.Parse(text)!;
        Assert.AreEqual((output, "half", 17, new FileInfo(output).Length),
            ((string)report["file"]!, (string)report["precision"]!, (int)report["opset"]!, (long)report["bytes"]!));

        (_, text, _) = await CommandLineTests.RunAsync("inspect", output);
        StringAssert.Contains(text, "opset 17");
    }

    [TestMethod]
    [DataRow(ExitCode.Failure, "There is no file", "none.zip")]
    [DataRow(ExitCode.Usage, "'third'", "binary", "--precision", "third")]
    [DataRow(ExitCode.Failure, "from 11 to 26", "binary", "--opset", "9")]
    public async Task What_cannot_be_exported_is_told_and_nothing_is_written(int expected, string message, string model, params string[] args)
    {
        using var folder = new TemporaryFolder();
        var path = model == "binary" ? Fixture(model) : model;
        var (code, _, error) = await CommandLineTests.RunAsync(["export-onnx", path, "-o", folder["x.onnx"], .. args]);
        Assert.AreEqual(expected, code);
        StringAssert.Contains(error, message);
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public async Task Messages_go_to_the_log_file()
    {
        using var folder = new TemporaryFolder();
        await CommandLineTests.RunAsync("export-onnx", Fixture("binary"), "-o", folder["x.onnx"], "--log-file-path", folder["logs/run.log"]);
        Assert.IsTrue(File.Exists(folder["logs/run.log"]));
        var (code, _, error) = await CommandLineTests.RunAsync("export-onnx", Fixture("binary"), "-o", folder["y.onnx"], "-v", "loud");
        Assert.AreEqual(ExitCode.Usage, code);
        StringAssert.Contains(error, "--verbosity is 'loud'; it must be q, m or diag.");
    }
}
