namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>Whether there is memory for one more trial.</summary>
internal static class MemoryLimit
{
    /// <summary>Whether one more trial has room beside those that run: it takes about as much as each of them.</summary>
    /// <param name="running">The trials that run, at least one.</param>
    /// <param name="before">The memory of the process before the first trial, in bytes.</param>
    public static bool HasRoom(int running, long before)
    {
        var memory = GC.GetGCMemoryInfo();
        return HasRoom(running, Environment.WorkingSet - before, memory.MemoryLoadBytes, memory.HighMemoryLoadThresholdBytes);
    }

    /// <summary>The rule: what the trials take, divided by their number, has to fit below the limit.</summary>
    public static bool HasRoom(int running, long taken, long load, long limit) => limit <= 0 || load + Math.Max(0, taken) / running <= limit;
}
