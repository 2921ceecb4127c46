using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Data;

[TestClass]
public sealed class SequenceDataViewTests
{
    private readonly MLContext _context = new(1);

    private sealed class Step
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float A { get; set; }
        [VectorType(2)] public float[] B { get; set; } = [0, 0];
        public string Label { get; set; } = "";
    }

    private sealed class Sequence
    {
        public string Series { get; set; } = "";
        public string Label { get; set; } = "";
        public float[] Features { get; set; } = [];
    }

    private sealed class Window
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float[] Features { get; set; } = [];
        public float[] A { get; set; } = [];
    }

    private static Step At(string series, int hour, float a) =>
        new() { Series = series, Time = new DateTime(2026, 1, 1).AddHours(hour), A = a, B = [10 * a, 100 * a], Label = $"label of {series}" };

    // Two series, mixed, one of them out of order.
    private static readonly Step[] Mixed = [At("x", 2, 3), At("y", 0, 7), At("x", 0, 1), At("y", 1, 8), At("x", 1, 2), At("y", 2, 9), At("y", 3, 10)];

    [TestMethod]
    public void Rows_become_sequences_in_time_order_and_other_columns_stay()
    {
        var view = _context.Data.GroupIntoSequences(_context.Data.LoadFromEnumerable(Mixed), "Features", ["A", "B"], "Series", "Time");
        var type = (VectorDataViewType)view.Schema["Features"].Type;
        CollectionAssert.AreEqual(new[] { 0, 3 }, type.Dimensions.ToArray());
        Assert.IsNull(view.Schema.GetColumnOrNull("A"));
        var rows = _context.Data.CreateEnumerable<Sequence>(view, reuseRowObject: false).ToArray();
        Assert.AreEqual(2, rows.Length);
        Assert.AreEqual("x", rows[0].Series);
        Assert.AreEqual("label of y", rows[1].Label);
        CollectionAssert.AreEqual(new float[] { 1, 10, 100, 2, 20, 200, 3, 30, 300 }, rows[0].Features);
        Assert.AreEqual(2L, view.GetRowCount());
    }

    [TestMethod]
    public void Without_a_time_column_the_rows_order_is_kept()
    {
        var view = _context.Data.GroupIntoSequences(_context.Data.LoadFromEnumerable(Mixed), "Features", ["A"], "Series");
        CollectionAssert.AreEqual(new float[] { 3, 1, 2 }, _context.Data.CreateEnumerable<Sequence>(view, false).First().Features);
    }

    [TestMethod]
    public void Windows_stay_within_their_series_and_carry_the_future_as_label()
    {
        var view = _context.Data.CreateWindows(_context.Data.LoadFromEnumerable(Mixed), "Features", ["A", "B"], windowSize: 2, horizon: 1, labelColumnName: "A",
            seriesColumnName: "Series", timeColumnName: "Time");
        CollectionAssert.AreEqual(new[] { 2, 3 }, ((VectorDataViewType)view.Schema["Features"].Type).Dimensions.ToArray());
        Assert.AreEqual(1, ((VectorDataViewType)view.Schema["A"].Type).Size);
        var rows = _context.Data.CreateEnumerable<Window>(view, false).ToArray();
        Assert.AreEqual(3, rows.Length);
        CollectionAssert.AreEqual(new float[] { 1, 10, 100, 2, 20, 200 }, rows[0].Features);
        CollectionAssert.AreEqual(new float[] { 3 }, rows[0].A);
        Assert.AreEqual(Mixed[0].Time.AddHours(-1), rows[0].Time);
        CollectionAssert.AreEqual(new float[] { 8, 80, 800, 9, 90, 900 }, rows[2].Features);
        CollectionAssert.AreEqual(new float[] { 10 }, rows[2].A);
        Assert.AreEqual("y", rows[2].Series);
    }

    [TestMethod]
    public void A_stride_skips_starts()
    {
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i => At("x", i, i)));
        var view = _context.Data.CreateWindows(data, "Features", ["A"], windowSize: 3, stride: 3);
        var first = _context.Data.CreateEnumerable<Sequence>(view, false).Select(row => row.Features[0]).ToArray();
        CollectionAssert.AreEqual(new float[] { 0, 3, 6 }, first);
    }

    [TestMethod]
    public void Cursors_are_independent_and_check_types()
    {
        var view = _context.Data.CreateWindows(_context.Data.LoadFromEnumerable(Mixed), "Features", ["A"], windowSize: 2, seriesColumnName: "Series");
        using var one = view.GetRowCursor([view.Schema["Features"]]);
        using var two = view.GetRowCursor(view.Schema);
        one.MoveNext();
        one.MoveNext();
        two.MoveNext();
        Assert.AreEqual(1, one.Position);
        Assert.AreEqual(0, two.Position);
        Assert.ThrowsExactly<InvalidOperationException>(() => one.GetGetter<float>(view.Schema["Features"]));
        Assert.ThrowsExactly<ArgumentException>(() => one.GetGetter<float>(view.Schema["A"]));
        while (one.MoveNext()) { }
        Assert.AreEqual(-1, one.Position);
        Assert.IsFalse(one.MoveNext());
    }

    [TestMethod]
    public void A_series_shorter_than_the_window_is_an_error_with_figures()
    {
        var view = _context.Data.CreateWindows(_context.Data.LoadFromEnumerable(Mixed), "Features", ["A"], windowSize: 4, horizon: 2, labelColumnName: "A",
            seriesColumnName: "Series");
        var error = Assert.ThrowsExactly<ArgumentException>(() => view.GetRowCursor(view.Schema));
        StringAssert.Contains(error.Message, "need 6 rows, the longest series has 4");
        var empty = _context.Data.CreateWindows(_context.Data.LoadFromEnumerable(Array.Empty<Step>()), "Features", ["A"], windowSize: 4);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => empty.GetRowCursor(empty.Schema)).Message, "no rows");
    }

    [TestMethod]
    public void Wrong_arguments_are_named()
    {
        var data = _context.Data.LoadFromEnumerable(Mixed);
        Assert.AreEqual("windowSize", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Data.CreateWindows(data, "F", ["A"], 0)).ParamName);
        Assert.AreEqual("stride",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Data.CreateWindows(data, "F", ["A"], 1, stride: 0)).ParamName);
        Assert.AreEqual("labelColumnName",
            Assert.ThrowsExactly<ArgumentException>(() => _context.Data.CreateWindows(data, "F", ["A"], 1, horizon: 1)).ParamName);
        Assert.AreEqual("inputColumnNames", Assert.ThrowsExactly<ArgumentException>(() => _context.Data.GroupIntoSequences(data, "F", [], "Series")).ParamName);
        var time = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Data.GroupIntoSequences(data, "F", ["A"], "Series", "Label"));
        StringAssert.Contains(time.Message, "time column 'Label'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Data.GroupIntoSequences(data, "F", ["A"], "Serie")).Message,
            "Did you mean 'Series'?");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Data.GroupIntoSequences(data, "F", ["Label"], "Series")).Message,
            "expected numbers (Single");
    }

    [TestMethod]
    public void Views_feed_ML_NETs_own_transforms()
    {
        var windows = _context.Data.CreateWindows(_context.Data.LoadFromEnumerable(Mixed), "Features", ["A"], 2, seriesColumnName: "Series");
        var shuffled = _context.Data.ShuffleRows(_context.Data.Cache(windows), seed: 3);
        var keyed = _context.Transforms.Conversion.MapValueToKey("Series").Fit(shuffled).Transform(shuffled);
        Assert.AreEqual(5, keyed.GetColumn<uint>("Series").Count());
    }
}
