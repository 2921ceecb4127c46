using System.Reflection;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>Cancels an MLContext as ML.NET itself does: the method has never been public.</summary>
internal static class Cancelling
{
    public static void Cancel(this MLContext context) =>
        typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(context, null);
}
