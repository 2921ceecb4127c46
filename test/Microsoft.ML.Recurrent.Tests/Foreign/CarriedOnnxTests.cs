using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>States of foreign graphs that ApplyRecurrentOnnx carries along the rows of series.</summary>
[TestClass]
public sealed class CarriedOnnxTests
{
    private const int Frames = 50;

    private static readonly string[] Lines = ["north", "south", "east"];

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("silero_vad_v5.onnx", 576)]
    [DataRow("silero_vad_legacy.onnx", 1536)]
    [DataRow("gtcrn_simple.onnx", 514)]
    public void Real_models_answer_as_with_states_passed_by_hand(string file, int numbers)
    {
        var path = SharedFolder.Find("onnx-real", file);
        var (states, scalars, shape) = RealModels.Describe(file, numbers);
        var random = new Random(3);
        // The rows of three series, of different number, one among the other.
        Frame[] rows = [.. Enumerable.Range(0, 3 * Frames).Select(i => new Frame
        {
            Line = Lines[random.Next(6) switch { 0 => 0, 1 or 2 => 1, _ => 2 }],
            Numbers = [.. Enumerable.Range(0, numbers).Select(_ => 0.2f * (random.NextSingle() - 0.5f))],
        })];
        var data = Load(rows, numbers);
        var options = new RecurrentOnnxOptions
        {
            ModelFile = path,
            InputColumnNames = ["Numbers"],
            OutputColumnNames = ["Answer"],
            SeriesColumnNames = ["Line"],
            Scoring = new() { BatchSize = 8 },
        };
        if (scalars.Length > 0) options.Constants["sr"] = 16000L;
        using var model = _ml.Transforms.ApplyRecurrentOnnx(options).Fit(data);

        var expected = new float[rows.Length][];
        using (var session = new SteppedSession(path, states, scalars))
        {
            foreach (var line in Lines)
            {
                session.Forget();
                for (var i = 0; i < rows.Length; i++)
                    if (rows[i].Line == line) expected[i] = session.Step((RealModels.Input(file), rows[i].Numbers, shape));
            }
        }
        Check(expected, Answers(model.Transform(data)), "transformed");
        using var stream = new SequenceStream<string>(model.Model);
        var streamed = Array.ConvertAll(rows, row =>
        {
            var answer = new float[stream.OutputSize];
            stream.Step([row.Line], row.Numbers, answer);
            return answer;
        });
        Check(expected, streamed, "streamed");

        using var saved = new MemoryStream();
        _ml.Model.Save(model, data.Schema, saved);
        saved.Position = 0;
        Check(expected, Answers(_ml.Model.Load(saved, out _).Transform(data)), "loaded");
    }

    [TestMethod]
    [DataRow("N")]
    [DataRow(1)]
    [DataRow(2)]
    public void Rows_are_scored_in_their_order_by_any_cursor(object batch) => SmallGraphs.With(SmallGraphs.Counter(batch), path =>
    {
        var rows = Rows(101);
        var data = Load(rows, 3);
        using var model = Fit(path, data, ["Line"]);
        var scored = model.Transform(data);
        var expected = Counted(rows);
        Check(expected, Answers(scored), "plain");
        Assert.IsFalse(scored.CanShuffle);
        Check(expected, Answers(scored.Schema, scored.GetRowCursor(scored.Schema, new Random(5))), "shuffled");
        var cursors = scored.GetRowCursorSet(scored.Schema, 4, new Random(5));
        Assert.HasCount(1, cursors);
        Check(expected, Answers(scored.Schema, cursors[0]), "a set");
        // A second cursor begins anew, and so do rows that are cached and shuffled after they were scored.
        Check(expected, Answers(_ml.Data.Cache(scored)), "cached");
        foreach (var batchSize in new[] { 1, 3, 64 })
        {
            model.Scoring = new() { BatchSize = batchSize };
            Check(expected, Answers(model.Transform(data)), $"{batchSize} rows a run");
        }
    });

    [TestMethod]
    public void Many_series_share_runs() => SmallGraphs.With(SmallGraphs.Counter("N"), path =>
    {
        Frame[] rows = [.. Enumerable.Range(0, 640).Select(i => new Frame { Line = $"{i % 64}", Numbers = [1, 2, 3] })];
        var data = Load(rows, 3);
        using var model = Fit(path, data, ["Line"]);
        Check(Counted(rows), Answers(model.Transform(data)), "rows");
        NumberAssert.IsLessThanOrEqualTo(40, model.Runs);
    });

    [TestMethod]
    public void Series_of_several_columns_and_of_none() => SmallGraphs.With(SmallGraphs.Counter("N"), path =>
    {
        var rows = Rows(30);
        for (var i = 0; i < rows.Length; i++) rows[i].Day = i % 2;
        var data = Load(rows, 3);
        using var both = Fit(path, data, ["Line", "Day"]);
        Check(Counted(rows, row => $"{row.Line} {row.Day}"), Answers(both.Transform(data)), "two columns");
        using var one = Fit(path, data, []);
        Check(Counted(rows, _ => ""), Answers(one.Transform(data)), "one series");
    });

    [TestMethod]
    public void A_row_with_NaN_has_no_answer_and_changes_no_state() => SmallGraphs.With(SmallGraphs.Counter("N"), path =>
    {
        Frame[] rows = [Frame("a", float.NaN), Frame("a", 1), Frame("b", 1), Frame("a", float.PositiveInfinity), Frame("a", 1), Frame("b", float.NaN),
            Frame("b", 1)];
        var data = Load(rows, 3);
        using var model = Fit(path, data, ["Line"]);
        var answers = Answers(model.Transform(data));
        float[] none = [float.NaN, float.NaN, float.NaN, float.NaN];
        Check([none, [1, 1, 1, 1], [1, 1, 1, 1], none, [2, 2, 2, 2], none, [2, 2, 2, 2]], answers, "answers");

        static Frame Frame(string line, float value) => new() { Line = line, Numbers = [value, value, value] };
    });

    [TestMethod]
    public void Lengths_that_vary_are_not_mixed() => SmallGraphs.With(SmallGraphs.Free(), path =>
    {
        var random = new Random(2);
        Frame[] rows = [.. Enumerable.Range(0, 60).Select(i => new Frame { Line = Lines[i % 3], Numbers = [.. Enumerable.Repeat(1f, 1 + random.Next(4))] })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.Transforms.ApplyRecurrentOnnx(new()
        {
            ModelFile = path, InputColumnNames = ["Numbers"], OutputColumnNames = ["Answer"],
            SeriesColumnNames = ["Line"]
        }).Fit(data);
        var sums = new Dictionary<string, float>();
        var expected = Array.ConvertAll(rows, row => new[] { sums[row.Line] = sums.GetValueOrDefault(row.Line) + row.Numbers.Length });
        Check(expected, Answers(model.Transform(data)), "rows");
    });

    [TestMethod]
    public void A_column_without_a_batch_axis_cuts_the_runs() => SmallGraphs.With(SmallGraphs.Gain(), path =>
    {
        var random = new Random(4);
        Gained[] rows = [.. Enumerable.Range(0, 80).Select(i => new Gained { Line = Lines[i % 3], X = 1, Gain = random.Next(3) })];
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.Transforms.ApplyRecurrentOnnx(new()
        {
            ModelFile = path, InputColumnNames = ["X", "Gain"], OutputColumnNames = ["Answer"],
            SeriesColumnNames = ["Line"]
        }).Fit(data);
        var sums = new Dictionary<string, float>();
        Check(Array.ConvertAll(rows, row => new[] { sums[row.Line] = sums.GetValueOrDefault(row.Line) + row.Gain }), Answers(model.Transform(data)), "rows");
    });

    [TestMethod]
    public void The_schema_before_Fit_is_that_after_it() => SmallGraphs.With(SmallGraphs.Counter("N"), path =>
    {
        // Without names, the columns are those of the graph that are no states.
        var data = _ml.Transforms.CopyColumns("x", "Numbers").Fit(Load(Rows(3), 3)).Transform(Load(Rows(3), 3));
        var estimator = _ml.Transforms.ApplyRecurrentOnnx(new RecurrentOnnxOptions { ModelFile = path, SeriesColumnNames = ["Line"] });
        var before = estimator.GetOutputSchema(new SchemaShape([])).Select(column => column.Name).ToArray();
        using var model = estimator.Fit(data);
        CollectionAssert.AreEqual(before,
            model.GetOutputSchema(data.Schema).Select(column => column.Name).Except(data.Schema.Select(column => column.Name)).ToArray());
        CollectionAssert.AreEqual(new[] { "y" }, before);
        StringAssert.Contains(model.Model.Summary(), "Carries states along each series: total [6], steps [1].");
    });

    [TestMethod]
    public void A_state_that_nothing_feeds_is_named_with_what_to_do() => SmallGraphs.With(SmallGraphs.Counter("N"), path =>
    {
        var data = Load(Rows(3), 3);
        var error = Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.ApplyRecurrentOnnx(["y"], ["Numbers"], path).Fit(data));
        foreach (var part in new[] { "'total'", "SeriesColumnNames", "CreateSequenceStream" }) StringAssert.Contains(error.Message, part);
    });

    [TestMethod]
    public void What_cannot_be_carried_is_refused_with_what_to_do() => SmallGraphs.With(SmallGraphs.Counter("N"), path =>
    {
        var data = Load(Rows(3), 3);
        // No prediction engine: it sees one row.
        using var model = Fit(path, data, ["Line"]);
        var error = Assert.Throws<Exception>(() => _ml.Model.CreatePredictionEngine<Frame, Answered>(model));
        StringAssert.Contains(error.Message, "SequenceStream");
        // No such column, or one that tells no series.
        Says<ArgumentOutOfRangeException>(() => Fit(path, data, ["Lane"]), "series column 'Lane'", "'Line'");
        Says<ArgumentOutOfRangeException>(() => Fit(path, data, ["Numbers"]), "series column 'Numbers'");
        Says<ArgumentException>(() => Fit(path, data, ["Line", "Line"]), "named twice");
        SmallGraphs.With(SmallGraphs.Stateless(), stateless => Says<ArgumentException>(() => Fit(stateless, data, ["Line"]), "carries no states"));
        // A schema without the column, after the model was fitted.
        Says<ArgumentOutOfRangeException>(() => model.Transform(_ml.Transforms.DropColumns("Line").Fit(data).Transform(data)), "series column 'Line'");

        void Says<T>(Action action, params string[] parts) where T : Exception
        {
            var error = Assert.ThrowsExactly<T>(action);
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        }
    });

    private RecurrentOnnxTransformer Fit(string path, IDataView data, string[] series) => _ml.Transforms.ApplyRecurrentOnnx(new()
    {
        ModelFile = path,
        InputColumnNames = ["Numbers"],
        OutputColumnNames = ["Answer"],
        SeriesColumnNames = series,
        Scoring = new() { BatchSize = 16 },
    }).Fit(data);

    private static Frame[] Rows(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => new Frame { Line = Lines[random.Next(3)], Numbers = [1, 2, 3] })];
    }

    private static float[][] Counted(Frame[] rows, Func<Frame, string>? series = null)
    {
        var counts = new Dictionary<string, int>();
        return Array.ConvertAll(rows, row =>
        {
            var name = series is null ? row.Line : series(row);
            var count = counts[name] = counts.GetValueOrDefault(name) + 1;
            return new float[] { count, 2 * count, 3 * count, count };
        });
    }

    private IDataView Load(Frame[] rows, int numbers)
    {
        var schema = SchemaDefinition.Create(typeof(Frame));
        schema[nameof(Frame.Numbers)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, numbers);
        return _ml.Data.LoadFromEnumerable(rows, schema);
    }

    private static float[][] Answers(IDataView scored) => Answers(scored.Schema, scored.GetRowCursor(scored.Schema));

    // An output of one number is a Single.
    private static float[][] Answers(DataViewSchema schema, DataViewRowCursor cursor)
    {
        using (cursor)
        {
            List<float[]> answers = [];
            if (schema["Answer"].Type is VectorDataViewType)
            {
                var vector = cursor.GetGetter<VBuffer<float>>(schema["Answer"]);
                VBuffer<float> value = default;
                while (cursor.MoveNext())
                {
                    vector(ref value);
                    answers.Add([.. value.DenseValues()]);
                }
            }
            else
            {
                var single = cursor.GetGetter<float>(schema["Answer"]);
                float value = 0;
                while (cursor.MoveNext())
                {
                    single(ref value);
                    answers.Add([value]);
                }
            }
            return [.. answers];
        }
    }

    private static void Check(float[][] expected, float[][] actual, string what)
    {
        Assert.HasCount(expected.Length, actual);
        for (var row = 0; row < expected.Length; row++)
        {
            Assert.HasCount(expected[row].Length, actual[row]);
            for (var i = 0; i < expected[row].Length; i++) Assert.AreEqual(expected[row][i], actual[row][i], 1e-6f, $"{what}, row {row}, number {i}");
        }
    }

    private sealed class Frame
    {
        public string Line { get; set; } = "";

        public int Day { get; set; }

        public float[] Numbers { get; set; } = [];
    }

    private sealed class Gained
    {
        public string Line { get; set; } = "";

        public float X { get; set; }

        public float Gain { get; set; }
    }

    private sealed class Answered
    {
        public float[]? Answer { get; set; }
    }
}
