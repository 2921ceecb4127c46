using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Contract;

/// <summary>What a model writes into its columns, as numbers: keys from 1 on and 0 for a missing one, Booleans as 0 and 1, texts as their letters.</summary>
internal static class Answers
{
    /// <summary>The numbers of each output column, row by row.</summary>
    public static Dictionary<string, float[][]> Read(RecurrentTransformer transformer, IDataView data)
    {
        var scored = transformer.Transform(data);
        return transformer.Model.Manifest.AddedColumns.ToDictionary(output => output.Name, output => Read(scored, output.Name));
    }

    public static float[][] Read(IDataView view, string name) => view.Schema[name].Type switch
    {
        TextDataViewType => [.. view.GetColumn<string>(name).Select(Letters)],
        BooleanDataViewType => [.. view.GetColumn<bool>(name).Select(value => new[] { value ? 1f : 0f })],
        KeyDataViewType => [.. view.GetColumn<uint>(name).Select(value => new float[] { value })],
        VectorDataViewType { ItemType: KeyDataViewType } => [.. view.GetColumn<uint[]>(name).Select(row => Array.ConvertAll(row, value => (float)value))],
        VectorDataViewType { ItemType: BooleanDataViewType } =>
            [.. view.GetColumn<bool[]>(name).Select(row => Array.ConvertAll(row, value => value ? 1f : 0f))],
        VectorDataViewType => [.. view.GetColumn<float[]>(name)],
        _ => [.. view.GetColumn<float>(name).Select(value => new[] { value })],
    };

    /// <summary>The letters of a text.</summary>
    public static float[] Letters(string text) => [.. text.Select(letter => (float)letter)];

    /// <summary>Equal bit by bit, where no tolerance is given; NaN equals NaN.</summary>
    public static void AssertEqual(float[][] expected, float[][] actual, string what, float tolerance = 0)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (var row = 0; row < expected.Length; row++)
        {
            Assert.HasCount(expected[row].Length, actual[row], $"{what}, row {row}");
            for (var i = 0; i < expected[row].Length; i++)
            {
                var (wanted, found) = (expected[row][i], actual[row][i]);
                if (float.IsNaN(wanted) ? float.IsNaN(found) : Math.Abs(wanted - found) <= tolerance * Math.Max(1, Math.Abs(wanted))) continue;
                Assert.Fail($"{what}: number {i} of row {row} is {found}, expected {wanted}.");
            }
        }
    }

    public static void AssertEqual(Dictionary<string, float[][]> expected, Dictionary<string, float[][]> actual, string what, float tolerance = 0)
    {
        CollectionAssert.AreEquivalent(expected.Keys, actual.Keys, what);
        foreach (var (name, rows) in expected) AssertEqual(rows, actual[name], $"{what}, column '{name}'", tolerance);
    }
}
