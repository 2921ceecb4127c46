using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Forecasters that carry their states along the series: all ways to an answer give the same one.</summary>
[TestClass]
public sealed partial class CarriedStateTests
{
    private const int Window = 12, Horizon = 3, Length = 150;

    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Carried());

    private sealed class Row
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float Value { get; set; }
        [VectorType(2)]
        public float[] Pair => [Value, Value * Value / 10];
        public float Past { get; set; }
        public string Weather { get; set; } = "";
        public float Price { get; set; }
        public string Promotion { get; set; } = "";
        public float Size { get; set; }
        public string Kind { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
        public float[] Deviation { get; set; } = [];

        public float[] All => [.. Forecast, .. Lower, .. Upper, .. Deviation];
    }

    /// <summary>What a model of the tests has.</summary>
    public sealed record Form(string Name, float Missing = 0, bool Covariates = false, bool Gaps = false, LikelihoodName Likelihood = LikelihoodName.Point,
        RecurrentCell Cell = RecurrentCell.Lstm, int Layers = 1, bool OfSeries = false, bool Running = false, int? MinimumHistory = null,
        SequenceNetwork? Custom = null, bool Pair = false, bool Regresses = false)
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    private static readonly Form[] AllForms =
    [
        new("plain"), new("two layers of GRU", Cell: RecurrentCell.Gru, Layers: 2), new("simple RNN", Cell: RecurrentCell.SimpleRnn),
        new("covariates", Covariates: true), new("masks", Missing: 0.2f, Covariates: true), new("gaps", Missing: 0.1f, Gaps: true),
        new("regression", Covariates: true, Regresses: true), new("regression with masks", Missing: 0.2f, Covariates: true, Regresses: true),
        new("short histories", Missing: 0.1f, MinimumHistory: 4), new("statistics of series", OfSeries: true), new("running scale", Running: true),
        new("running scale with masks", Missing: 0.2f, Running: true), new("quantiles", Likelihood: LikelihoodName.Quantiles),
        new("Gaussian", Likelihood: LikelihoodName.Gaussian), new("Student-t", Likelihood: LikelihoodName.StudentT),
        new("counts", Likelihood: LikelihoodName.NegativeBinomial), new("two targets", Pair: true),
        new("projection", Custom: SequenceNetwork.Create().Lstm(8, new() { Projection = 4 }).Lstm(6, new() { Residual = false })),
        new("loops", Custom: SequenceNetwork.Create().Lstm(6, new() { LayerNormalization = true }).Dense(5).LayerNorm().Gru(4, new() { ZoneoutHidden = 0.1f })),
    ];

    public static IEnumerable<object[]> Forms => AllForms.Select(form => new object[] { form });

    private static Options Carried(Form? form = null)
    {
        form ??= AllForms[0];
        var options = new Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = form.Pair ? nameof(Row.Pair) : nameof(Row.Value), TimeColumnName = nameof(Row.Time), SeriesColumnNames = [nameof(Row.Series)],
                WindowSize = Window,
                PastCovariateColumnNames = form.Covariates ? [nameof(Row.Past), nameof(Row.Weather)] : [],
                FutureCovariateColumnNames = form.Covariates ? [nameof(Row.Price), nameof(Row.Promotion)] : [],
                StaticColumnNames = form.Covariates ? [nameof(Row.Kind), nameof(Row.Size)] : [],
                CalendarFeatures = form.Covariates ? CalendarFeatures.HourOfDay : CalendarFeatures.None, Features = { Lags = form.Covariates ? [6] : [] },
            },
            Horizon = Horizon,
            Network = form.Custom is null ? new() { HiddenSize = 8, Cell = form.Cell, NumberOfLayers = form.Layers } : new() { Custom = form.Custom },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Decoding = { Stateful = true, ShrinkTowardNaive = form.Covariates && !form.Regresses },
            Likelihood = form.Likelihood.ToOption(),
            MissingValues = { FillTimeGaps = form.Gaps, MinimumHistory = form.MinimumHistory },
            Output =
            {
                ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.8f,
                StandardDeviationColumnName = form.Likelihood is LikelihoodName.Gaussian or LikelihoodName.StudentT ? "Deviation" : null,
            },
            Seed = 2,
        };
        if (form.OfSeries) (options.Normalization.Scope, options.Normalization.Window) = (NormalizationScope.Series, WindowNormalization.Standard);
        return options;
    }

    // Two series side by side, of different length.
    private static Row[] Rows(Form? form = null, int length = Length)
    {
        form ??= AllForms[0];
        var random = new Random(4);
        return [.. from t in Enumerable.Range(0, length)
                   from series in (string[])["a", "b"]
                   where series == "a" || t >= 20
                   let level = series == "a" ? 8f : form.Running ? 2000f : 12f
                   let noise = random.NextSingle()
                   let row = new Row
                   {
                       Series = series, Kind = series, Size = series == "a" ? 1 : 2, Time = new DateTime(2026, 1, 1).AddHours(t),
                       Past = random.NextSingle(), Weather = t % 5 == 0 ? "rain" : "sun", Price = 1 + random.NextSingle(),
                       Promotion = t % 3 == 0 ? "yes" : "no",
                       Value = random.NextSingle() < form.Missing ? float.NaN : MathF.Round(level * (1 + 0.4f * MathF.Sin(t * MathF.Tau / 6) + 0.2f * noise),
                           form.Likelihood is LikelihoodName.NegativeBinomial ? 0 : 3),
                   }
                   where !form.Gaps || t % 37 is < 30 or > 33
                   select row];
    }

    private static RecurrentForecastingTransformer Fit(Form form) => Forecaster.Fit(Rows(form), Carried(form));

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Transform_gives_what_training_saw(Form form)
    {
        var (rows, options) = (Rows(form), Carried(form));
        var model = Fit(form);
        Assert.AreEqual((true, form.Running), (model.Model.Manifest.CarriesState, model.Model.Description.RunningScale));
        var answers = Forecaster.Forecast(model, rows);
        // The network reads the series in stretches of half a window, as in training.
        var data = ForecastData.FromSeries(options, Forecaster.Load(rows), null);
        using var network = model.Model.ToNetwork();
        data.Normalizer?.CopyTo(network);
        var head = ForecastHead.Create(options.Likelihood.Create(options.Output), default, options.Output.QuantileLevels(),
            options.Output.StandardDeviationColumnName is not null, ForecastHeadOptions.Create(model.Model.Manifest.Forecast!), network);
        foreach (var parameter in head.Parameters) model.Model.HeadParameter(parameter.Name).CopyTo(parameter.Value.Span);
        var places = Places(rows, form);
        foreach (var set in new[] { data.Sample, data.ValidationSample!.Value })
        {
            var (windows, done) = (data.Carried!(set).Encode(network, set), 0);
            foreach (var (tape, batch) in windows.Batches(16).ForInference())
            {
                var expected = head.Predict(tape, network.Forward(tape, batch));
                for (var row = 0; row < batch.Rows; row++, done++)
                {
                    var place = places[((SeriesWindowExamples)set.Source).RowOf(set.Examples[done])];
                    if (place < 0) continue;
                    Close(expected[0].Span.Slice(row * head.Steps, head.Steps), answers[place].Forecast, $"forecast of row {place}");
                    Close(expected[1].Span.Slice(row * head.Steps, head.Steps), answers[place].Lower, $"lower bound of row {place}");
                }
            }
            Assert.AreEqual(set.Count, done);
        }
    }

    // The row of each row of the table, which is series by series; -1 for a step of a gap.
    private static int[] Places(Row[] rows, Form form)
    {
        var all = new List<int>();
        foreach (var series in rows.Select(row => row.Series).Distinct())
        {
            int[] own = [.. Enumerable.Range(0, rows.Length).Where(i => rows[i].Series == series)];
            if (!form.Gaps) all.AddRange(own);
            else for (var time = rows[own[0]].Time; time <= rows[own[^1]].Time; time = time.AddHours(1))
                all.Add(Array.FindIndex(rows, row => row.Series == series && row.Time == time));
        }
        return [.. all];
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Batches_threads_and_columns_change_no_answer(Form form)
    {
        var rows = Rows(form);
        var model = Fit(form);
        var whole = Forecaster.Forecast(model, rows);
        foreach (var (size, threads) in new[] { (1, 1), (7, 2), (64, 2) })
        {
            model.Scoring = model.Scoring with { BatchSize = size, NumberOfThreads = threads };
            Same(whole, Forecaster.Forecast(model, rows));
        }
        var view = model.Transform(Forecaster.Load(rows));
        var forecasts = view.GetColumn<float[]>(nameof(Answer.Forecast)).ToArray();
        for (var row = 0; row < rows.Length; row++) Close(whole[row].Forecast, forecasts[row], $"row {row}");
        // Each cursor reads all series by itself.
        using var first = view.GetRowCursor([view.Schema[nameof(Answer.Forecast)]]);
        var (cursors, answer) = (view.GetRowCursorSet([view.Schema[nameof(Answer.Forecast)]], 2), default(VBuffer<float>));
        foreach (var cursor in cursors)
        {
            var read = cursor.GetGetter<VBuffer<float>>(cursor.Schema[nameof(Answer.Forecast)]);
            for (; cursor.MoveNext(); Close(whole[(int)cursor.Position].Forecast, answer.DenseValues().ToArray(), $"row {cursor.Position}")) read(ref answer);
            cursor.Dispose();
        }
        // A series alone, and series one after the other.
        foreach (var order in new[] { rows.Where(row => row.Series == "b"), rows.OrderBy(row => row.Series) })
        {
            var answers = Forecaster.Forecast(model, order);
            foreach (var (row, i) in order.Select((row, i) => (row, i))) Close(whole[Array.IndexOf(rows, row)].All, answers[i].All, $"{row.Series} {row.Time}");
        }
        Same(whole, Forecaster.Forecast(Forecaster.Reload(model, rows), rows));
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void An_engine_answers_as_Transform(Form form)
    {
        var rows = Rows(form);
        var model = Fit(form);
        var answers = Forecaster.Forecast(model, rows);
        var engine = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        var file = Path.GetTempFileName();
        try
        {
            engine.Observe(Forecaster.Load(rows[..40]));
            for (var i = 40; i < rows.Length - 2 * Horizon; i++)
            {
                engine.Observe(rows[i]);
                if (i == 100)
                {
                    engine.CheckPoint(Forecaster.Context, file);
                    engine.Dispose();
                    engine = Forecaster.Context.Model.Load(file, out _).CreateForecastEngine(Forecaster.Context);
                }
                if (i % 3 > 0 || answers[i].Forecast.Any(float.IsNaN)) continue;
                Check(engine, answers[i], rows, i, form);
            }
            engine.Reset();
            engine.Observe(Forecaster.Load(rows[..120]));
            Check(engine, answers[119], rows, 119, form);
            var all = form.Covariates ? engine.PredictAll(Forecaster.Load(rows[120..])) : engine.PredictAll();
            Close([.. answers[118].Forecast.Where((_, i) => !form.Pair || i % 2 == 0)],
                [.. all[rows[118].Series].Targets[0].Values.Select(value => (float)value)], "of the other series");
        }
        finally
        {
            engine.Dispose();
            File.Delete(file);
        }
    }

    private static void Check(RecurrentForecastEngine engine, Answer expected, Row[] rows, int at, Form form)
    {
        var name = rows[at].Series;
        var forecast = form.Covariates ? engine.Predict(Forecaster.Load(rows[(at + 1)..]), name) : engine.Predict(name);
        var targets = forecast.Targets.Length;
        for (var target = 0; target < targets; target++)
        {
            Close(OfTarget(expected.Forecast), Singles(forecast.Targets[target].Values), $"row {at}");
            Close(OfTarget(expected.Lower), Singles(forecast.Targets[target].LowerBounds), $"lower bound of row {at}");

            float[] OfTarget(float[] steps) => [.. steps.Where((_, i) => i % targets == target)];
        }

        static float[] Singles(IEnumerable<double> values) => [.. values.Select(value => (float)value)];
    }

    private static void Same(Answer[] expected, Answer[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (var row = 0; row < expected.Length; row++) Close(expected[row].All, actual[row].All, $"row {row}");
    }

    private static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.AreEqual(expected.Length, actual.Length, what);
        for (var i = 0; i < expected.Length; i++)
        {
            if (float.IsNaN(expected[i]) && float.IsNaN(actual[i])) continue;
            Assert.IsTrue(float.IsFinite(actual[i]), what);
            NumberAssert.IsLessThanOrEqualTo(1e-5f * Math.Max(1, Math.Abs(expected[i])), Math.Abs(expected[i] - actual[i]), what);
        }
    }
}
