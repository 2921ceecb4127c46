using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>The output of the tool.</summary>
internal static class Terminal
{
    /// <summary>The terminal; plain text without line wrapping if the output is redirected. Nothing is asked where the input is redirected.</summary>
    public static IAnsiConsole Open()
    {
        if (Console.IsOutputRedirected) return Plain(Console.Out);
        if (Console.IsInputRedirected) AnsiConsole.Profile.Capabilities.Interactive = false;
        return AnsiConsole.Console;
    }

    /// <summary>A console that writes plain text.</summary>
    public static IAnsiConsole Plain(TextWriter writer)
    {
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 1000;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
