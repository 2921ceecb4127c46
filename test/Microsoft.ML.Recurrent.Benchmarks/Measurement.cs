using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>Times a step as the peer's script does: warm up, then batches of repetitions of which best and median are kept.</summary>
internal readonly record struct Measurement(double BestMilliseconds, double MedianMilliseconds)
{
    public static Measurement Of(Action step, double warm = 0.6, int repeat = 9, double each = 0.25)
    {
        var clock = Stopwatch.StartNew();
        for (var n = 0; n < 3 || clock.Elapsed.TotalSeconds < warm; n++)
            step();
        clock.Restart();
        step();
        step();
        var count = Math.Max(1, (int)Math.Ceiling(each / (clock.Elapsed.TotalSeconds / 2)));
        var times = new double[repeat];
        for (var i = 0; i < repeat; i++)
        {
            clock.Restart();
            for (var n = 0; n < count; n++)
                step();
            times[i] = clock.Elapsed.TotalMilliseconds / count;
        }
        Array.Sort(times);
        return new Measurement(times[0], times[repeat / 2]);
    }
}
