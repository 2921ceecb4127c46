using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

[TestClass]
public sealed class EnvironmentTests
{
    [TestMethod]
    public void The_seed_of_the_context_is_found_from_any_host_below_it()
    {
        IHostEnvironment context = new MLContext(123);
        Assert.AreEqual(123, EnvironmentSettings.Create(context).Seed);
        var host = context.Register("outer");
        Assert.AreEqual(123, EnvironmentSettings.Create(host).Seed);
        Assert.AreEqual(123, EnvironmentSettings.Create(host.Register("inner")).Seed);
        Assert.IsNull(EnvironmentSettings.Create(new MLContext()).Seed);
    }

    [TestMethod]
    public void The_option_comes_before_the_environments_seed()
    {
        var host = ((IHostEnvironment)new MLContext(123)).Register("host");
        Assert.AreEqual(7UL, EnvironmentSettings.ChooseSeed(host, 7));
        Assert.AreEqual(123UL, EnvironmentSettings.ChooseSeed(host, null));
        var free = ((IHostEnvironment)new MLContext()).Register("host");
        Assert.AreNotEqual(EnvironmentSettings.ChooseSeed(free, null), EnvironmentSettings.ChooseSeed(free, null));
    }

    [TestMethod]
    public void The_contexts_device_is_read()
    {
        var context = new MLContext(1);
        Assert.AreEqual(new(1, null, false), EnvironmentSettings.Create(context));
        (context.GpuDeviceId, context.FallbackToCpu) = (3, true);
        Assert.AreEqual(new(1, 3, true), EnvironmentSettings.Create(context));
        Assert.AreEqual(new(1, 3, true), EnvironmentSettings.Create(((IHostEnvironment)context).Register("host")), "through a host, too");
    }

    [TestMethod]
    public void Messages_are_at_most_one_a_second_and_progress_is_all()
    {
        var context = new MLContext(1);
        List<string> messages = [];
        context.Log += (_, message) => messages.Add(message.RawMessage);
        List<TrainingProgress> reports = [];
        using var channel = new TrainingChannel(((IHostEnvironment)context).Register("trainer"), "Training", new Recorder(reports), CancellationToken.None);
        for (var i = 0; i <= 50; i++) channel.Report(Progress(TimeSpan.FromSeconds(i * 0.1)));
        channel.Complete();
        Assert.HasCount(51, reports);
        Assert.AreEqual(6,
            messages.Count(message => message.StartsWith(
                "Epoch 2/10, batch 3/40: loss 0.25, validation loss 0.5 (best 0.375), 1,234 sequences/s, 26:01:05 left.", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void The_callers_cancellation_ends_training_and_is_no_error()
    {
        using var source = new CancellationTokenSource();
        using var channel = new TrainingChannel(((IHostEnvironment)new MLContext(1)).Register("trainer"), "Training", null, source.Token);
        Assert.IsFalse(channel.Token.IsCancellationRequested);
        source.Cancel();
        Assert.IsTrue(channel.Token.IsCancellationRequested);
        channel.Complete();
    }

    [TestMethod]
    public void The_environments_cancellation_ends_training_by_an_exception()
    {
        var context = new MLContext(1);
        using var channel = new TrainingChannel(((IHostEnvironment)context).Register("trainer"), "Training", null, CancellationToken.None);
        context.Cancel();
        Assert.IsTrue(channel.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        Assert.ThrowsExactly<OperationCanceledException>(channel.Complete);
    }

    private static TrainingProgress Progress(TimeSpan elapsed) => new()
    {
        Epoch = 2,
        MaximumNumberOfEpochs = 10,
        Batch = 3,
        BatchesPerEpoch = 40,
        Loss = 0.25,
        ValidationLoss = 0.5,
        BestValidationLoss = 0.375,
        SequencesPerSecond = 1234.2,
        Elapsed = elapsed,
        Remaining = new TimeSpan(26, 1, 5),
    };

    private sealed class Recorder(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
