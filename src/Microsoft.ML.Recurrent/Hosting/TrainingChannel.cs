using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// A training run in ML.NET: messages and progress go to a channel (shown by MLContext.Log) and to the caller's <see cref="IProgress{T}"/>. <see cref="Token"/>
/// is canceled by the caller's token or by the environment.
/// <code>
/// using var channel = new TrainingChannel(host, "Training", options.Progress, options.CancellationToken);
/// var history = loop.Run(train, validation, channel, channel.Token);
/// channel.Complete();
/// </code>
/// </summary>
internal sealed class TrainingChannel : IProgress<TrainingProgress>, IDisposable
{
    /// <summary>Minimum time between two progress messages.</summary>
    internal static readonly TimeSpan MessageInterval = TimeSpan.FromSeconds(1);

    /// <summary>Polling interval of the environment's cancellation: ML.NET has no callback for it.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly IHost _host;
    private readonly IChannel _channel;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly GivenWarnings _warnings = GivenWarnings.Current;
    private readonly CancellationTokenSource _cancellation;
    private readonly Timer _poll;
    private TimeSpan _lastMessage = TimeSpan.MinValue;

    public TrainingChannel(IHost host, string name, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        _host = host;
        _channel = host.Start(name);
        _progress = progress;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _cancellation.Token;
        _poll = new Timer(static state => ((TrainingChannel)state!).Poll(), this, TimeSpan.Zero, PollInterval);
    }

    /// <summary>Canceled by the caller (training then returns the best model so far) or by the environment (see <see cref="Complete"/>).</summary>
    public CancellationToken Token { get; }

    public void Info(string message) => _channel.Info(MessageSensitivity.Schema, message);

    /// <summary>Gives a warning, once per run and code.</summary>
    /// <param name="code">One of <see cref="WarningCode"/>.</param>
    /// <param name="message">What was seen, with figures, and what to do.</param>
    public void Warning(string code, string message) => _warnings.Give(_channel, code, message);

    /// <summary>Reports progress: always to the caller, at most once per second to the channel.</summary>
    public void Report(TrainingProgress value)
    {
        _progress?.Report(value);
        // The channel gets a line of its own at the end.
        if (value.End is not null) return;
        if (_lastMessage != TimeSpan.MinValue && value.Elapsed - _lastMessage < MessageInterval) return;
        _lastMessage = value.Elapsed;
        _channel.Info(MessageSensitivity.None, Describe(value));
    }

    /// <summary>Ends the run: if the environment was canceled, ML.NET expects an exception and no model.</summary>
    /// <exception cref="OperationCanceledException">The environment was canceled.</exception>
    public void Complete() => _host.CheckAlive();

    public void Dispose()
    {
        using (var stopped = new ManualResetEvent(false))
        {
            // The last timer callback must have ended before its resources are disposed.
            if (_poll.Dispose(stopped)) stopped.WaitOne();
        }
        _cancellation.Dispose();
        _channel.Dispose();
    }

    internal static string Describe(TrainingProgress value)
    {
        var validation = value.ValidationLoss is { } loss
            ? string.Create(CultureInfo.InvariantCulture, $", validation loss {loss:G4} (best {value.BestValidationLoss ?? loss:G4})")
            : "";
        var left = value.Remaining is { } time ? string.Create(CultureInfo.InvariantCulture, $", {Describe(time)} left") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"Epoch {value.Epoch}/{value.MaximumNumberOfEpochs}, batch {value.Batch}/{value.BatchesPerEpoch}: "
                + $"loss {value.Loss:G4}{validation}, {value.SequencesPerSecond:N0} sequences/s{left}.");
    }

    /// <summary>The last line of a run: how it ended, and which weights the model has.</summary>
    internal static string Describe(TrainingHistory history, int maximumNumberOfEpochs)
    {
        var epochs = history.Epochs.Length;
        var why = history.End switch
        {
            TrainingEnd.Cancelled => "canceled",
            TrainingEnd.TimeLimit => "the maximum training time is over",
            TrainingEnd.EarlyStopping => "early stopping",
            TrainingEnd.Diverged => "training diverged",
            _ => "all epochs ran",
        };
        var best = history.BestEpoch is var number && history.Epochs.FirstOrDefault(epoch => epoch.Epoch == number) is { } result
            ? string.Create(CultureInfo.InvariantCulture, $" The model has the weights of epoch {number}: loss {result.Loss:G4}")
                + (result.ValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $", validation loss {loss:G4}.") : ".")
            : "";
        return $"Training ended after {epochs} of {maximumNumberOfEpochs} epochs and {Describe(history.Elapsed ?? default)}: {why}.{best}";
    }

    private static string Describe(TimeSpan time) => $"{(long)time.TotalHours:00}:{time:mm\\:ss}";

    private void Poll()
    {
        if (_host is ICancelable { IsCanceled: true }) _cancellation.Cancel();
    }
}
