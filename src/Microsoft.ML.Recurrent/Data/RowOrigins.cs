using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// What the numbers of rows lose as Single while they are read. In the end, a level is subtracted from those that are more than Singles: what a network sees
/// of them is their distance from it.
/// </summary>
internal sealed class RowOrigins(RowColumns columns)
{
    // Numbers of a column from which changes and levels are taken.
    private const int Sampled = 1 << 16;

    private readonly ChunkStore<float> _rests = new();
    private readonly List<float> _staticRests = [];
    private readonly List<string> _warnings = [];

    /// <summary>What is said of numbers that cannot be told apart.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Keeps the rests of the row last read.</summary>
    public void Add(RowReader reader)
    {
        _rests.Append(reader.JoinRests());
        _staticRests.AddRange(reader.StaticRests);
    }

    /// <summary>Subtracts the origins of the columns or, if they have none yet, those that are found; returns the columns with them.</summary>
    /// <param name="values">The numbers of the sequences, in the order of the rests.</param>
    /// <param name="positions">The place of each row.</param>
    /// <param name="lengths">The steps of each row.</param>
    /// <param name="statics">The statics of all rows.</param>
    public RowColumns Subtract(ChunkStore<float> values, IReadOnlyList<long> positions, IReadOnlyList<int> lengths, List<float> statics)
    {
        var given = columns.Origins;
        var origins = new float[columns.Features + columns.StaticSize];
        var numbers = Enumerable.Range(0, positions.Count).Sum(row => (long)lengths[row]);
        for (var number = 0; number < columns.Features; number++)
        {
            origins[number] = Origin(number, Steps(number), 1 + numbers / Sampled);
            if (float.IsNaN(origins[number])) continue;
            foreach (var (numbersOf, restsOf, place) in Places(number)) Subtract(ref numbersOf.Span[place], restsOf.Span[place], origins[number]);
        }
        var all = CollectionsMarshal.AsSpan(statics);
        for (var number = 0; number < columns.StaticSize; number++)
        {
            var at = columns.Features + number;
            origins[at] = Origin(at, Statics(number), 1 + positions.Count / Sampled);
            for (var i = number; i < all.Length && !float.IsNaN(origins[at]); i += columns.StaticSize) Subtract(ref all[i], _staticRests[i], origins[at]);
        }
        return columns with { Origins = [.. origins] };

        float Origin(int number, IEnumerable<double> values, long every)
        {
            if (given.IsEmpty) return Find(values, every);
            if (float.IsNaN(given[number]) && !float.IsNaN(Find(values, every)) && Rounding.Describe(columns.NameAt(number), values, 0,
                "because the initial model was trained on Singles: subtract a constant from the column before training") is { } warning) _warnings.Add(warning);
            return given[number];
        }

        IEnumerable<double> Steps(int number)
        {
            foreach (var (numbersOf, restsOf, place) in Places(number)) yield return (double)numbersOf.Span[place] + restsOf.Span[place];
        }

        IEnumerable<double> Statics(int number)
        {
            for (var i = number; i < statics.Count; i += columns.StaticSize) yield return (double)statics[i] + _staticRests[i];
        }

        IEnumerable<(Memory<float> Numbers, Memory<float> Rests, int Place)> Places(int number)
        {
            for (var row = 0; row < positions.Count; row++)
            {
                var size = lengths[row] * columns.Features;
                var (numbersOf, restsOf) = (values.Part(positions[row], size), _rests.Part(positions[row], size));
                for (var place = number; place < size; place += columns.Features) yield return (numbersOf, restsOf, place);
            }
        }
    }

    private static void Subtract(ref float number, float rest, float origin) => number = (float)((double)number - origin + rest);

    // NaN if Singles tell the numbers apart.
    private static float Find(IEnumerable<double> numbers, long every)
    {
        List<double> values = [], changes = [];
        var (before, place) = (double.NaN, 0L);
        foreach (var value in numbers)
        {
            if (place++ % every == 0)
            {
                values.Add(value);
                if (Math.Abs(value - before) is > 0 and var change) changes.Add(change);
            }
            before = value;
        }
        var (level, hides) = Rounding.Measure(values, changes);
        return hides ? level : float.NaN;
    }
}
