using System.Globalization;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The processors that the process may use. ONNX Runtime chooses its number of threads by the cores of the machine, whatever the affinity of the process or the
/// share of its container, and many threads on one processor slow each other down.
/// </summary>
internal static class Processors
{
    /// <summary>Threads at the most: the processors allowed, where the machine has more or their number is not known; null for no limit.</summary>
    /// <param name="allowed">Processors that the process may use.</param>
    /// <param name="machine">Processors of the machine; null where that is not known.</param>
    public static int? Limit(int allowed, int? machine) => machine <= allowed ? null : allowed;

    /// <summary>Processors of the machine; null where that is not known.</summary>
    public static int? OfMachine()
    {
        if (OperatingSystem.IsWindows())
            return int.TryParse(Environment.GetEnvironmentVariable("NUMBER_OF_PROCESSORS"), CultureInfo.InvariantCulture, out var number) ? number : null;
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return Count(File.ReadAllText("/sys/devices/system/cpu/online"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Counts a list as Linux writes it: "0-3,8". Null for anything else.</summary>
    public static int? Count(string list)
    {
        var count = 0;
        foreach (var part in list.Trim().Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first) return null;
            count += last - first + 1;
        }
        return count;
    }
}
