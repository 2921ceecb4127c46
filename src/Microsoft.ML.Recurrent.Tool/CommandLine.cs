using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML.Recurrent.Tool.Demo;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool;

/// <summary>The commands of the tool and the mapping of their results to exit codes.</summary>
internal static class CommandLine
{
    /// <summary>Parses and runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="console">Output of the commands.</param>
    /// <param name="error">Output of errors.</param>
    /// <param name="configuration">How the process ends on Ctrl+C; null for the default of System.CommandLine.</param>
    /// <param name="cancellationToken">Ends the command, like Ctrl+C.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, IAnsiConsole console, TextWriter error, InvocationConfiguration? configuration = null,
        CancellationToken cancellationToken = default)
    {
        var result = Build(console).Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (var fault in result.Errors) error.WriteLine(fault.Message);
            error.WriteLine("'mlrecurrent --help' lists commands and options.");
            return ExitCode.Usage;
        }
        configuration ??= new();
        configuration.EnableDefaultExceptionHandler = false;
        try
        {
            return await result.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("Cancelled.");
            return ExitCode.Cancelled;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException
            or DllNotFoundException)
        {
            error.WriteLine($"mlrecurrent: {exception.Message}");
            return ExitCode.Failure;
        }
    }

    private static RootCommand Build(IAnsiConsole console) => new("Trains, evaluates and exports recurrent models for ML.NET.") { DemoCommand.Build(console) };
}
