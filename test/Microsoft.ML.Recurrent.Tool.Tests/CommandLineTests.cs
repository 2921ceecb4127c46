using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests;

[TestClass]
public sealed class CommandLineTests
{
    [TestMethod]
    [DataRow("--epochs is 0; it must be at least 1.", "demo", "--epochs", "0")]
    [DataRow("'many'", "demo", "--epochs", "many")]
    [DataRow("--colour", "demo", "--colour")]
    [DataRow("ommand", "demmo")]
    public async Task Tells_wrong_usage(string message, params string[] args)
    {
        (var code, _, var error) = await RunAsync(args);
        Assert.AreEqual(ExitCode.Usage, code);
        StringAssert.Contains(error, message);
        StringAssert.Contains(error, "--help");
    }

    [TestMethod]
    public async Task Tells_a_folder_that_cannot_be_made()
    {
        var file = Path.GetTempFileName();
        try
        {
            (var code, _, var error) = await RunAsync("demo", "--output", Path.Combine(file, "folder"), "--epochs", "1");
            Assert.AreEqual(ExitCode.Failure, code);
            StringAssert.StartsWith(error, "mlrecurrent: ");
            StringAssert.Contains(error, file);
            Assert.DoesNotContain("   at ", error, "no stack");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestMethod]
    public async Task Cancels_without_writing_a_model()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-tool-").FullName;
        try
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            (var code, _, var error) = await RunAsync(source.Token, "demo", "--output", folder, "--epochs", "1000000", "--patience", "1000000");
            Assert.AreEqual(ExitCode.Cancelled, code);
            StringAssert.Contains(error, "Cancelled.");
            Assert.IsEmpty(Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => RunAsync(CancellationToken.None, args);

    private static async Task<(int Code, string Output, string Error)> RunAsync(CancellationToken cancellation, params string[] args)
    {
        using StringWriter output = new(), error = new();
        var code = await CommandLine.RunAsync(args, Terminal.Plain(output), error, configuration: null, cancellation);
        return (code, output.ToString(), error.ToString());
    }
}
