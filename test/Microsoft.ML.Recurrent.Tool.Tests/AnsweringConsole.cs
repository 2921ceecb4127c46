using Microsoft.ML.Recurrent.Tool.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.Recurrent.Tool.Tests;

/// <summary>A terminal at which somebody types the given lines.</summary>
internal sealed class AnsweringConsole : IAnsiConsole, IAnsiConsoleInput
{
    private readonly IAnsiConsole _console;
    private readonly Queue<ConsoleKeyInfo> _keys;

    public AnsweringConsole(TextWriter output, params string[] lines)
    {
        _console = Terminal.Plain(output);
        _console.Profile.Capabilities.Interactive = true;
        _keys = new(lines.SelectMany(static line => line.Select(static letter => new ConsoleKeyInfo(letter, ConsoleKey.None, false, false, false))
            .Append(new('\n', ConsoleKey.Enter, false, false, false))));
    }

    public Profile Profile => _console.Profile;

    public IAnsiConsoleCursor Cursor => _console.Cursor;

    public IAnsiConsoleInput Input => this;

    public IExclusivityMode ExclusivityMode => _console.ExclusivityMode;

    public RenderPipeline Pipeline => _console.Pipeline;

    public void Clear(bool home) => _console.Clear(home);

    public void Write(IRenderable renderable) => _console.Write(renderable);

    public void WriteAnsi(Action<AnsiWriter> action) => _console.WriteAnsi(action);

    public bool IsKeyAvailable() => _keys.Count > 0;

    public ConsoleKeyInfo? ReadKey(bool intercept) => _keys.Dequeue();

    public Task<ConsoleKeyInfo?> ReadKeyAsync(bool intercept, CancellationToken cancellationToken) => Task.FromResult(ReadKey(intercept));
}
