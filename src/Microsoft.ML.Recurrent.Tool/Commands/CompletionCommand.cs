using System.CommandLine;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent completion</c>: scripts by which shells ask the tool itself (the directive [suggest] of System.CommandLine).</summary>
internal static class CompletionCommand
{
    // In the same order: the scripts. A file is completed where the tool suggests nothing.
    private static readonly string[] s_shells = ["bash", "zsh", "pwsh"];

    private const string Bash = """
        _mlrecurrent()
        {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(mlrecurrent "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _mlrecurrent mlrecurrent
        """;

    private const string Zsh = """
        #compdef mlrecurrent
        _mlrecurrent()
        {
            local -a suggestions
            suggestions=("${(@f)$(mlrecurrent "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            if [[ -n "${suggestions[1]}" ]]; then compadd -- "${suggestions[@]}"; else _files; fi
        }
        compdef _mlrecurrent mlrecurrent
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName mlrecurrent -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            mlrecurrent "[suggest:$cursorPosition]" "$commandAst" 2>$null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    public static Command Build(Terminals terminal)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or pwsh." };
        shell.AcceptOnlyFromAmong(s_shells);
        var command = new ToolCommand("completion", "Prints a script that completes commands and options in a shell.",
            "completion bash >> ~/.bashrc", "completion zsh >> ~/.zshrc", "completion pwsh >> $PROFILE")
        {
            shell,
        };
        command.Run(terminal, (run, _) =>
        {
            string[] scripts = [Bash, Zsh, PowerShell];
            terminal.Console.Profile.Out.Writer.WriteLine(scripts[Array.IndexOf(s_shells, run.Arguments.GetRequiredValue(shell))]);
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
