using System.CommandLine;
using Microsoft.ML.Recurrent.Tool;
using Microsoft.ML.Recurrent.Tool.Output;

// Ctrl+C cancels the command's token; a command that has not ended ten seconds later is ended.
return await CommandLine.RunAsync(args, Terminal.Open(), Console.Error, new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
