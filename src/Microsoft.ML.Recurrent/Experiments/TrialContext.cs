using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>
/// The contexts of trials: each has its own, since the random generator of one is not for several threads. What they say goes to the experiment's channel.
/// </summary>
internal sealed class TrialContext(MLContext parent, IChannel channel)
{
    private readonly Lock _lock = new();

    /// <summary>A context with the seed of a trial and the devices of the experiment's.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="tellsAll">Whether messages are forwarded too, not warnings alone.</param>
    public MLContext Create(Trial trial, bool tellsAll)
    {
        var settings = EnvironmentSettings.Create(parent);
        var context = new MLContext(trial.Seed) { GpuDeviceId = settings.GpuDeviceId, FallbackToCpu = settings.FallbackToCpu };
        if (parent.TempFilePath is { } folder) context.TempFilePath = folder;
        // Its event and the field behind it have the same name where both can be seen.
        typeof(MLContext).GetEvent("Log")!.AddEventHandler(context, new EventHandler<LoggingEventArgs>((_, message) => Forward(trial, message, tellsAll)));
        return context;
    }

    private void Forward(Trial trial, LoggingEventArgs message, bool tellsAll)
    {
        var isWarning = message.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error;
        if (!isWarning && !(tellsAll && message.Kind is ChannelMessageKind.Info)) return;
        lock (_lock)
        {
            if (isWarning) channel.Warning(MessageSensitivity.Schema, $"Trial {trial.Number}: {message.RawMessage}");
            else channel.Info(MessageSensitivity.Schema, message.RawMessage);
        }
    }
}
