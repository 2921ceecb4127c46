using System.CommandLine;
using Microsoft.ML.Recurrent.Tool.Commands;
using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary>Every page of help, and every example on it.</summary>
[TestClass]
public sealed class HelpTests
{
    private static RootCommand Root => CommandLine.Build(new(Terminal.Plain(TextWriter.Null), TextWriter.Null));

    public static IEnumerable<object[]> Pages => Root.Subcommands.Select(static command => (object[])[command.Name]);

    [TestMethod]
    public async Task The_first_page_names_all_commands()
    {
        var (code, output, error) = await CommandLineTests.RunAsync("--help");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        foreach (var command in Root.Subcommands) StringAssert.Contains(output, $"  {command.Name} ");
        StringAssert.Contains(output, "Examples:");
    }

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public async Task A_page_describes_each_option_and_ends_with_examples(string name)
    {
        var (code, output, error) = await CommandLineTests.RunAsync(name, "--help");
        Assert.AreEqual((ExitCode.Success, ""), (code, error));
        var command = Root.Subcommands.Single(one => one.Name == name);
        StringAssert.Contains(output, command.Description);
        foreach (var option in command.Options)
        {
            StringAssert.Contains(output, option.Name);
            Assert.IsFalse(string.IsNullOrEmpty(option.Description), $"{option.Name} says nothing");
            if (option is not System.CommandLine.Help.HelpOption) StringAssert.Contains(output, option.Description);
        }
        StringAssert.Contains(output, $"Examples:{Environment.NewLine}  mlrecurrent {name}");
    }

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public void Each_example_is_a_right_command_line(string name)
    {
        var command = (ToolCommand)Root.Subcommands.Single(one => one.Name == name);
        Assert.IsFalse(command.Examples.IsEmpty);
        foreach (var example in command.Examples)
        {
            // What follows a sign of redirection is the shell's.
            var result = Root.Parse(example.Split('|', '>', '<')[0]);
            Assert.IsEmpty(result.Errors, $"{example}: {string.Join(' ', result.Errors.Select(static one => one.Message))}");
            Assert.AreEqual(name, result.CommandResult.Command.Name);
        }
    }
}
