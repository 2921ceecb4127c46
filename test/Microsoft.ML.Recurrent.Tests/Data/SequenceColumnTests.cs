using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Data;

[TestClass]
public sealed class SequenceColumnTests
{
    private readonly MLContext _context = new(1);

    private sealed class Row
    {
        [VectorType(4, 3)] public float[] Fixed { get; set; } = new float[12];
        [VectorType(0, 2)] public float[] Varying { get; set; } = [];
        [VectorType(5)] public float[] Plain { get; set; } = new float[5];
        public float[] Free { get; set; } = [];
        public float Scalar { get; set; }
        public double[] Doubles { get; set; } = [];
        [VectorType(2, 2)] public short[] Whole { get; set; } = new short[4];
        public string[] Words { get; set; } = [];
        [VectorType(2, 2, 2)] public float[] Cube { get; set; } = new float[8];
    }

    private IDataView View(params Row[] rows) => _context.Data.LoadFromEnumerable(rows);

    [TestMethod]
    [DataRow("Fixed", 4, 3)]
    [DataRow("Varying", 0, 2)]
    [DataRow("Plain", 5, 1)]
    [DataRow("Free", 0, 1)]
    [DataRow("Doubles", 0, 1)]
    [DataRow("Whole", 2, 2)]
    public void Numeric_forms_are_resolved(string name, int time, int features)
    {
        var column = SequenceColumn.Resolve(View().Schema, name);
        Assert.AreEqual(time == 0 ? null : time, column.Time);
        Assert.AreEqual(features, column.Features);
        Assert.IsFalse(column.IsTokens);
    }

    [TestMethod]
    public void Keys_are_tokens_with_one_id_more_than_keys()
    {
        var data = View(new Row { Words = ["a", "b", "a"] }, new Row { Words = ["c"] });
        var keys = _context.Transforms.Conversion.MapValueToKey("Words").Fit(data).Transform(data);
        var column = SequenceColumn.Resolve(keys.Schema, "Words");
        Assert.AreEqual(4, column.Vocabulary);
        Assert.IsNull(column.Time);
        using var cursor = keys.GetRowCursor(keys.Schema);
        var reader = SequenceReader.Create(cursor, column);
        cursor.MoveNext();
        Assert.AreEqual(3, reader.Read());
        CollectionAssert.AreEqual(new[] { 1, 2, 1 }, reader.Tokens.ToArray());
        cursor.MoveNext();
        Assert.AreEqual(1, reader.Read());
        CollectionAssert.AreEqual(new[] { 3 }, reader.Tokens.ToArray());
    }

    [TestMethod]
    [DataRow("Scalar", "Single", "CreateWindows")]
    [DataRow("Words", "String", "MapValueToKey")]
    [DataRow("Cube", "2, 2, 2", "two dimensions")]
    public void A_wrong_type_names_column_expectation_finding_and_remedy(string name, string found, string remedy)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SequenceColumn.Resolve(View().Schema, name));
        foreach (var part in new[] { $"'{name}'", "expected Vector<Single, T, k>", found, remedy }) StringAssert.Contains(error.Message, part);
    }

    [TestMethod]
    public void A_missing_column_is_named_with_its_neighbours()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SequenceColumn.Resolve(View().Schema, "fxied"));
        StringAssert.Contains(error.Message, "'fxied'");
        var near = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SequenceColumn.Resolve(View().Schema, "varyin"));
        StringAssert.Contains(near.Message, "Did you mean 'Varying'?");
    }

    [TestMethod]
    public void A_schema_shape_is_checked_without_data()
    {
        var shape = SchemaShapes.Create(View().Schema);
        SequenceColumn.Check(shape, "Fixed");
        SequenceColumn.Check(shape, "Free");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SequenceColumn.Check(shape, "Scalar")).Message, "found Single");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SequenceColumn.Check(shape, "Words")).Message, "MapValueToKey");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SequenceColumn.Check(shape, "None")).Message, "'None'");
    }

    [TestMethod]
    public void Rows_of_all_lengths_are_read_and_a_torn_step_is_an_error()
    {
        var data = View(new Row { Varying = [1, 2, 3, 4] }, new Row(), new Row { Varying = [5, 6] }, new Row { Varying = [7, 8, 9] });
        using var cursor = data.GetRowCursor(data.Schema);
        var reader = SequenceReader.Create(cursor, SequenceColumn.Resolve(data.Schema, "Varying"));
        foreach (var expected in new float[][] { [1, 2, 3, 4], [], [5, 6] })
        {
            cursor.MoveNext();
            Assert.AreEqual(expected.Length / 2, reader.Read());
            CollectionAssert.AreEqual(expected, reader.Values.ToArray());
        }
        cursor.MoveNext();
        var error = Assert.ThrowsExactly<ArgumentException>(() => reader.Read());
        StringAssert.Contains(error.Message, "Row 3");
        StringAssert.Contains(error.Message, "'Varying'");
    }

    [TestMethod]
    public void Numbers_of_other_types_are_read_as_Single()
    {
        var data = View(new Row { Doubles = [1.5, double.NaN], Whole = [-3, 0, 7, short.MaxValue] }, new Row(), new Row { Doubles = [-2.25] });
        using var cursor = data.GetRowCursor(data.Schema);
        var (doubles, whole) = (SequenceReader.Create(cursor, SequenceColumn.Resolve(data.Schema, "Doubles")), SequenceReader.Create(cursor,
            SequenceColumn.Resolve(data.Schema, "Whole")));
        cursor.MoveNext();
        Assert.AreEqual(2, doubles.Read());
        CollectionAssert.AreEqual(new[] { 1.5f, float.NaN }, doubles.Values.ToArray());
        Assert.AreEqual(2, whole.Read());
        CollectionAssert.AreEqual(new float[] { -3, 0, 7, short.MaxValue }, whole.Values.ToArray());
        cursor.MoveNext();
        Assert.AreEqual(0, doubles.Read());
        cursor.MoveNext();
        Assert.AreEqual(1, doubles.Read());
        CollectionAssert.AreEqual(new[] { -2.25f }, doubles.Values.ToArray());
    }

    [TestMethod]
    public void Sparse_vectors_are_read_whole()
    {
        var data = View(new Row { Words = ["a", "b"] }, new Row { Words = ["b"] });
        var counts = _context.Transforms.Conversion.MapValueToKey("Words")
            .Append(_context.Transforms.Conversion.MapKeyToVector("Words", outputCountVector: true)).Fit(data).Transform(data);
        using var cursor = counts.GetRowCursor(counts.Schema);
        var reader = SequenceReader.Create(cursor, SequenceColumn.Resolve(counts.Schema, "Words"));
        cursor.MoveNext();
        reader.Read();
        CollectionAssert.AreEqual(new float[] { 1, 1 }, reader.Values.ToArray());
        cursor.MoveNext();
        reader.Read();
        CollectionAssert.AreEqual(new float[] { 0, 1 }, reader.Values.ToArray());
    }
}
