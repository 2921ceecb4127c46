using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// A pool of threads that run the parts of a kernel. The partition depends on the shape only, and a part gives the same result on any thread, so results do not
/// depend on the number of threads. Idle threads sleep; starting work does not allocate. While one caller uses the pool, others run their parts themselves.
/// </summary>
internal static unsafe class Workers
{
    private static readonly Lock s_lock = new();
    private static readonly SemaphoreSlim s_finished = new(0);
    private static Worker[] s_team = [];
    private static int s_busy, s_next, s_running;
    private static int s_count;
    private static delegate*<void*, int, void> s_body;
    private static void* s_context;
    private static Exception? s_failure;

    [ThreadStatic]
    private static int t_limit;

    /// <summary>The maximum number of threads per kernel in this process, including the caller.</summary>
    public static int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>The number of threads available to a kernel called from this thread.</summary>
    public static int Available => t_limit > 0 ? Math.Min(t_limit, Threads) : Threads;

    /// <summary>Limits kernels called from this thread to <paramref name="threads"/> threads until the result is disposed; 0 for no limit.</summary>
    public static Limitation Limit(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        var former = new Limitation(t_limit);
        t_limit = threads;
        return former;
    }

    /// <summary>Restores the previous limit.</summary>
    public readonly struct Limitation(int former) : IDisposable
    {
        public void Dispose() => t_limit = former;
    }

    /// <summary>Runs body(context, part) for every part from 0 to <paramref name="parts"/> - 1 on the available threads and waits for all.</summary>
    public static void Run(int parts, delegate*<void*, int, void> body, void* context)
    {
        var helpers = Math.Min(Available, parts) - 1;
        if (helpers < 1 || Interlocked.CompareExchange(ref s_busy, 1, 0) != 0)
        {
            for (var part = 0; part < parts; part++)
                body(context, part);
            return;
        }
        try
        {
            Grow(helpers);
            s_body = body;
            s_context = context;
            s_count = parts;
            s_failure = null;
            Volatile.Write(ref s_next, 0);
            Volatile.Write(ref s_running, helpers);
            for (var i = 0; i < helpers; i++)
                s_team[i].Wake();
            Exception? own = null;
            try
            {
                TakeParts();
            }
            catch (Exception e)
            {
                own = e;
                Volatile.Write(ref s_next, parts);
            }
            if (!DismissSleepers(helpers))
                AwaitHelpers();
            if ((own ?? s_failure) is { } failure)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
        finally
        {
            Volatile.Write(ref s_busy, 0);
        }
    }

    private static void TakeParts()
    {
        for (int part; (part = Interlocked.Increment(ref s_next) - 1) < s_count;)
            s_body(s_context, part);
    }

    // All parts are taken: do not wait for a helper that has not woken up yet. True if no helper is left that will report.
    private static bool DismissSleepers(int helpers)
    {
        var last = false;
        for (var i = 0; i < helpers; i++)
            if (s_team[i].Dismiss())
                last = Interlocked.Decrement(ref s_running) == 0;
        return last;
    }

    private static void AwaitHelpers()
    {
        // The helpers finish at nearly the same time as the caller; only a longer wait justifies a system call.
        for (var spin = 0; spin < 2000; spin++)
        {
            if (Volatile.Read(ref s_running) == 0)
                break;
            Thread.SpinWait(4);
        }
        s_finished.Wait();
    }

    private static void Finish()
    {
        if (Interlocked.Decrement(ref s_running) == 0)
            s_finished.Release();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Grow(int helpers)
    {
        if (s_team.Length >= helpers)
            return;
        lock (s_lock)
        {
            var former = s_team.Length;
            Array.Resize(ref s_team, helpers);
            for (var i = former; i < helpers; i++)
                s_team[i] = new Worker(i + 1);
        }
    }

    private sealed class Worker
    {
        private const int SpinsBeforeSleep = 300;
        private readonly SemaphoreSlim _wake = new(0);
        private int _signal;

        public Worker(int number) =>
            new Thread(Loop, 256 * 1024) { IsBackground = true, Name = "Microsoft.ML.Recurrent worker " + number }.Start();

        public void Wake()
        {
            // 0: awake (polling, working, or dismissed while waking up), 1: work is available, 2: asleep.
            if (Interlocked.Exchange(ref _signal, 1) == 2)
                _wake.Release();
        }

        /// <summary>Withdraws work that the thread has not started. False if it has.</summary>
        public bool Dismiss() => Interlocked.CompareExchange(ref _signal, 0, 1) == 1;

        private void Loop()
        {
            t_limit = 1;
            while (true)
            {
                // A few microseconds of polling bridge the gap between two kernels of a training step; then the thread sleeps.
                for (var spin = 0; spin < SpinsBeforeSleep && Volatile.Read(ref _signal) != 1; spin++)
                    Thread.SpinWait(4);
                if (Interlocked.CompareExchange(ref _signal, 0, 1) != 1)
                {
                    if (Interlocked.CompareExchange(ref _signal, 2, 0) == 0)
                        _wake.Wait();
                    continue;
                }
                try
                {
                    TakeParts();
                }
                catch (Exception e)
                {
                    s_failure = e;
                    Volatile.Write(ref s_next, s_count);
                }
                Finish();
            }
        }
    }
}
