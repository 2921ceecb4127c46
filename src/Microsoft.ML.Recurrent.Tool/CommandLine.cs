using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML.Recurrent.Tool.Commands;
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
        var result = Build(new(console, error)).Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (var fault in result.Errors) error.WriteLine(fault.Message);
            error.WriteLine("'mlrecurrent --help' lists commands and options.");
            return ExitCode.Usage;
        }
        configuration ??= new();
        configuration.EnableDefaultExceptionHandler = false;
        configuration.Output = console.Profile.Out.Writer;
        configuration.Error = error;
        try
        {
            return await result.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("Cancelled.");
            return ExitCode.Cancelled;
        }
        catch (DoubtException exception)
        {
            error.WriteLine($"mlrecurrent: {exception.Message}");
            return ExitCode.Usage;
        }
        catch (Exception exception) when (IsTold(exception))
        {
            error.WriteLine($"mlrecurrent: {exception.Message}");
            return ExitCode.Failure;
        }
        catch (Exception exception)
        {
            // A fault of the tool: whoever reports it needs the place.
            error.WriteLine($"mlrecurrent: this should not have happened, please report it: {exception}");
            return ExitCode.Failure;
        }
    }

    // The faults of input and of the machine, whose messages say what to do.
    private static bool IsTold(Exception exception) => exception is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException
        or InvalidOperationException or NotSupportedException or DllNotFoundException;

    /// <summary>All commands.</summary>
    internal static RootCommand Build(Terminals terminal)
    {
        var root = new RootCommand("Trains, evaluates and exports recurrent models for ML.NET.")
        {
            InspectCommand.Build(terminal), ExportOnnxCommand.Build(terminal), DemoCommand.Build(terminal), CompletionCommand.Build(terminal),
        };
        ExamplesHelp.AddTo(root, "demo", "inspect data.csv");
        return root;
    }
}
