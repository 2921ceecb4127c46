using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Data;

/// <summary>Training windows a stride apart begin at other rows in each shuffled pass.</summary>
[TestClass]
public sealed class ShiftedWindowsTests
{
    private const int Window = 4, Horizon = 2, Stride = 5;

    private sealed class Row
    {
        public float Value { get; set; }
    }

    [TestMethod]
    public void All_windows_come_in_one_pass_or_another()
    {
        var source = Source(Enumerable.Range(0, 60).Select(i => (float)i), out var examples);
        var plain = Firsts(source, examples, null);
        CollectionAssert.AreEqual((int[])[.. Enumerable.Range(0, 11).Select(i => 4 + i * Stride)], plain, "the last one ends with the series");
        var seen = new HashSet<int>();
        for (var seed = 1UL; seed < 40; seed++)
        {
            var firsts = Firsts(source, examples, seed);
            Assert.HasCount(plain.Length, firsts);
            var shift = plain[^1] - firsts[^1];
            Assert.IsInRange(0, Stride - 1, shift);
            CollectionAssert.AreEqual(plain.Select(first => first - shift).ToArray(), firsts, "all by as many rows");
            CollectionAssert.AreEqual(firsts, Firsts(source, examples, seed), "the seed tells how many");
            seen.UnionWith(firsts);
        }
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 55).ToArray(), seen.ToArray());
        CollectionAssert.AreEqual(plain, Firsts(source, examples, null), "a pass without a seed has them in place");
    }

    /// <summary>A window at the start of the series, and one without a target where it would begin, stay.</summary>
    [TestMethod]
    public void Windows_that_cannot_begin_earlier_stay()
    {
        // Of the rows from 20 on, only the last window has targets in both parts.
        var source = Source(Enumerable.Range(0, 58).Select(i => i is < 20 or 57 ? i : i == 52 ? i : float.NaN), out var examples);
        var plain = Firsts(source, examples, null);
        CollectionAssert.IsSubsetOf((int[])[2, 7, 52], plain);
        for (var seed = 1UL; seed < 40; seed++)
        {
            var firsts = Firsts(source, examples, seed);
            CollectionAssert.Contains(firsts, 52);
            NumberAssert.IsGreaterThan(-1, firsts[0]);
            if (firsts[1] == 4) Assert.AreEqual(2, firsts[0], "three rows earlier it would begin before the series");
        }
    }

    private static ShiftedWindows Source(IEnumerable<float> values, out int[] examples)
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(values.Select(value => new Row { Value = value }).ToArray());
        var layout = SeriesLayout.Resolve(data.Schema, nameof(Row.Value), [], [], [], []);
        var table = SeriesTable.Read(data, layout.Inputs, [], null);
        layout.Close();
        var windows = new SeriesWindowExamples(table, layout, Window, Horizon);
        examples = [.. windows.Add(0, 0, table.Rows, Stride)];
        return new(windows, Stride);
    }

    // The first row of each window, in order. Rows are numbered, and their values are their numbers.
    private static int[] Firsts(ShiftedWindows source, int[] examples, ulong? seed)
    {
        using var batch = new SequenceBatch();
        List<int> firsts = [];
        var batches = new ExampleBatches(source, examples, 3);
        for (batches.Begin(seed); batches.Next(batch);)
        {
            for (var row = 0; row < batch.Rows; row++)
            {
                var first = Enumerable.Range(0, Window).Select(t => batch.Values![t * batch.Rows + row] - t)
                    .Concat(Enumerable.Range(0, Horizon).Select(h => batch.Targets![row * Horizon + h] - Window - h)).Where(float.IsFinite).Distinct().Single();
                firsts.Add((int)first);
            }
        }
        return [.. firsts.Order()];
    }
}
