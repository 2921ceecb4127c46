namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>One line of the table. Times are microseconds a batch.</summary>
internal sealed record ScoringFigure(string Case, int Batch, string Name, double RowsPerSecond, double Microseconds, double P50, double P99,
    double? BytesPerRow)
{
    /// <summary>Whether this is ONNX Runtime alone, which the others of the same case and batch are held against.</summary>
    public bool IsBare => Name == ScoringCase.BareName;
}

/// <summary>
/// Measures several ways to score in turns of a few milliseconds, so that what else the machine does falls on all of them alike. A turn's figure is the median
/// of its calls, a round's the median of its turns, the result the median of nine rounds.
/// </summary>
internal static class ScoringMeasurement
{
    private const int Rounds = 9, Turns = 12;
    private const double TurnMilliseconds = 10, WarmMilliseconds = 400;

    public static IEnumerable<ScoringFigure> Of(string name, int batch, IReadOnlyList<ScoringContender> contenders)
    {
        var all = contenders.Select(_ => new List<double>(1 << 16)).ToArray();
        var rounds = contenders.Select(_ => new List<double>()).ToArray();
        var turns = contenders.Select(_ => new List<double>()).ToArray();
        var allocated = new long[contenders.Count];
        List<double> latencies = new(1 << 16);
        foreach (var contender in contenders) contender.Run(WarmMilliseconds, latencies);
        for (var round = 0; round < Rounds; round++)
        {
            for (var turn = 0; turn < Turns; turn++)
                for (var i = 0; i < contenders.Count; i++)
                {
                    latencies.Clear();
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    contenders[i].Run(TurnMilliseconds, latencies);
                    allocated[i] += GC.GetAllocatedBytesForCurrentThread() - before;
                    turns[i].Add(Median(latencies));
                    all[i].AddRange(latencies);
                }
            for (var i = 0; i < contenders.Count; i++)
            {
                rounds[i].Add(Median(turns[i]));
                turns[i].Clear();
            }
        }
        for (var i = 0; i < contenders.Count; i++)
        {
            var contender = contenders[i];
            all[i].Sort();
            double median = Median(rounds[i]), scale = (double)batch / contender.RowsPerCall;
            yield return new(name, batch, contender.Name, contender.RowsPerCall / median * 1e6, median * scale, all[i][all[i].Count / 2] * scale,
                all[i][(int)(all[i].Count * 0.99)] * scale,
                contender.CountsBytes ? (double)allocated[i] / ((double)contender.RowsPerCall * all[i].Count) : null);
        }
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
