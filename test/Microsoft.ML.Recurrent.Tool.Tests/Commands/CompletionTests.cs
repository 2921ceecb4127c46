using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

[TestClass]
public sealed class CompletionTests
{
    [TestMethod]
    [DataRow("mlrecurrent ins", "inspect")]
    [DataRow("mlrecurrent inspect x.csv --lab", "--label-col")]
    [DataRow("mlrecurrent export-onnx x.zip --precision half-", "half-weights")]
    public async Task The_tool_suggests(string line, string suggestion)
    {
        var (code, output, _) = await CommandLineTests.RunAsync($"[suggest:{line.Length}]", line);
        Assert.AreEqual(ExitCode.Success, code);
        CollectionAssert.Contains(output.Split('\n', StringSplitOptions.TrimEntries), suggestion);
    }

    [TestMethod]
    public async Task Columns_are_those_of_the_table()
    {
        using var table = new TemporaryFile(HourlyData.Lines(3));
        var line = $"mlrecurrent forecasting --dataset {table.Path} --label-col ";
        var (_, output, _) = await CommandLineTests.RunAsync($"[suggest:{line.Length}]", line);
        CollectionAssert.AreEqual((string[])["load", "time", "warmth"],
            output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        line = "mlrecurrent forecasting --dataset none.csv --label-col ";
        (var code, output, _) = await CommandLineTests.RunAsync($"[suggest:{line.Length}]", line);
        Assert.AreEqual((ExitCode.Success, ""), (code, output.Trim()));
    }

    [TestMethod]
    [DataRow("bash", "complete -o default -F _mlrecurrent mlrecurrent")]
    [DataRow("zsh", "compdef _mlrecurrent mlrecurrent")]
    [DataRow("pwsh", "Register-ArgumentCompleter -Native -CommandName mlrecurrent")]
    public async Task A_script_is_printed_for_each_shell(string shell, string line)
    {
        var (code, output, error) = await CommandLineTests.RunAsync("completion", shell);
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        StringAssert.Contains(output, line);
    }

    // In a terminal of its own, as zsh completes only there.
    [TestMethod]
    public async Task Zsh_completes_by_its_script()
    {
        if (!File.Exists("/usr/bin/zsh") && !File.Exists("/bin/zsh")) Assert.Inconclusive("There is no zsh.");
        using var folder = new TemporaryFolder();
        var (_, script, _) = await CommandLineTests.RunAsync("completion", "zsh");
        await File.WriteAllTextAsync(folder["script.zsh"], script);
        await File.WriteAllTextAsync(folder["mlrecurrent"], $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "mlrecurrent.dll")}' \"$@\"\n");
        await File.WriteAllTextAsync(folder["test.zsh"], """
            zmodload zsh/zpty
            zpty terminal "TERM=dumb zsh -f -i"
            zpty -w terminal "autoload -Uz compinit; compinit -D -u; source ./script.zsh; print LOAD''ED"
            zpty -r -m terminal line '*LOADED*'
            zpty -w -n terminal $'mlrecurrent inspect x.csv --has\t'
            zpty -r -m terminal line '*--has-header*' && print COMPLETED
            zpty -d terminal
            """);
        var (_, output, error) = await ToolProcess.RunAsync(folder.Path, "chmod +x mlrecurrent; PATH=\"$PWD:$PATH\" timeout 60 zsh -f test.zsh");
        StringAssert.Contains(output, "COMPLETED", error);
    }

    [TestMethod]
    public async Task Bash_completes_by_its_script()
    {
        var (_, script, _) = await CommandLineTests.RunAsync("completion", "bash");
        const string line = "mlrecurrent inspect --has";
        var (_, output, _) = await ToolProcess.RunAsync(Path.GetTempPath(), $$"""
            {{script}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD=2
            _mlrecurrent
            printf '%s\n' "${COMPREPLY[@]}"
            """);
        Assert.AreEqual("--has-header\n", output);
    }
}
