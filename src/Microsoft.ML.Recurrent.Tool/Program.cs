using System.CommandLine;
using Microsoft.ML.Recurrent.Tool;
using Microsoft.ML.Recurrent.Tool.Output;

// Ctrl+C cancels the token of the command; a command that is still running ten seconds later is terminated.
return await CommandLine.RunAsync(args, Terminal.Open(), Console.Error, new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
