using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Small tasks that need memory, made by a seed.</summary>
internal static class SequenceTasks
{
    /// <summary>A sequence of varying length whose label is the sum of its numbers.</summary>
    public sealed class SumRow
    {
        public float[] Features { get; set; } = [];
        public float Label { get; set; }
        public float Weight { get; set; } = 1;
    }

    /// <summary>A sequence of ten steps of two numbers: whether the first number of the first step was positive, the rest being noise.</summary>
    public sealed class FirstRow
    {
        [VectorType(10, 2)] public float[] Features { get; set; } = [];
        public bool Label { get; set; }
    }

    /// <summary>Words whose class is that of the first word; the rest is noise.</summary>
    public sealed class WordRow
    {
        public string[] Words { get; set; } = [];
        public string Class { get; set; } = "";
    }

    public static SumRow[] Sums(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var values = Enumerable.Range(0, random.Next(3, 9)).Select(_ => (float)(random.NextDouble() * 4 - 1)).ToArray();
            return new SumRow { Features = values, Label = 100 + 10 * values.Sum() };
        })];
    }

    public static FirstRow[] Firsts(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var values = Enumerable.Range(0, 20).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            return new FirstRow { Features = values, Label = values[0] > 0 };
        })];
    }

    public static WordRow[] Words(int count, int seed)
    {
        string[] heads = ["red", "green", "blue"], tails = ["a", "b", "c", "d", "e"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var head = heads[random.Next(3)];
            return new WordRow { Class = head.ToUpperInvariant(),
                Words = [head, .. Enumerable.Range(0, random.Next(1, 6)).Select(_ => tails[random.Next(5)])] };
        })];
    }
}
