using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

[TestClass]
[DoNotParallelize]
public sealed unsafe class WorkersTests
{
    private int _former;

    [TestInitialize]
    public void SetThreads()
    {
        _former = Workers.Threads;
        Workers.Threads = 4;
    }

    [TestCleanup]
    public void RestoreThreads() => Workers.Threads = _former;

    [TestMethod]
    public void Every_part_runs_once()
    {
        var counts = stackalloc int[50];
        for (var parts = 0; parts < 50; parts++)
        {
            new Span<int>(counts, 50).Clear();
            Workers.Run(parts, &Count, counts);
            for (var i = 0; i < 50; i++)
                Assert.AreEqual(i < parts ? 1 : 0, counts[i]);
        }
    }

    [TestMethod]
    public void Sleepers_are_not_waited_for_and_do_no_work_of_later_calls()
    {
        var counts = stackalloc int[8];
        for (var round = 0; round < 400; round++)
        {
            // About long enough for the pool to fall asleep; the work is over before most threads have woken up.
            if (round % 4 == 0)
                Thread.Sleep(round % 3);
            var parts = 1 + (round % 8);
            new Span<int>(counts, 8).Clear();
            Workers.Run(parts, &Tick, counts);
            for (var i = 0; i < 8; i++)
                Assert.AreEqual(i < parts ? 1 : 0, counts[i], $"part {i} of round {round}");
        }
    }

    [TestMethod]
    public void Callers_on_several_threads_do_not_disturb_each_other() => Parallel.For(0, 6, _ => Every_part_runs_once());

    [TestMethod]
    public void A_failure_reaches_the_caller_and_the_team_goes_on()
    {
        Assert.ThrowsExactly<InvalidOperationException>(() => Workers.Run(20, &Fail, null));
        Every_part_runs_once();
    }

    [TestMethod]
    public void A_limit_holds_for_its_thread_until_disposed()
    {
        Assert.AreEqual(4, Workers.Available);
        using (Workers.Limit(2))
        {
            Assert.AreEqual(2, Workers.Available);
            using (Workers.Limit(1))
                Assert.AreEqual(1, Workers.Available);
            Assert.AreEqual(2, Workers.Available);
        }
        Assert.AreEqual(4, Workers.Available);
    }

    [TestMethod]
    public void Handing_out_work_allocates_nothing()
    {
        var counts = stackalloc int[8];
        for (var i = 0; i < 50; i++)
            Workers.Run(8, &Count, counts);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 500; i++)
            Workers.Run(8, &Count, counts);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void An_idle_team_uses_no_processor()
    {
        var counts = stackalloc int[8];
        Workers.Run(8, &Count, counts);
        Thread.Sleep(50);
        var before = Environment.CpuUsage.TotalTime;
        Thread.Sleep(500);
        // Three spinning threads would use 1.5 seconds; the test host itself uses little.
        NumberAssert.IsLessThan(1000, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
    }

    private static void Count(void* context, int part)
    {
        Thread.SpinWait(part * 20);
        Interlocked.Increment(ref ((int*)context)[part]);
    }

    private static void Tick(void* context, int part) => Interlocked.Increment(ref ((int*)context)[part]);

    private static void Fail(void* context, int part)
    {
        if (part == 7)
            throw new InvalidOperationException();
    }
}
