using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Tool;
using Microsoft.ML.Recurrent.Tool.Output;

// Ctrl+C cancels the token of the command, which then measures and writes the best model so far, as long as that takes; a second one ends the process.
// System.CommandLine's own handler would end it after a fixed time.
using var cancellation = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await CommandLine.RunAsync(args, Terminal.Open(), Console.Error, new InvocationConfiguration { ProcessTerminationTimeout = null }, cancellation.Token);

void Stop(PosixSignalContext signal)
{
    if (cancellation.IsCancellationRequested) return;
    signal.Cancel = true;
    cancellation.Cancel();
}
