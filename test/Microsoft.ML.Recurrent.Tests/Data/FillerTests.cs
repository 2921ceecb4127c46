using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Data;

/// <summary>Rows to train on and rows to score reach the network alike: every input of every example holds the same in both kinds of batch.</summary>
[TestClass]
public sealed class FillerTests
{
    private const int Window = 4, Horizon = 2;

    private static readonly MLContext Context = new(1);

    private sealed class SeriesRow
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        [VectorType(2)]
        public float[] Value { get; set; } = [];
        public float Past { get; set; }
        public string PastKind { get; set; } = "";
        [VectorType(2)]
        public float[] Future { get; set; } = [];
        public int FutureKind { get; set; }
        public float Static { get; set; }
        public string StaticKind { get; set; } = "";
    }

    private sealed class WindowRow
    {
        [VectorType(Window, 2)]
        public float[] Value { get; set; } = [];
        [VectorType(Window)]
        public string[] PastKind { get; set; } = [];
        [VectorType(Window + Horizon)]
        public float[] Future { get; set; } = [];
        [VectorType(Window + Horizon)]
        public int[] FutureKind { get; set; } = [];
        [VectorType(Horizon, 2)]
        public float[] Plan { get; set; } = [];
        [VectorType(3)]
        public float[] Static { get; set; } = [];
        public string StaticKind { get; set; } = "";
        [VectorType(Horizon)]
        public float[] Label { get; set; } = [];
    }

    private sealed class SequenceRow
    {
        [VectorType(Window, 2)]
        public float[] First { get; set; } = [];
        [VectorType(Window)]
        public float[] Second { get; set; } = [];
        [VectorType(2)]
        public float[] Static { get; set; } = [];
        public float Other { get; set; }
        public float Label { get; set; }
    }

    private sealed class TokenRow
    {
        [KeyType(9)]
        public uint[] Tokens { get; set; } = [];
        public float Label { get; set; }
    }

    [TestMethod]
    public void Series_fill_both_batches_alike()
    {
        var random = new Random(3);
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new SeriesRow
        {
            Series = i < 25 ? "a" : "b",
            Time = new DateTime(2024, 2, 20).AddDays(i % 25),
            Value = [MissingOr(random), random.NextSingle()],
            Past = MissingOr(random),
            PastKind = "past" + random.Next(4),
            Future = [random.NextSingle(), MissingOr(random)],
            FutureKind = random.Next(3),
            Static = i < 25 ? 1.5f : float.NaN,
            StaticKind = i < 25 ? "x" : "y",
        }).ToArray());
        var layout = SeriesLayout
            .Resolve(data.Schema, "Value", ["Past", "PastKind"], ["Future", "FutureKind"], ["Static", "StaticKind"], [], "Time", CalendarFeatures.DayOfMonth)
            .WithSeries(["Series"], []);
        var table = SeriesTable.Read(data, layout.Inputs, ["Series"], "Time");
        layout.Close();
        var windows = new SeriesWindowExamples(table, layout, Window, Horizon, minimumHistory: 2);
        int[] examples = [.. windows.Add(0, 0, 25), .. windows.Add(1, 0, 15)];
        // Series begin with two rows, and end where the horizon does.
        Assert.HasCount(25 - 3 + 15 - 3, examples);
        var manifest = Manifest(layout.GraphInputs(Window, Horizon)) with
        {
            Forecast = new(Window, Horizon, ["Value[0]", "Value[1]"], false, "Time", "Series", null, null, 0.95f)
            {
                Frequency = new(TimeUnit.Day), AllowsMissing = true, MinimumHistory = 2,
                Categories = layout.CategoryManifests(), KnownSeries = [.. layout.Series!.Names],
            },
        };
        AssertAlike(data, manifest, windows, examples, row => new SeriesCollector(row, manifest, FutureRows.Read(data, manifest)));
    }

    [TestMethod]
    public void Windows_fill_both_batches_alike()
    {
        var random = new Random(4);
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(_ => new WindowRow
        {
            Value = [.. Enumerable.Range(0, Window * 2).Select(i => i == 2 ? 1 : MissingOr(random))],
            PastKind = [.. Enumerable.Range(0, Window).Select(_ => "past" + random.Next(4))],
            Future = [.. Enumerable.Range(0, Window + Horizon).Select(_ => MissingOr(random))],
            FutureKind = [.. Enumerable.Range(0, Window + Horizon).Select(_ => random.Next(3))],
            Plan = [.. Enumerable.Range(0, Horizon * 2).Select(_ => MissingOr(random))],
            Static = [random.NextSingle(), MissingOr(random), random.NextSingle()],
            StaticKind = "static" + random.Next(3),
            Label = [1, 2],
        }).ToArray());
        (string, SeriesRole)[] columns = [("Value", SeriesRole.Target), ("PastKind", SeriesRole.Past), ("Future", SeriesRole.Future),
            ("FutureKind", SeriesRole.Future), ("Plan", SeriesRole.Future), ("Static", SeriesRole.Static), ("StaticKind", SeriesRole.Static)];
        var (layout, label) = WindowLayout.Resolve(data.Schema, new(columns, "Label", Window, Horizon), []);
        var rows = WindowRows.Read(data, layout, label, "data", default);
        layout.Step.Close();
        var manifest = Manifest(layout.GraphInputs()) with
        {
            Forecast = new(Window, Horizon, ["Value"], true, null, null, null, null, 0.95f)
            {
                AllowsMissing = true, Categories = layout.Step.CategoryManifests(),
            },
        };
        AssertAlike(data, manifest, rows, rows.WithTargets(), row => new WindowCollector(row, manifest));
    }

    [TestMethod]
    public void Sequences_fill_both_batches_alike()
    {
        var random = new Random(5);
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new SequenceRow
        {
            First = [.. Enumerable.Range(0, Window * 2).Select(_ => random.NextSingle())],
            Second = [.. Enumerable.Range(0, Window).Select(_ => random.NextSingle())],
            Static = [random.NextSingle(), random.NextSingle()],
            Other = i,
        }).ToArray());
        AssertAlike(data, new(["First", "Second"], ["Static", "Other"], "Label", LabelRole.Number, null));
    }

    [TestMethod]
    public void Tokens_fill_both_batches_alike()
    {
        var random = new Random(6);
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 20)
            .Select(_ => new TokenRow { Tokens = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => (uint)random.Next(10))] }).ToArray());
        AssertAlike(data, new(["Tokens"], [], "Label", LabelRole.Number, null));
    }

    private static float MissingOr(Random random) => random.Next(5) == 0 ? float.NaN : random.NextSingle();

    private static ModelManifest Manifest(ImmutableArray<InputColumn> inputs) =>
        new() { Task = ModelTask.Regression, Inputs = inputs, Outputs = [new("Score", OutputKind.Single, 1)] };

    private static void AssertAlike(IDataView data, RowColumnNames names)
    {
        var columns = RowColumns.Resolve(data.Schema, names);
        var examples = RowExamples.Read(data, columns, "data", default);
        var manifest = Manifest(columns.Inputs());
        AssertAlike(data, manifest, examples, [.. Enumerable.Range(0, examples.Count)], row => new RowCollector(row, manifest));
    }

    private static void AssertAlike(IDataView data, ModelManifest manifest, IExampleSource source, int[] examples, Func<DataViewRow, IExampleCollector> open)
    {
        using var scored = new ScoringBatch(manifest, 100);
        using (var cursor = data.GetRowCursor(data.Schema))
        {
            for (var collector = open(cursor); cursor.MoveNext();) collector.Collect(scored);
        }
        using var batch = new SequenceBatch();
        source.Fill(batch, examples);
        Assert.AreEqual(examples.Length, scored.Rows);
        Assert.AreEqual(examples.Length, batch.Rows);
        var (offsets, categories) = (new Dictionary<InputKind, int>(), new List<string>());
        for (var i = 0; i < manifest.Inputs.Length; i++)
        {
            var input = manifest.Inputs[i];
            var offset = offsets.GetValueOrDefault(input.Kind);
            if (!input.IsCategory) offsets[input.Kind] = offset + input.Features;
            else if (!input.IsSeries && input.Kind is not InputKind.Future) categories.Add(input.Column);
            for (var row = 0; row < examples.Length; row++)
            {
                var what = $"input '{input.Name}' of example {row}";
                if (input.Kind is InputKind.Tokens || input.IsCategory)
                {
                    var ids = input.IsSeries ? batch.Series! : input.Kind is InputKind.Tokens ? batch.Tokens!
                        : input.Kind is InputKind.Future ? batch.FutureCategories(categories.IndexOf(input.Column))
                        : batch.Categories(categories.IndexOf(input.Column));
                    var steps = Enumerable.Range(0, scored.Tokens(row, i).Length);
                    CollectionAssert.AreEqual(scored.Tokens(row, i).ToArray(), steps.Select(step => (long)ids[step * batch.Rows + row]).ToArray(), what);
                }
                else
                {
                    var tensor = input.Kind switch { InputKind.Static => batch.Statics!, InputKind.Future => batch.Future!, _ => batch.Values! };
                    var (numbers, width) = (tensor.Span.ToArray(), tensor.Shape.Columns);
                    var places = from step in Enumerable.Range(0, scored.Values(row, i).Length / input.Features)
                                 from feature in Enumerable.Range(0, input.Features)
                                 select (step * batch.Rows + row) * width + offset + feature;
                    CollectionAssert.AreEqual(scored.Values(row, i).ToArray(), places.Select(place => numbers[place]).ToArray(), what);
                }
            }
        }
    }
}
