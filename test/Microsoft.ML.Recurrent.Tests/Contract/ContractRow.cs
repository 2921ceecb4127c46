using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Contract;

/// <summary>A row with what any trainer may read, and the data views of such rows.</summary>
internal sealed class ContractRow
{
    public const int Steps = 5, Horizon = 2;

    private static readonly MLContext s_context = new(1);

    [VectorType(Steps)] public float[] Fixed { get; set; } = [];
    [VectorType(Horizon)] public float[] Next { get; set; } = [];
    public float[] Numbers { get; set; } = [];
    public string[] Words { get; set; } = [];
    public string[] Tags { get; set; } = [];
    public string Class { get; set; } = "";
    public bool Flag { get; set; }
    public float Number { get; set; }
    public float Weight { get; set; } = 1;
    public float Static { get; set; }
    public string Wrong { get; set; } = "text";

    private static readonly IEstimator<ITransformer> s_keys = s_context.Transforms.Conversion.MapValueToKey("Tokens", "Words")
        .Append(s_context.Transforms.Conversion.MapValueToKey("TagKeys", "Tags")).Append(s_context.Transforms.Conversion.MapValueToKey("ClassKey", "Class"));

    private static readonly ITransformer s_mapping = s_keys.Fit(s_context.Data.LoadFromEnumerable(Draw(200, 1)));

    /// <summary>Rows of one to six steps whose labels follow from their steps.</summary>
    public static ContractRow[] Draw(int count, int seed)
    {
        string[] words = ["red", "green", "blue", "a", "b"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            string[] row = [.. Enumerable.Range(0, random.Next(1, 7)).Select(t => words[random.Next(t == 0 ? 3 : 5)])];
            float[] numbers = [.. row.Select(_ => (float)(2 * random.NextDouble() - 1))];
            float[] steps = [.. Enumerable.Range(0, Steps).Select(_ => (float)(2 * random.NextDouble() - 1))];
            return new ContractRow
            {
                Words = row,
                Numbers = numbers,
                Tags = [.. row.Select(word => word.Length > 1 ? "B-" + word : "O")],
                Class = row[0],
                Flag = numbers[0] > 0,
                Number = MathF.Sin(i / 3f) + numbers[0],
                Fixed = steps,
                Next = [steps[^1] + 1, steps[^1] - 1],
                Static = (float)random.NextDouble(),
            };
        })];
    }

    /// <summary>Rows with keys by one mapping for all of them.</summary>
    public static IDataView View(params ContractRow[] rows) => new RootView(s_mapping.Transform(s_context.Data.LoadFromEnumerable(rows)));

    /// <summary>Rows with keys of their own values.</summary>
    public static IDataView OwnKeys(params ContractRow[] rows)
    {
        var view = s_context.Data.LoadFromEnumerable(rows);
        return new RootView(s_keys.Fit(view).Transform(view));
    }

    /// <summary>A column alone, as ConvertToOnnx wants it: each column of the data is an input of the graph.</summary>
    public static IDataView Select(IDataView view, params string[] columns) =>
        new RootView(s_context.Transforms.SelectColumns(columns).Fit(view).Transform(view));

    /// <summary>Rows that count how many of them are read; they have no steps before them that ConvertToOnnx would write.</summary>
    internal sealed class RootView(IDataView view) : IDataView
    {
        private int _cursors;

        public int Cursors => _cursors;

        public bool CanShuffle => false;

        public DataViewSchema Schema => view.Schema;

        public long? GetRowCount() => view.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            Interlocked.Increment(ref _cursors);
            return view.GetRowCursor(columnsNeeded);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded)];
    }
}
